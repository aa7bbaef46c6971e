// Why the server said no, in words that a page can show.
import { Refusal } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

export function reasonIn(error) {
  if (!(error instanceof Refusal)) return t("board.failed");
  if (error.by !== null) return t("wrong.changed", { who: error.by });
  if (error.status === 403) return t("error.403");
  return t("wrong.refused", { why: error.faults.length ? error.faults.join("; ") : error.message });
}

/** Say on the board's strip why something was not done, where no panel is open for it. */
export function sayOnStrip(error) {
  document.getElementById("news").replaceChildren(h("span", { class: "wrong", role: "alert" }, reasonIn(error)));
}
