// On a phone: fewer ticks, folded titles and names, no toolbar over the legend, and a finger scrolls past it.
(function () {
  if (!window.matchMedia("(max-width: 700px)").matches) return;
  const plot = document.getElementById("{plot_id}"), room = plot._fullLayout._size.w;
  const change = { "font.size": 12, dragmode: false }, axis = plot._fullLayout.xaxis;
  change["xaxis.title.text"] = fold(axis.title.text || "", 26);
  change["yaxis.title.text"] = fold(plot._fullLayout.yaxis.title.text || "", plot._fullLayout._size.h / 7);
  if (plot._fullLayout.yaxis.type === "category") change["yaxis.tickfont.size"] = 10;
  // what the title and the legend take more must not come from the rows
  const entries = plot.data.filter(function (one) { return plot._fullLayout.showlegend && one.showlegend !== false; });
  change.height = plot._fullLayout.height + 18 * (change["xaxis.title.text"].split("<br>").length + entries.length);
  const ticks = axis.type === "category" ? axis._categories : axis._vals.map(function (tick) { return tick.text; });
  const longest = 7 * Math.max.apply(null, ticks.map(function (text) { return String(text || "").length; }));
  if (axis.type !== "category") change["xaxis.nticks"] = Math.min(Math.max(Math.floor(room / (longest + 4)), 2), 5);
  else if (longest > room / ticks.length) change["xaxis.tickangle"] = -40;
  const notes = plot._fullLayout.annotations || [];
  const named = notes.some(function (note) { return note.name === "beside"; });
  if (named) change.height *= 1.5;
  else notes.forEach(function (_, i) { change["annotations[" + i + "].font.size"] = 10; });
  const names = plot.data.map(function (trace) { return fold(trace.name || "", 34) || null; });
  const scaled = plot._fullData.filter(function (one) { return one.colorbar && one.showscale; });
  if (scaled.length) change.height += 110;
  const modebar = plot.querySelector(".modebar-container");
  if (modebar) modebar.style.display = "none";
  plot.style.height = change.height + "px";
  Plotly.update(plot, { name: names }, change).then(function () {
    if (scaled.length) lay_down();
    if (named) part_names();
  });
  // A colour bar beside the plot would halve its width. Drawn anew: an upright bar would stay beside a lying one.
  function lay_down() {
    scaled.forEach(function (one) {
      const title = { side: "bottom", text: fold(one.colorbar.title.text || "", 40) };
      Object.assign(plot.data[one.index].colorbar, { orientation: "h", thickness: 14, len: 1, nticks: 4, title: title,
        x: 0.5, y: 0, yanchor: "top", ypad: 62 });
    });
    Plotly.newPlot(plot, plot.data, plot.layout, { displayModeBar: false, responsive: true });
  }
  // Names beside points, the largest first: inside the picture, or left to the finger where they meet another.
  function part_names() {
    const frame = plot.getBoundingClientRect(), inside = {}, hidden = {}, kept = [];
    const boxes = function (use) {
      plot.querySelectorAll(".annotation-text-g").forEach(function (text, i) {
        use(text.getBoundingClientRect(), "annotations[" + i + "].");
      });
    };
    boxes(function (box, note) {
      if (box.right > frame.right) Object.assign(inside, { [note + "xanchor"]: "right", [note + "xshift"]: 8,
        [note + "yanchor"]: "bottom", [note + "yshift"]: 8 });
    });
    Plotly.relayout(plot, inside).then(function () {
      boxes(function (box, note) {
        const clear = box.left >= frame.left && box.right <= frame.right && kept.every(function (other) {
          return box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top;
        });
        if (clear) kept.push(box); else hidden[note + "visible"] = false;
      });
      Plotly.relayout(plot, hidden);
    });
  }
})();
