// `<show-password>`: a button that shows what is typed into the password field before it.

/** The type of the field for the state of the button. */
export function typeFor(shown) {
  return shown ? "text" : "password";
}

const Base = globalThis.HTMLElement ?? class {};

class ShowPassword extends Base {
  connectedCallback() {
    const input = this.querySelector("input");
    const button = this.querySelector("button");
    const show = (shown) => {
      input.type = typeFor(shown);
      button.setAttribute("aria-pressed", String(shown));
    };
    button.addEventListener("click", () => show(input.type === "password"));
    // A password manager and the browser's history only know password fields as such.
    input.form?.addEventListener("submit", () => show(false));
  }
}

globalThis.customElements?.define("show-password", ShowPassword);
