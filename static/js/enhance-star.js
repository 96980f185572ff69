/** Stars without leaving the page: `form[data-star]` works as a plain form without this script. */

import { csrfToken } from "./enhance-words.js";

/** `form.submit()` leaves its button out, which carries the wish. */
function submitPlainly(form, value) {
  const wish = document.createElement("input");
  wish.type = "hidden";
  wish.name = "favourite";
  wish.value = value;
  form.append(wish);
  form.submit();
}

async function toggle(form) {
  const button = form.querySelector("button");
  const wanted = button.value === "1";
  button.disabled = true;
  try {
    const response = await fetch(`/api/v1/jobs/${form.dataset.star}/favourite/`, {
      method: wanted ? "PUT" : "DELETE",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
    });
    if (!response.ok) throw new Error(String(response.status));
  } catch {
    submitPlainly(form, button.value); // the page then says what is wrong
    return;
  } finally {
    button.disabled = false;
  }
  button.value = wanted ? "0" : "1";
  button.setAttribute("aria-pressed", String(wanted));
  button.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-star]");
  if (!form) return;
  event.preventDefault();
  toggle(form);
});
