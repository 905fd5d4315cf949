// The control that takes a file has no label of its own: it is named by the element around it.
(function () {
  new MutationObserver(function () {
    document.querySelectorAll("[data-label] input[type=file]:not([aria-label])").forEach(function (input) {
      input.setAttribute("aria-label", input.closest("[data-label]").dataset.label);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
}());
