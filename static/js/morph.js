/**
 * morph(here, wanted): changes the children of `here` into those of `wanted`, and touches only
 * what differs, so that focus, a chosen option, an open menu and the scroll position stay.
 *
 * Elements are known by their id, others by their place and tag. What a script or a person
 * changed and the server does not know of is left alone: the value of a field, an open menu, and
 * the words of a moment (`relative-time.js`).
 */

const KEPT = new Set(["open", "tabindex"]);

/** Whether `one` may become `other`: the same kind of node, with the same id. */
export function alike(one, other) {
  return (
    one.nodeType === other.nodeType &&
    one.nodeName === other.nodeName &&
    (one.id ?? "") === (other.id ?? "")
  );
}

function sameMoment(here, wanted) {
  return here.matches("time[data-relative]") && here.dateTime === wanted.dateTime;
}

function takeAttributes(here, wanted) {
  for (const { name } of [...here.attributes]) {
    if (!wanted.hasAttribute(name) && !KEPT.has(name)) here.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
}

function become(here, wanted) {
  if (here.nodeType !== Node.ELEMENT_NODE) {
    if (here.nodeValue !== wanted.nodeValue) here.nodeValue = wanted.nodeValue;
    return;
  }
  if (here.isEqualNode(wanted) || sameMoment(here, wanted)) return;
  takeAttributes(here, wanted);
  morph(here, wanted);
}

export function morph(here, wanted) {
  const known = new Map([...here.children].filter(({ id }) => id).map((child) => [child.id, child]));
  let place = here.firstChild;
  for (const next of [...wanted.childNodes]) {
    const own = next.id ? known.get(next.id) : null;
    if (own && own !== place && alike(own, next)) {
      here.insertBefore(own, place);
      become(own, next);
    } else if (place && alike(place, next)) {
      const after = place.nextSibling;
      become(place, next);
      place = after;
    } else {
      here.insertBefore(next, place);
    }
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}
