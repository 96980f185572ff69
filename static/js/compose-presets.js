/** Choosing a preset without leaving the page, so that photos that were chosen stay. */

/** Put `fields` into `form`: everything back to how the page came, then what the preset says. */
export function fillForm(form, fields) {
  form.reset();
  for (const [name, value] of Object.entries(fields)) {
    const found = [...form.querySelectorAll("[name]")].filter((one) => one.name === name);
    const radio = found.find((one) => one.type === "radio" && one.value === String(value));
    const box = found.find((one) => one.type === "checkbox");
    if (radio) radio.checked = true;
    else if (box) box.checked = String(value) === "true";
    else if (name === "scale") fillOther(form, value);
    else if (found[0]) found[0].value = String(value);
  }
}

/** A scale that is none of the common ones. */
function fillOther(form, value) {
  const other = form.querySelector("[name=scale][value=other]");
  const number = form.querySelector("[name=scale_other]");
  if (!other || !number) return;
  other.checked = true;
  number.value = String(value);
}

/** Take over the links of the presets; `onChange` hears when the options have changed. */
export function connectPresets(form, onChange) {
  form.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-preset]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fillForm(form, JSON.parse(link.dataset.preset));
    for (const one of form.querySelectorAll("a[data-preset]")) one.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    onChange();
  });
}
