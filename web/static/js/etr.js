// When supply is expected back, and how sure that is: "≈" stands before what is still being assessed.
import { h } from "./dom.js";
import { both, clock } from "./format.js";
import { t } from "./words.js";

/** Short, for a column. */
export function etrShort(etr) {
  if (!etr) return h("span", { class: "dim" }, "–");
  if (etr.status === "assessed") return clock(etr.median);
  if (etr.median) return h("span", { class: "dim" }, `≈ ${clock(etr.median)}`);
  return h("span", { class: "dim" }, t(`etr.${etr.status}`));
}

/** In full; null where there is nothing to say. */
export function etrWords(etr) {
  if (!etr) return t("etr.not_planned");
  if (!etr.median) return t(`etr.${etr.status}`);
  const said = t("etr.both", { median: both(etr.median), p90: clock(etr.p90) });
  return etr.status === "assessed" ? said : `≈ ${said} (${t(`etr.${etr.status}`)})`;
}
