// Calls `then` once plotly.js is there: at once where the page holds it as it is, after unpacking where it holds it packed.
// A browser that cannot unpack (before 2023) draws nothing, and says so in each figure's place.
function unpacked(then) {
  const packed = document.getElementById("plotly-packed");
  if (!packed || window.Plotly) return then();
  if (!window.DecompressionStream) return then();
  const letters = atob(packed.textContent);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  new Response(stream).text().then(function (code) {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
    then();
  }).catch(function (error) {
    console.error(error);
    then();
  });
}
// A figure with the arrays that it shares with others in their places.
function whole(value, arrays) {
  if (Array.isArray(value)) return value.map(function (one) { return whole(one, arrays); });
  if (value === null || typeof value !== "object") return value;
  if (value.shared !== undefined) return Object.assign({}, arrays[value.shared]);
  return Object.fromEntries(Object.entries(value).map(function (pair) { return [pair[0], whole(pair[1], arrays)]; }));
}
