/** `.slider`: a range and a number that show the same value. The number is what is sent. */

function onInput({ target }) {
  const slider = target.closest?.(".slider");
  if (!slider) return;
  for (const twin of slider.querySelectorAll("input")) {
    if (twin !== target && target.value !== "") twin.value = target.value;
  }
}

globalThis.document?.addEventListener("input", onInput);
