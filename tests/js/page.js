// What a module of ours finds on every page, for tests without a browser: the words, the language, the live day.
import { readFileSync } from "node:fs";

const WORDS = new URL("../../web/i18n/en.json", import.meta.url);

class Element {
  constructor(name) {
    Object.assign(this, { name, children: [] });
  }
  setAttribute(key, value) {
    this[key] = value;
  }
  append(...children) {
    this.children.push(...children);
  }
}

/** Stand in for the page; `live` is what the server wrote of the running day, null for a plan that was only read. */
export function openPage(live = null) {
  const texts = { words: readFileSync(WORDS, "utf8"), live: live && JSON.stringify(live) };
  globalThis.document = {
    documentElement: { lang: "en", dataset: {}, style: {} },
    createElement: (name) => new Element(name),
    getElementById: (id) => (texts[id] ? { textContent: texts[id] } : null),
    querySelector: () => ({ content: "token" }),
    querySelectorAll: () => [],
    addEventListener: () => {},
  };
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "", onLine: true }, configurable: true });
  globalThis.location = { pathname: "/", search: "", hash: "" };
  globalThis.history = { replaceState: () => {} };
}

/** A module of the board, read after the page stands. */
export const module = (name) => import(`../../web/static/js/${name}.js`);
