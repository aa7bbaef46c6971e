// What needs somebody: danger, promises that break, jobs that nobody does, who is out.
import { day, filter, on, only, select, tightest } from "./day.js";
import { curvePicture } from "./curve.js";
import { h } from "./dom.js";
import { clock, nowS } from "./format.js";
import { showOnly } from "./joblist.js";
import { number, t } from "./words.js";

const box = document.getElementById("attention");

export function showAttention() {
  fill();
  on("filter", press);
  on("board", () => {
    fill();
    press();
  });
}

function fill() {
  const late = only("late");
  const risk = only("risk");
  const danger = only("danger");
  const left = only("left");
  const due = [...late, ...risk].map((job) => tightest(job).due).sort((a, b) => a - b);
  const over = due.filter((at) => at <= nowS()).length;
  const next = due.find((at) => at > nowS());
  const starts = danger.map((job) => job.arrive).filter(Boolean).sort((a, b) => a - b);
  box.replaceChildren(
    item("danger", danger.length, starts.length ? t("attention.first_arrival", { at: clock(starts[0]) }) : ""),
    item("late", late.length, [over && t("attention.over", { n: over }), late.length && next && t("attention.next_breaks", { at: clock(next) })].filter(Boolean).join(" · ")),
    item("risk", risk.length, ""),
    item("left", left.length, ""),
    supply(),
  );
}

function item(name, n, note) {
  const calm = n === 0;
  return h("button", { type: "button", class: `attend need-${name} ${calm ? "calm" : ""}`, "data-only": name, "aria-pressed": "false", disabled: calm, onclick: () => showOnly(name) },
    h("b", {}, number(n)), h("span", {}, t(`attention.${name}`, { n }), note ? h("small", {}, note) : null));
}

function supply() {
  const out = day.figures.customers_out;
  const picture = curvePicture(day.curve);
  return h("button", { type: "button", class: "attend supply", title: `${t("figures.open")} (s)`, onclick: () => select("plan", "figures", "attention") }, h("b", {}, number(out)),
    h("span", {}, t("attention.out", { n: out }), picture?.text ? h("small", {}, picture.text) : null), picture?.svg ?? null);
}

function press() {
  for (const each of box.querySelectorAll("[data-only]")) each.setAttribute("aria-pressed", String(filter.only === each.dataset.only));
}
