"use strict";
// Text in lines of about `width` characters, broken between words.
function fold(text, width) {
  const lines = [""];
  text.replace(/<br>/g, " ").split(" ").forEach(function (word) {
    const last = lines.length - 1;
    if (lines[last] && lines[last].length + word.length >= width) lines.push(word);
    else lines[last] += (lines[last] ? " " : "") + word;
  });
  return lines.join("<br>");
}
