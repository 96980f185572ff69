/** The theme buttons: change the page at once and let the server keep the choice. */

const LIGHT_AND_DARK = "light dark";

/** Wear `theme` ("system", "light" or "dark") from now on. */
function wear(theme, root = document.documentElement) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const meta = root.querySelector('meta[name="color-scheme"]');
  if (meta) meta.content = theme === "system" ? LIGHT_AND_DARK : theme;
  for (const button of root.querySelectorAll("[data-theme-choice] [name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

/** Returns whether the server kept it; the form itself is the way without this script. */
async function keep(form, theme) {
  const body = new FormData(form);
  body.set("theme", theme);
  try {
    // Kept alive: whoever goes on to another page at once has chosen all the same.
    const request = { method: "POST", body, redirect: "manual", keepalive: true };
    const answer = await fetch(form.action, request);
    return answer.type === "opaqueredirect";
  } catch {
    return false; // the network is away: the caller submits the form, which says so
  }
}

globalThis.document?.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-theme-choice]") || form.dataset.plain) return;
  event.preventDefault();
  wear(submitter.value);
  if (await keep(form, submitter.value)) return;
  form.dataset.plain = "1";
  form.requestSubmit(submitter);
});
