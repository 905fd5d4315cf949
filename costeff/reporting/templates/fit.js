"use strict";
// Fits a figure to its place. What a legend or a title takes does not come from the plot, and texts do not touch.

// A figure as it is drawn first: on a phone with smaller text, names in lines, and a legend over the whole width.
function prepared(figure, narrow) {
  if (!narrow) return figure;
  const data = figure.data.map(function (trace) {
    const small = trace.textposition === "auto" ? { textfont: { size: 9 } } : {}; // beside a short bar
    return Object.assign({}, trace, small, trace.name ? { name: fold(trace.name, 30) } : {});
  });
  const layout = Object.assign({}, figure.layout);
  layout.dragmode = false; // a finger must be able to scroll past a figure
  layout.font = Object.assign({}, layout.font, { size: 12 });
  const below = layout.legend && layout.legend.yref === "container";
  // one entry a line: columns that hardly fit come and go with the margins, and plotly ends in a warning
  // in pixels: a fraction is one of the plot's width, and a legend cuts off what is wider than itself
  const width = { entrywidth: Math.max(window.innerWidth - 95, 120), entrywidthmode: "pixels" };
  const place = below ? {} : Object.assign({ y: 1, yref: "container", yanchor: "top" }, width);
  layout.legend = Object.assign({}, layout.legend, { x: 0, xref: "container", xanchor: "left" }, place);
  layout.margin = Object.assign({}, layout.margin, { r: 26 });
  if (layout.annotations) layout.annotations = layout.annotations.map(function (note) {
    return note.name === "cell" ? Object.assign({}, note, { font: Object.assign({}, note.font, { size: 10 }) }) : note;
  });
  // room for the legend from the start: plotly warns when margins grow too often
  const entries = data.filter(function (trace) { return trace.name && trace.showlegend !== false; });
  if (layout.showlegend !== false) layout.height += 18 * entries.length;
  Object.keys(layout).forEach(function (key) {
    if (/^[xy]axis/.test(key)) layout[key] = Object.assign({}, layout[key]);
    if (/^yaxis/.test(key)) rowsInLines(figure, layout[key]);
    // a last tick that comes and goes with the margin it asks for would never come to rest
    if (/^[xy]axis/.test(key)) layout[key].automargin = key[0] === "x" ? "height" : "width";
  });
  return { data: data, layout: layout };
}

// Names of rows in short lines: they take the width that the bars need.
function rowsInLines(figure, axis) {
  let rows = axis.ticktext;
  if (!rows) {
    rows = [];
    figure.data.forEach(function (trace) {
      if (trace.orientation === "h" || axis.type === "category") rows = rows.concat(Array.from(trace.y || []));
    });
    rows = Array.from(new Set(rows)).filter(function (row) { return typeof row === "string"; });
    if (!rows.length) return;
    axis.tickmode = "array";
    axis.tickvals = rows;
  }
  axis.ticktext = rows.map(function (row) {
    // a line that goes on in small letters is part of the name above it; another, such as a share, stands by itself
    return row.replace(/<br>(?=\p{Ll})/gu, " ").split("<br>").map(function (line) { return fold(line, 19); }).join("<br>");
  });
  axis.tickfont = Object.assign({}, axis.tickfont, { size: 10 });
}

// After the first drawing: corrects what is measured, a few times. `wanted` is the least height of the plot.
function fitted(plot, wanted, narrow) {
  let round = 0;
  function again() {
    const change = corrections(plot, wanted, narrow);
    round += 1;
    if (!Object.keys(change).length || round > 6) return notesApart(plot);
    if (change.height) plot.style.height = change.height + "px";
    return Plotly.relayout(plot, change).then(again);
  }
  const scales = plot._fullData.filter(function (one) { return one.colorbar && one.showscale; });
  return (narrow && scales.length ? scaleBelow(plot, scales, wanted) : Promise.resolve()).then(again);
}

// A colour bar beside the plot would halve its width. Drawn anew: an upright bar would stay beside a lying one.
function scaleBelow(plot, scales, wanted) {
  scales.forEach(function (one) {
    const title = { side: "bottom", text: fold(one.colorbar.title.text || "", 40) };
    Object.assign(plot.data[one.index].colorbar, { orientation: "h", thickness: 14, len: 1, nticks: 4, title: title,
      x: 0.5, y: 0, yanchor: "top", ypad: 62 });
  });
  plot.layout.height += 110;
  plot.style.height = plot.layout.height + "px";
  return Plotly.newPlot(plot, plot.data, plot.layout, plot._context);
}

function boxOf(element) { return element.getBoundingClientRect(); }

function meet(a, b, air) {
  return a.left < b.right + air && b.left < a.right + air && a.top < b.bottom + air && b.top < a.bottom + air;
}

function corrections(plot, wanted, narrow) {
  const full = plot._fullLayout, size = full._size, frame = boxOf(plot), change = {};
  let height = 0;
  const tall = Math.max(wanted, tallRows(plot, full, narrow));
  if (size.h < tall - 2) height = full.height + Math.ceil(tall - size.h);
  Object.keys(full).filter(function (key) { return /^[xy]axis/.test(key); }).forEach(function (key) {
    const axis = full[key], text = (axis.title && axis.title.text) || "", plain = text.replace(/<br>/g, " ");
    if (key[0] === "x") {
      const centre = size.l + axis._offset - size.l + axis._length / 2;
      const room = 2 * Math.min(centre, frame.width - centre);
      const lines = fold(plain, Math.max(Math.floor(room / 7.4), 12));
      if (text && text !== lines && tooWide(text, room)) change[key + ".title.text"] = lines;
      if (tooClose(plot, axis)) fewerTicks(axis, change, key);
    } else if (text && tooWide(text, axis._length + 20)) {
      const lines = fold(plain, Math.max(Math.floor(axis._length / 7), 14));
      if (lines !== text) change[key + ".title.text"] = lines;
    }
  });
  if (height) change.height = height;
  return change;
}

function tooWide(text, room) {
  return Math.max.apply(null, text.split("<br>").map(function (line) { return line.length; })) * 7 > room;
}

// Rows of names need the height of their lines.
function tallRows(plot, full, narrow) {
  const axis = full.yaxis;
  const rows = axis && (axis.ticktext && axis.ticktext.length ? axis.ticktext : axis.type === "category" && axis._categories);
  if (!rows || !rows.length) return 0;
  const most = Math.max.apply(null, rows.map(function (text) { return String(text).split("<br>").length; }));
  return rows.length * (most * (narrow ? 13 : 16) + (narrow ? 8 : 4));
}

function tooClose(plot, axis) {
  const place = axis._id.slice(1), layer = plot.querySelector(".xy" + (place ? place + ", .x" + place + "y" + place : ""));
  const boxes = Array.from(plot.querySelectorAll("." + axis._id + "tick text")).map(boxOf)
    .filter(function (box) { return box.width > 0; });
  return layer !== null && boxes.some(function (a, i) {
    return boxes.slice(i + 1).some(function (b) { return meet(a, b, axis.tickangle ? -3 : 3); });
  });
}

function fewerTicks(axis, change, key) {
  const count = axis._vals ? axis._vals.length : 9;
  if (axis.type === "category" || axis.tickmode === "array") {
    if (axis.tickangle !== -90) change[key + ".tickangle"] = axis.tickangle === -40 ? -90 : -40;
  } else if (count > 2 && axis.nticks !== 2) {
    change[key + ".nticks"] = Math.max(Math.min(axis.nticks || 9, count) - 1, 2);
  } else if (axis.tickangle !== -40) {
    change[key + ".tickangle"] = -40;
  }
}

// Names beside points and in corners: moved inside the picture, or left out where they meet another text or a mark.
function notesApart(plot) {
  const frame = boxOf(plot), inside = {}, hidden = {}, kept = [];
  const all = plot._fullLayout.annotations || [];
  const free = function (note) { return note.name === "beside" || note.name === "corner"; };
  if (!all.some(free)) return Promise.resolve();
  const each = function (use) {
    plot.querySelectorAll(".annotation").forEach(function (element) {
      const at = Number(element.dataset.index), text = element.querySelector(".annotation-text-g");
      if (text && all[at] && free(all[at])) use(boxOf(text), "annotations[" + at + "].", all[at]);
    });
  };
  const marks = Array.from(plot.querySelectorAll(".scatterlayer .points path")).map(boxOf).filter(function (box) {
    return box.width >= 8;
  });
  each(function (box, note, own) {
    if (own.name === "beside" && box.right > frame.right) {
      Object.assign(inside, { [note + "xanchor"]: "right", [note + "xshift"]: 8, [note + "yanchor"]: "bottom",
        [note + "yshift"]: 8 });
    } else if (own.name === "beside" && box.left < frame.left + plot._fullLayout._size.l) {
      Object.assign(inside, { [note + "xanchor"]: "left", [note + "xshift"]: -8 });
    }
  });
  return Plotly.relayout(plot, inside).then(function () {
    each(function (box, note) {
      const clear = box.left >= frame.left && box.right <= frame.right
        && !kept.some(function (other) { return meet(box, other, 0); })
        && !marks.some(function (mark) { return meet(box, mark, -3); });
      if (clear) kept.push(box); else hidden[note + "visible"] = false;
    });
    return Plotly.relayout(plot, hidden);
  });
}
