// On a phone: fewer ticks, folded titles and names, no toolbar over the legend, and a finger scrolls past it.
(function () {
  if (!window.matchMedia("(max-width: 700px)").matches) return;
  const plot = document.getElementById("{plot_id}"), room = plot._fullLayout._size.w;
  const change = { "font.size": 12, dragmode: false }, axis = plot._fullLayout.xaxis;
  change["xaxis.title.text"] = fold(axis.title.text || "", 26);
  // what the title and the legend take more must not come from the rows
  const entries = plot.data.filter(function (one) { return plot._fullLayout.showlegend && one.showlegend !== false; });
  change.height = plot._fullLayout.height + 18 * (change["xaxis.title.text"].split("<br>").length + entries.length);
  if (axis.type === "category") {
    const longest = Math.max.apply(null, axis._categories.map(function (text) { return String(text).length; }));
    if (longest * 7 > room / axis._categories.length) change["xaxis.tickangle"] = -40;
  } else change["xaxis.nticks"] = Math.min(Math.max(Math.floor(room / 65), 2), 5);
  const notes = plot._fullLayout.annotations || [];
  if (notes.length > 4 && /markers/.test(plot.data[0].mode)) change.height *= 1.5;
  else notes.forEach(function (_, i) { change["annotations[" + i + "].font.size"] = 10; });
  const names = plot.data.map(function (trace) { return fold(trace.name || "", 34) || null; });
  const modebar = plot.querySelector(".modebar-container");
  if (modebar) modebar.style.display = "none";
  plot.style.height = change.height + "px";
  Plotly.update(plot, { name: names }, change);
})();
