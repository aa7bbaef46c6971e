// More filters, and the big screen on the wall.
import { day, filter, on, tell } from "./day.js";
import { h } from "./dom.js";
import { showOnly } from "./joblist.js";
import { crewName } from "./names.js";
import { t, word } from "./words.js";

const box = document.getElementById("more-fields");
const KEPT = "gridcrew-wall";
const CHOICES = ["grade", "feeder", "area", "crew"];

/** Put up the choices that the day's jobs offer. */
export function moreFilters() {
  const more = document.getElementById("more");
  more.addEventListener("toggle", () => more.open && fill());
  document.addEventListener("pointerdown", (event) => more.contains(event.target) || (more.open = false));
  on("board", () => more.open && fill());
  on("filter", sign);
}

const values = (name) => [...new Set(day.jobs.map((job) => job[name]).filter(Boolean))].sort();

function fill() {
  if (box.contains(document.activeElement)) return;
  box.replaceChildren(
    choice("grade", t("detail.grade"), values("grade"), (value) => word("grade", value)),
    choice("feeder", t("filter.feeder"), values("feeder"), String),
    choice("area", t("filter.area"), values("area"), (value) => word("area", value)),
    choice(
      "crew",
      t("list.crew"),
      day.crews.map((crew) => crew.id),
      crewName,
    ),
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(filter.only === "risk"),
        "data-risk": "",
        onclick: () => showOnly("risk"),
      },
      t("filter.risk"),
    ),
    h("button", { type: "button", onclick: clear }, t("filter.clear")),
  );
  sign();
}

function choice(name, label, all, named) {
  const list = h(
    "select",
    { "data-filter": name },
    h("option", { value: "" }, t("filter.all")),
    all.map((value) => h("option", { value, selected: value === filter[name] }, named(value))),
  );
  list.addEventListener("change", () => {
    filter[name] = list.value;
    tell("filter");
  });
  return h("label", {}, label, list);
}

function clear() {
  clearChoices();
  filter.only = null;
  tell("filter");
}

/** Forget the choices without telling. */
export function clearChoices() {
  for (const name of CHOICES) filter[name] = "";
  for (const list of box.querySelectorAll("select")) list.value = "";
}

export const chosen = () => CHOICES.some((name) => filter[name]);

function sign() {
  document.getElementById("more").classList.toggle("on", chosen());
  box.querySelector("[data-risk]")?.setAttribute("aria-pressed", String(filter.only === "risk"));
}

/** Nothing but what is to be seen from afar; remembered for the screen on the wall. */
export function wall(changed, on = !document.documentElement.classList.contains("wall")) {
  document.documentElement.classList.toggle("wall", on);
  document.getElementById("wall")?.setAttribute("aria-pressed", String(on));
  localStorage.setItem(KEPT, on ? "1" : "");
  changed();
}

export const wallWanted = () => localStorage.getItem(KEPT) === "1";
