// The parts that the details are put together from.
import { select } from "./day.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** The head of a panel, with what closes it. */
export function heading(picture, text, note) {
  const close = h(
    "button",
    {
      type: "button",
      class: "quiet close",
      "aria-label": t("detail.close"),
      title: `${t("detail.close")} (Esc)`,
      onclick: () => select(null, null, "detail"),
    },
    "×",
  );
  return h("header", {}, picture, h("h2", {}, text), close, note ? h("p", { class: "dim" }, note) : null);
}

/** Names and values. */
export const facts = (...pairs) =>
  h(
    "dl",
    { class: "facts" },
    pairs.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );

/** A button that selects something else. */
export const link = (kind, id, text) =>
  h("button", { type: "button", class: "link", onclick: () => select(kind, id, "detail") }, text);

/** A part that opens. */
export function section(name, open, ...content) {
  return h("details", { open }, h("summary", {}, name), ...content);
}
