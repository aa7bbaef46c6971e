// What needs somebody: danger, promises that break, jobs that nobody does, who is out. Each tile stays where it is.
import { curvePicture } from "./curve.js";
import { filter, on, only, select, tightest } from "./day.js";
import { h } from "./dom.js";
import { supplyNow } from "./expected.js";
import { dated, nowS } from "./format.js";
import { showOnly } from "./joblist.js";
import { live, state } from "./state.js";
import { number, t } from "./words.js";

const box = document.getElementById("attention");
const NAMES = ["danger", "late", "risk", "left"];
const tiles = new Map();

export function showAttention() {
  for (const name of NAMES) tiles.set(name, tile(name));
  tiles.set("supply", supplyTile());
  box.replaceChildren(...tiles.values());
  fill();
  on("filter", press);
  for (const news of ["board", "state", "expected"]) on(news, fill);
}

const parts = () => [h("b", {}), h("span", {}, h("span", { class: "what" }), h("small", {}))];

const tile = (name) =>
  h(
    "button",
    {
      type: "button",
      class: `attend need-${name}`,
      "data-only": name,
      "aria-pressed": "false",
      onclick: () => showOnly(name),
    },
    parts(),
  );

const supplyTile = () =>
  h(
    "button",
    {
      type: "button",
      class: "attend supply",
      "data-figure": "supply",
      onclick: () => select("plan", "figures", "attention"),
    },
    parts(),
    h("span", { class: "picture" }),
  );

function fill() {
  const late = only("late");
  const risk = only("risk");
  const left = only("left").length;
  show("danger", only("danger").length, dangerNote());
  show("late", late.length, lateNote(late, risk));
  show("risk", risk.length, "");
  show("left", left, "", live && !state.plan ? t("attention.unplanned", { n: left }) : undefined);
  fillSupply();
  press();
}

function dangerNote() {
  const danger = only("danger");
  if (!danger.length) return "";
  const there = danger.filter((job) => job.here).length;
  if (there) return t("attention.there", { n: there });
  const arrivals = danger
    .map((job) => job.arrive)
    .filter(Boolean)
    .sort((a, b) => a - b);
  return arrivals.length ? t("attention.first_arrival", { at: dated(arrivals[0]) }) : t("attention.nobody");
}

function lateNote(late, risk) {
  const due = [...late, ...risk].map((job) => tightest(job).due).sort((a, b) => a - b);
  const over = due.filter((at) => at <= nowS()).length;
  const next = due.find((at) => at > nowS());
  return [
    over && t("attention.over", { n: over }),
    late.length && next && t("attention.next_breaks", { at: dated(next) }),
  ]
    .filter(Boolean)
    .join(" · ");
}

function show(name, n, note, what = t(`attention.${name}`, { n })) {
  const made = tiles.get(name);
  write(made.querySelector("b"), number(n));
  write(made.querySelector(".what"), what);
  write(made.querySelector("small"), note);
  // What a narrow window shortens is read by pointing at it.
  const whole = [`${number(n)} ${what}`, note, name === "supply" ? `${t("figures.open")} (s)` : ""]
    .filter(Boolean)
    .join("\n");
  if (made.title !== whole) made.title = whole;
  if (NAMES.includes(name)) {
    made.disabled = n === 0;
    made.classList.toggle("calm", n === 0);
  }
}

const write = (element, text) => element.textContent !== text && (element.textContent = text);

let drawn = "";
function fillSupply() {
  const { out, curve, doubt } = supplyNow();
  const picture = curvePicture(curve);
  const range = doubt
    ? t("attention.range", { fewest: number(doubt.fewest), most: number(doubt.most), likely: number(out) })
    : "";
  const n = doubt ? doubt.expected : out;
  const note = [range, picture?.text].filter(Boolean).join(" · ");
  show("supply", n, note, t(doubt ? "attention.expected" : "attention.out", { n }));
  const made = picture?.svg.outerHTML ?? "";
  if (made !== drawn)
    tiles
      .get("supply")
      .querySelector(".picture")
      .replaceChildren(...(picture ? [picture.svg] : []));
  drawn = made;
}

function press() {
  for (const each of box.querySelectorAll("[data-only]"))
    each.setAttribute("aria-pressed", String(filter.only === each.dataset.only));
}
