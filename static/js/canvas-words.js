/** The words of one canvas: a JSON island inside the element, written by the server. */

/** Put values into "%(name)s"; "%%" is a percent sign. */
export function fill(template, values = {}) {
  return template
    .replace(/%\((\w+)\)s/g, (found, name) => String(values[name] ?? found))
    .replaceAll("%%", "%");
}

/** A function (key, values) -> words of the canvas `host`. */
export function wordsOf(host) {
  const words = JSON.parse(host.querySelector("script[type='application/json']").textContent);
  return (key, values) => fill(words[key], values);
}
