// What every page has: theme, language, help, keys that lead from page to page.
import { h } from "./dom.js";
import { bind, keysOn, setKeys } from "./keys.js";
import { t } from "./words.js";

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

// What stands on a page may be old: said over every page that has no line of its own for it, as the board has.
const OLD_AFTER = 2;
const old = h("p", { class: "banner old", role: "alert" });
let unanswered = 0;
let over = false;

function sayOld() {
  if (document.getElementById("strip")) return;
  const next = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
  if (over) old.replaceChildren("▲ ", h("a", { href: next }, t("strip.signed_out")));
  else if (unanswered >= OLD_AFTER) old.replaceChildren("▲ ", t("top.away"));
  else return old.remove();
  if (!old.isConnected) document.querySelector("header.top").after(old);
}

document.addEventListener("signed-out", () => {
  over = true;
  sayOld();
});
document.addEventListener("server-away", () => {
  unanswered += 1;
  sayOld();
});
document.addEventListener("server-here", () => {
  unanswered = 0;
  sayOld();
});

// A double click is one click, and a key that is held is pressed once: what is sent is sent once, and the second
// click is meant for what the first one was, not for what has come there since.
const AGAIN_MS = 3000;
const sentAt = new WeakMap();
let clicked = null;

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener(
  "submit",
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.getAttribute("method") !== "post") return;
    if (event.timeStamp - (sentAt.get(form) ?? -Infinity) < AGAIN_MS) stop(event);
    else sentAt.set(form, event.timeStamp);
  },
  true,
);
document.addEventListener(
  "click",
  (event) => {
    // Keys and labels click without a hand.
    if (!event.detail) return;
    const now = /** @type {Element} */ (event.target).closest("button, a, input, summary, label, tr");
    const sends = now instanceof HTMLButtonElement && now.form && now.type === "submit";
    if (event.detail > 1 && (now !== clicked || sends)) stop(event);
    else clicked = now;
  },
  true,
);
document.addEventListener(
  "keydown",
  (event) => {
    const where = /** @type {Element} */ (event.target);
    if (event.repeat && event.key === "Enter" && where.closest("form") && !(where instanceof HTMLTextAreaElement))
      stop(event);
  },
  true,
);

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
