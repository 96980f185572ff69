/**
 * Keyboard shortcuts: one registry, one listener, one dialog that lists them (`?`).
 *
 *   registerShortcut({ key: "d", label: "Download", run: () => ... })
 *
 * `key` is `event.key`, with "mod+" for Ctrl or Cmd. They never fire while somebody types, nor
 * behind an open dialog; "mod+" keys do. Without `run` a shortcut is only listed (its owner listens
 * by itself). Returns a function that takes it away again.
 */

const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit]), textarea, select, [contenteditable]";
const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc" };

const registered = [];

export function registerShortcut(shortcut) {
  registered.push(shortcut);
  return () => {
    const place = registered.indexOf(shortcut);
    if (place >= 0) registered.splice(place, 1);
  };
}

/** Whether this key press means `key`. */
export function matches(key, event) {
  const wantsMod = key.startsWith("mod+");
  if (wantsMod !== (event.ctrlKey || event.metaKey) || event.altKey) return false;
  return event.key.toLowerCase() === (wantsMod ? key.slice(4) : key).toLowerCase();
}

/** The shortcut that a key press runs, if any: the one registered last wins. */
export function chosen(event, shortcuts, { isTyping, isBehindDialog }) {
  if (event.defaultPrevented || event.isComposing) return undefined;
  return shortcuts.findLast(
    ({ key, run }) =>
      run && matches(key, event) && (key.startsWith("mod+") || !(isTyping || isBehindDialog)),
  );
}

/** What a keyboard of this platform prints on the keys. */
export function keyName(key, isApple) {
  const last = key.startsWith("mod+") ? key.slice(4) : key;
  const name = NAMES[last] ?? (last.length === 1 ? last.toUpperCase() : last);
  return key.startsWith("mod+") ? (isApple ? `⌘ ${name}` : `Ctrl ${name}`) : name;
}

const isApple = () => /Mac|iPhone|iPad/.test(navigator.platform);

function onKey(event) {
  const shortcut = chosen(event, registered, {
    isTyping: Boolean(event.target.closest?.(TYPING)),
    isBehindDialog: Boolean(document.querySelector("dialog:modal")),
  });
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run(event);
}

function showHelp(dialog) {
  const list = dialog.querySelector("dl");
  const seen = new Set();
  list.replaceChildren();
  for (const { key, label } of registered) {
    if (seen.has(`${key} ${label}`)) continue;
    seen.add(`${key} ${label}`);
    const term = document.createElement("dt");
    const cap = document.createElement("kbd");
    cap.className = "kbd";
    cap.textContent = keyName(key, isApple());
    term.append(cap);
    const meaning = document.createElement("dd");
    meaning.textContent = label;
    list.append(term, meaning);
  }
  dialog.showModal();
}

function start(dialog) {
  const { help } = dialog.querySelector("dl").dataset;
  const open = () => showHelp(dialog);
  registerShortcut({ key: "?", label: help, run: open });
  document.getElementById("open-shortcuts")?.addEventListener("click", () => {
    document.getElementById("account-menu")?.hidePopover();
    open();
  });
  for (const hint of document.querySelectorAll('[data-shortcut="palette"]')) {
    hint.textContent = keyName("mod+k", isApple());
  }
  document.addEventListener("keydown", onKey);
}

const dialog = globalThis.document?.getElementById("shortcuts");
if (dialog) start(dialog);
