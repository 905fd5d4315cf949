// A page whose server has ended, or was started anew with another token, says so: an answer typed now is not saved.
(function () {
  const ask = window.fetch;
  function tell(isGone) {
    const place = document.getElementById("gone");
    if (place) { place.hidden = !isGone; }
  }
  window.fetch = function () {
    return ask.apply(window, arguments).then(
      function (answer) { tell(answer.status === 403); return answer; },
      function (error) { tell(true); throw error; });
  };
}());
