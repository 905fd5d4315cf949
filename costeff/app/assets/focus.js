// A page that is drawn anew keeps the place of the keyboard: the element of the same id has the focus again.
(function () {
  let last = "";
  document.addEventListener("focusin", function (event) { if (event.target.id) { last = event.target.id; } });
  new MutationObserver(function () {
    const lost = document.activeElement === document.body || document.activeElement === null;
    const again = lost && last ? document.getElementById(last) : null;
    if (again) { again.focus({ preventScroll: true }); }
  }).observe(document.documentElement, { childList: true, subtree: true });
}());
