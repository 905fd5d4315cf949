// Draws each figure when it is first visible, and shows the panel that a reader chooses. Nothing is fetched.
(function () {
  const given = JSON.parse(document.getElementById("figures").textContent);
  const words = given.words;
  const decimal = words.language === "da" ? "," : ".";
  const thousands = words.language === "da" ? "." : ",";
  Plotly.register({
    moduleType: "locale",
    name: "report",
    dictionary: { "Download plot as a PNG": words.image, "Download plot": words.image, "Reset axes": words.reset },
    format: { decimal: decimal, thousands: thousands, grouping: [3], currency: ["", ""] },
  });
  const config = {
    responsive: true,
    displaylogo: false,
    locale: "report",
    modeBarButtons: [["toImage", "resetScale2d"]],
    scrollZoom: false,
  };
  const narrow = window.matchMedia("(max-width: 700px)").matches;

  function draw(root) {
    root.querySelectorAll(".plot:not([data-drawn])").forEach(function (plot) {
      if (plot.offsetParent === null) return;
      plot.dataset.drawn = "true";
      try {
        drawOne(plot, given.figures[plot.id]).catch(failed.bind(null, plot));
      } catch (error) {
        failed(plot, error);
      }
    });
  }

  function drawOne(plot, figure) {
    const layout = Object.assign({}, figure.layout);
    if (!narrow) return Plotly.newPlot(plot, figure.data, layout, config);
    layout.dragmode = false; // a finger must be able to scroll past a figure
    layout.font = Object.assign({}, layout.font, { size: 12 });
    fit(plot, figure, layout);
    return Plotly.newPlot(plot, figure.data, layout, Object.assign({}, config, { displayModeBar: false }));
  }

  // One figure that fails must not take the others with it, nor fail unseen.
  function failed(plot, error) {
    delete plot.dataset.drawn;
    plot.classList.remove("plot");
    plot.textContent = words.failed;
    console.error(plot.id, error);
  }

  // A phone's plotting area is about 200 pixels wide: fewer ticks, folded titles, and room for a tall legend.
  function fit(plot, figure, layout) {
    Object.keys(layout).forEach(function (key) {
      if (!/^xaxis/.test(key)) return;
      const title = layout[key].title || {};
      layout[key] = Object.assign({}, layout[key], { title: Object.assign({}, title, { text: fold(title.text || "", 26) }) });
      if (layout[key].nticks) layout[key].nticks = 4;
    });
    if (layout.legend && layout.legend.yref === "container") {
      const entries = figure.data.filter(function (trace) {
        return trace.showlegend !== false;
      });
      layout.height += 18 * entries.length;
      plot.style.height = layout.height + "px";
    }
  }

  function drawn() {
    return Array.from(document.querySelectorAll(".plot[data-drawn]")).filter(function (plot) {
      return plot.offsetParent !== null;
    });
  }

  document.querySelectorAll("select[data-panels]").forEach(function (select) {
    const panels = document.querySelectorAll('[data-panel-of="' + select.dataset.panels + '"]');
    function show() {
      panels.forEach(function (panel, i) {
        panel.hidden = i !== Number(select.value);
      });
      draw(document);
      drawn().forEach(function (plot) {
        Plotly.Plots.resize(plot);
      });
    }
    select.addEventListener("change", show);
    show(); // a browser may remember a choice
  });
  document.querySelectorAll("details").forEach(function (details) {
    details.addEventListener("toggle", function () {
      draw(details);
    });
  });
  window.addEventListener("beforeprint", function () {
    drawn().forEach(function (plot) {
      Plotly.relayout(plot, { width: 680 });
    });
  });
  window.addEventListener("afterprint", function () {
    drawn().forEach(function (plot) {
      Plotly.relayout(plot, { width: null, autosize: true });
    });
  });
  if (narrow) {
    document.querySelectorAll("svg[data-narrow]").forEach(function (svg) {
      svg.setAttribute("viewBox", svg.dataset.narrow);
    });
  }
  draw(document);
})();
