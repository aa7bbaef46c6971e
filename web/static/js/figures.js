// The plan in figures: who is out for how long, what was traded for what, how good it is at least.
import { curvePicture } from "./curve.js";
import { supplyNow } from "./expected.js";
import { h } from "./dom.js";
import { span } from "./format.js";
import { facts, heading, section } from "./panel.js";
import { number, t, word } from "./words.js";

/** Show the figures of the plan in force. */
export function figuresView(figures) {
  const picture = curvePicture(supplyNow().curve);
  const parts = Object.entries(figures.parts)
    .filter(([, cost]) => cost > 0)
    .sort((a, b) => b[1] - a[1]);
  const whole = parts.reduce((sum, [, cost]) => sum + cost, 0);
  return [
    heading(null, t("figures.title"), null),
    picture?.svg ?? null,
    picture ? h("p", { class: "dim" }, picture.words) : null,
    facts(
      [t("figures.customer_minutes"), number(figures.customer_minutes)],
      [t("figures.saved"), number(figures.minutes_ahead_of_repair)],
      [t("figures.saidi"), t("figures.min", { n: figures.saidi_min.toFixed(2) })],
      [t("figures.saifi"), figures.saifi.toFixed(4)],
      [t("figures.promises"), t("figures.kept", { kept: figures.promises_kept, missed: figures.promises_missed })],
      [t("figures.jobs"), t("figures.planned", { n: figures.jobs_planned, left: figures.jobs_left_out })],
      [t("figures.drive"), span(figures.drive_min)],
      [t("figures.overtime"), span(figures.overtime_min)],
    ),
    section(
      t("figures.cost"),
      true,
      h(
        "table",
        { class: "plain" },
        h(
          "tbody",
          {},
          parts.map(([name, cost]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, word("part", name)),
              h("td", { class: "num" }, number(cost)),
              h("td", { class: "num" }, t("figures.share", { n: Math.round((100 * cost) / whole) })),
            ),
          ),
        ),
      ),
      figures.bound
        ? h(
            "p",
            { class: "dim" },
            t("figures.bound", {
              n: number(figures.bound),
              gap: (100 * (1 - figures.bound / figures.cost)).toFixed(1),
            }),
          )
        : h("p", { class: "dim" }, t("figures.no_bound")),
    ),
  ].filter(Boolean);
}
