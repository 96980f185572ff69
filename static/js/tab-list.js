/**
 * <tab-list class="tabs" data-remember="name">
 *   <div class="tabs-row"><button type="button" data-tab="ID of a panel">Words</button> ...</div>
 *   <section class="tab-panel" id="..."><h2>Words</h2> ...</section> ...
 * </tab-list>
 *
 * Tabs over sections that are all readable without this script. Arrow keys, Home and End move
 * between tabs; the chosen one is remembered for this browser tab under `data-remember`.
 */

const MOVES = { ArrowLeft: -1, ArrowRight: 1 };

/** Index of the tab after a key, null when the key is not for tabs. */
export function tabAfterKey(index, key, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return key in MOVES ? (index + MOVES[key] + count) % count : null;
}

/** The tab to start with: the remembered one if it still exists. */
export function firstTab(names, remembered) {
  return Math.max(0, names.indexOf(remembered));
}

/** A browser that refuses storage refuses by throwing: nothing is remembered then. */
function storage(act) {
  try {
    return act(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

if (globalThis.customElements && !customElements.get("tab-list")) {
  customElements.define(
    "tab-list",
    class extends HTMLElement {
      #tabs = [];

      connectedCallback() {
        if (this.#tabs.length) return;
        this.#tabs = [...this.querySelectorAll(":scope > .tabs-row > [data-tab]")];
        this.firstElementChild.setAttribute("role", "tablist");
        for (const [index, tab] of this.#tabs.entries()) this.#wire(tab, index);
        const names = this.#tabs.map(({ dataset }) => dataset.tab);
        this.#select(firstTab(names, storage((store) => store.getItem(this.#key))));
        this.setAttribute("data-ready", "");
      }

      get #key() {
        return `omnilens.tab.${this.dataset.remember}`;
      }

      #panel(tab) {
        return document.getElementById(tab.dataset.tab);
      }

      #wire(tab, index) {
        const panel = this.#panel(tab);
        tab.id ||= `${panel.id}-tab`;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-controls", panel.id);
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", tab.id);
        panel.tabIndex = 0;
        tab.addEventListener("click", () => this.#choose(index));
        tab.addEventListener("keydown", (event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const next = tabAfterKey(index, event.key, this.#tabs.length);
          if (next === null) return;
          event.preventDefault();
          this.#choose(next);
          this.#tabs[next].focus();
        });
      }

      #choose(index) {
        this.#select(index);
        if (this.dataset.remember) {
          storage((store) => store.setItem(this.#key, this.#tabs[index].dataset.tab));
        }
      }

      #select(chosen) {
        for (const [index, tab] of this.#tabs.entries()) {
          tab.setAttribute("aria-selected", index === chosen);
          tab.tabIndex = index === chosen ? 0 : -1;
          this.#panel(tab).hidden = index !== chosen;
        }
      }
    },
  );
}
