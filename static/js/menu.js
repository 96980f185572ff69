/**
 * Menus are popovers and open by themselves. This adds the arrow keys, and hangs a menu under its
 * button where the browser cannot do so (no anchor positioning).
 */

const GAP = 4;

/** Where a menu of `menu` size stands for a button at `button`, inside `view`. */
export function place(button, menu, view) {
  const below = button.bottom + GAP;
  const top = below + menu.height > view.height && button.top - GAP - menu.height >= 0
    ? button.top - GAP - menu.height
    : below;
  const left = Math.min(Math.max(GAP, button.right - menu.width), view.width - menu.width - GAP);
  return { top, left };
}

/** The entry to focus after `key`, or -1 when the key is not ours. */
export function nextIndex(key, index, count) {
  if (key === "ArrowDown") return (index + 1) % count;
  if (key === "ArrowUp") return (index <= 0 ? count : index) - 1;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return -1;
}

function hang(menu) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (!button || CSS.supports("position-area", "bottom span-left")) return;
  const { width, height } = menu.getBoundingClientRect();
  const view = { width: document.documentElement.clientWidth, height: innerHeight };
  const { top, left } = place(button.getBoundingClientRect(), { width, height }, view);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
  menu.style.right = "auto";
}

function onKey(event) {
  const menu = event.target.closest?.(".menu:popover-open") ?? openedBy(event.target);
  if (!menu) return;
  const entries = [...menu.querySelectorAll("a[href], button:not(:disabled)")].filter(
    (entry) => entry.offsetParent !== null,
  );
  const index = nextIndex(event.key, entries.indexOf(document.activeElement), entries.length);
  if (index < 0 || entries.length === 0) return;
  event.preventDefault();
  entries[index].focus();
}

/** The open menu of the focused button, so that an arrow key walks into it. */
function openedBy(button) {
  const id = button.getAttribute?.("popovertarget");
  const menu = id && document.getElementById(id);
  return menu?.matches(".menu:popover-open") ? menu : null;
}

if (globalThis.document) {
  document.addEventListener("keydown", onKey);
  document.addEventListener(
    "toggle",
    ({ target, newState }) => {
      if (newState === "open" && target.matches?.(".menu")) hang(target);
    },
    true,
  );
}
