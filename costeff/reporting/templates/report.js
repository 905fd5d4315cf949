// Draws each figure when it is first visible, and shows the panel that a reader chooses. Nothing is fetched.
// Opened with #print, for a browser that only prints, it draws each once, as wide as the paper and with nothing to touch.
unpacked(function () {
  if (!window.Plotly) return undrawn(); // a folder's page without its plotly.js says so itself
  const given = JSON.parse(document.getElementById("figures").textContent);
  const words = given.words;
  Plotly.register({
    moduleType: "locale",
    name: "report",
    dictionary: { "Download plot as a PNG": words.image, "Download plot": words.image, "Reset axes": words.reset },
    format: { decimal: words.decimal, thousands: words.thousands, grouping: [3], currency: ["", ""] },
  });
  const paper = 680; // pixels between the margins of A4
  const printing = window.location.hash === "#print";
  const config = printing ? { staticPlot: true, locale: "report" } : {
    responsive: true,
    displaylogo: false,
    locale: "report",
    modeBarButtons: [["toImage", "resetScale2d"]],
    scrollZoom: false,
  };
  const narrow = window.matchMedia("(max-width: 700px)").matches;

  function awaiting(root) {
    return Array.from(root.querySelectorAll(".plot:not([data-drawn])")).filter(function (plot) {
      return plot.offsetParent !== null;
    });
  }

  function draw(root) {
    awaiting(root).forEach(drawSafely);
  }

  // The browser shows the first figure while the others are not drawn yet.
  function drawInTurn() {
    const next = awaiting(document)[0];
    if (next === undefined) {
      document.documentElement.dataset.figures = "drawn";
      return;
    }
    drawSafely(next);
    setTimeout(drawInTurn, 0);
  }

  function drawSafely(plot) {
    plot.dataset.drawn = "true";
    try {
      drawOne(plot, whole(given.figures[plot.id], given.arrays || [])).catch(failed.bind(null, plot));
    } catch (error) {
      failed(plot, error);
    }
  }

  function drawOne(plot, figure) {
    const shown = prepared(figure, narrow);
    filled(plot, shown);
    plot.style.height = shown.layout.height + "px";
    const bare = narrow ? Object.assign({}, config, { displayModeBar: false }) : config;
    const size = printing ? { width: paper } : {};
    return Plotly.newPlot(plot, shown.data, Object.assign({}, shown.layout, size), bare).then(function () {
      return fitted(plot, Math.max(figure.layout.height - 120, 90), narrow);
    });
  }

  // A figure alone on its page is as high as the window allows beside its title and caption.
  function filled(plot, figure) {
    if (plot.dataset.fill !== "window" || narrow) return;
    const others = document.querySelector("main").offsetHeight - plot.offsetHeight + 32; // 32: the page's own edges
    const height = Math.max(figure.layout.height, Math.min(window.innerHeight - others, 900));
    figure.layout = Object.assign({}, figure.layout, { height: height });
  }

  // One figure that fails must not take the others with it, nor fail unseen.
  function failed(plot, error) {
    delete plot.dataset.drawn;
    plot.classList.remove("plot");
    plot.textContent = words.failed;
    console.error(plot.id, error);
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
    }
    select.addEventListener("change", function () {
      show();
      draw(document);
      drawn().forEach(function (plot) {
        Plotly.Plots.resize(plot);
      });
    });
    show(); // a browser may remember a choice
  });
  document.querySelectorAll("details").forEach(function (details) {
    details.addEventListener("toggle", function () {
      draw(details);
    });
  });
  function resized(event, size) {
    window.addEventListener(event, function () {
      drawn().forEach(function (plot) {
        Plotly.relayout(plot, size);
      });
    });
  }
  if (!printing) {
    resized("beforeprint", { width: paper });
    resized("afterprint", { width: null, autosize: true });
  }
  if (narrow) {
    document.querySelectorAll("svg[data-narrow]").forEach(function (svg) {
      svg.setAttribute("viewBox", svg.dataset.narrow);
    });
  }
  if (printing) draw(document);
  drawInTurn();

  function undrawn() {
    if (!document.getElementById("plotly-packed")) return;
    const failure = JSON.parse(document.getElementById("figures").textContent).words.failed;
    document.querySelectorAll(".plot").forEach(function (plot) {
      plot.classList.remove("plot");
      plot.textContent = failure;
    });
  }
});
