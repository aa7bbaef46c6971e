// What every page has: theme, language, help, keys that lead from page to page.
import { bind, keysOn, setKeys } from "./keys.js";

const YEAR_S = 31536000;
const root = document.documentElement;
const night = matchMedia("(prefers-color-scheme: dark)");

function isNight() {
  return root.dataset.theme === "night" || (root.dataset.theme === "auto" && night.matches);
}

function switchTheme() {
  const theme = isNight() ? "day" : "night";
  root.dataset.theme = theme;
  document.cookie = `gridcrew_theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
  root.dispatchEvent(new CustomEvent("theme"));
}

function help() {
  const dialog = document.getElementById("keys");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

document.getElementById("theme").addEventListener("click", switchTheme);
document.getElementById("help").addEventListener("click", help);
night.addEventListener("change", () => root.dispatchEvent(new CustomEvent("theme")));

const box = document.getElementById("keys-on");
box.checked = keysOn();
box.addEventListener("change", () => setKeys(box.checked));

// The language changes in place: what is selected stays selected.
for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const next = new URL(location.href);
    next.searchParams.set("lang", link.dataset.language);
    location.assign(next);
  });
}

// The menu of pages closes by itself: on a click beside it, on Escape, when it is left with the keyboard.
const more = document.querySelector(".more-pages");
if (more) {
  document.addEventListener("click", (event) => more.contains(event.target) || (more.open = false));
  more.addEventListener(
    "focusout",
    (event) => event.relatedTarget && !more.contains(event.relatedTarget) && (more.open = false),
  );
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
    event.stopPropagation();
  });
}

bind("?", help);
bind("t", switchTheme);
bind("l", () => document.querySelector("[data-language]").click());
const pages = { b: "/", o: "/outages", c: "/crews", r: "/rulebook", s: "/scenarios", n: "/tonight" };
for (const [key, path] of Object.entries(pages)) bind(`g ${key}`, () => location.assign(path));
