// A rule trace: table, row, the conditions with the facts' values, what it set, on what ground.
import { h } from "./dom.js";
import { inLanguage, language, t } from "./words.js";

const own = language.startsWith("zh") ? "zh" : "en";
const label = (item) => item[own] || item.en || item.fact;

const shown = (item) => (own === "zh" && item.value_zh ? item.value_zh : valueText(item.value, item.unit));
const inOwn = (item, name) => (own === "zh" && item[`${name}_zh`]) || item[name];

/** Write a fact's value with its unit. */
export function valueText(value, unit) {
  if (value === null || value === undefined) return t("trace.missing");
  if (value === true || value === false) return t(value ? "trace.yes" : "trace.no");
  if (typeof value === "number") return `${Math.round(value * 1e6) / 1e6}${unit ? ` ${unit}` : ""}`;
  if (Array.isArray(value)) return value.join(", ") || t("trace.none");
  if (typeof value === "object" && ("en" in value || "zh" in value)) return inLanguage(value);
  if (typeof value === "object")
    return (
      Object.entries(value)
        .map(([name, each]) => `${name} ${valueText(each)}`)
        .join(", ") || t("trace.none")
    );
  return String(value);
}

/** Show a stored trace, one step per table. */
export function traceView(trace) {
  return h(
    "div",
    { class: "trace" },
    h("p", { class: "dim" }, t("trace.policy", { name: trace.policy, version: trace.version })),
    h("ol", {}, trace.steps.map(stepView)),
  );
}

function stepView(step) {
  const rows = step.rows.length ? step.rows.map((row) => rowView(row)) : [h("p", { class: "dim" }, t("trace.no_row"))];
  const near = step.near.length
    ? h("details", {}, h("summary", {}, t("trace.near", { n: step.near.length })), ...step.near.map(nearView))
    : null;
  return h("li", {}, h("h4", {}, label(step) || step.table), ...rows, near);
}

const rowName = (row) => (row.row === 0 ? t("trace.otherwise") : t("trace.row", { n: String(row.row) }));

function rowView(row) {
  return h(
    "div",
    { class: "row" },
    h("p", {}, h("b", {}, rowName(row)), row.note ? ` ${inOwn(row, "note")}` : ""),
    row.conditions.length ? h("ul", { class: "conditions" }, row.conditions.map(conditionView)) : null,
    h(
      "ul",
      { class: "sets" },
      row.sets.map((item) =>
        h(
          "li",
          {},
          t("trace.sets", { fact: label(item), value: shown(item) }),
          item.source ? h("small", { class: "dim source" }, inOwn(item, "source")) : null,
        ),
      ),
    ),
  );
}

function nearView(row) {
  return h(
    "div",
    { class: "row" },
    h("p", {}, rowName(row)),
    h("ul", { class: "conditions" }, row.failed.map(conditionView)),
  );
}

function conditionView(item) {
  return h(
    "li",
    { class: item.holds ? "holds" : "fails" },
    h("span", { "aria-label": t(item.holds ? "trace.holds" : "trace.fails") }, item.holds ? "✓" : "✕"),
    " ",
    h("b", {}, label(item)),
    " ",
    inOwn(item, "wants"),
    h(
      "span",
      { class: "dim" },
      " ",
      t("trace.is", { value: shown(item) }),
      item.because ? ` “${inOwn(item, "because")}”` : "",
    ),
  );
}
