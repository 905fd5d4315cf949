// Says above a table that is wider than its place that it can be scrolled; said again when the window changes.
(function () {
  "use strict";
  const words = document.querySelector("main").dataset.scrollHint;
  function mark(box) {
    const cut = box.scrollWidth > box.clientWidth + 1;
    const before = box.previousElementSibling;
    const hint = before && before.classList.contains("hint") ? before : null;
    if (cut && !hint) {
      const text = document.createElement("p");
      text.className = "note hint";
      text.textContent = words;
      box.before(text);
    } else if (!cut && hint) {
      hint.remove();
    }
  }
  function markAll() {
    document.querySelectorAll(".scroll").forEach(mark);
  }
  window.addEventListener("resize", markAll);
  document.addEventListener("toggle", markAll, true);
  markAll();
})();
