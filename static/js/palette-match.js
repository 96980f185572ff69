/** Fuzzy matching for the command palette; knows no page. */

const START = 8; // the first letter of a word
const RUN = 5; // right after the letter before
const WHOLE = 20; // the query stands in the text as it is
const GROUP_LETTERS = 2; // that many name a group
const SKIP = 0.2; // each letter passed over

const isWordStart = (text, place) => place === 0 || /[\s\-_./:]/.test(text[place - 1]);

/** How well `query` fits `text`; null when a letter is missing. More is better. */
export function score(query, text) {
  const wanted = [...query.toLowerCase().replace(/\s+/g, "")];
  const given = text.toLowerCase();
  let total = given.includes(query.trim().toLowerCase()) ? WHOLE : 0;
  let last = -1;
  for (const letter of wanted) {
    const place = given.indexOf(letter, last + 1);
    if (place < 0) return null;
    if (isWordStart(given, place)) total += START;
    else if (place === last + 1) total += RUN;
    total -= (place - last - 1) * SKIP;
    last = place;
  }
  return total - text.length * 0.01;
}

/** By its label, by its name in English, or by its group. */
function fit(query, entry) {
  const also = entry.also ? score(query, entry.also) : null;
  return score(query, entry.label) ?? also ?? scoreInGroup(query, entry);
}

/** "theme dark": the first word begins the name of the group, the rest fits the entry. */
function scoreInGroup(query, { group, label }) {
  const [first, ...rest] = query.trim().toLowerCase().split(/\s+/);
  if (first.length < GROUP_LETTERS || !group.toLowerCase().startsWith(first)) return null;
  const fitting = score(rest.join(" "), label);
  return fitting === null ? null : fitting - WHOLE;
}

/** The entries that fit, best first; groups stay together, the group of the best entry first. */
export function rank(entries, query) {
  if (query.trim() === "") return entries;
  const fitting = entries
    .map((entry) => {
      return { entry, best: fit(query, entry) };
    })
    .filter(({ best }) => best !== null)
    .sort((one, other) => other.best - one.best);
  const order = [...new Set(fitting.map(({ entry }) => entry.group))];
  return order.flatMap((group) =>
    fitting.filter(({ entry }) => entry.group === group).map(({ entry }) => entry),
  );
}

/** The place after an arrow key; the list is a ring. */
export function step(key, index, count) {
  if (count === 0) return -1;
  if (key === "ArrowDown") return (index + 1) % count;
  if (key === "ArrowUp") return (index <= 0 ? count : index) - 1;
  if (key === "PageDown") return Math.min(count - 1, index + 8);
  if (key === "PageUp") return Math.max(0, index - 8);
  return index;
}
