// What was reported by mistake can be taken back for a minute.
import { h, t } from "./parts.js";

const WITHIN_MS = 60_000;
const UNDONE = ["done", "restored", "cannot"];

// What to remember of a report, so that it can be taken back.
export function remembered(tap, stop) {
  return tap.kind === "report" && UNDONE.includes(tap.to)
    ? { id: tap.id, job: tap.job, to: tap.to, at: tap.at, back: stop?.state ?? null }
    : null;
}

export const leftMs = (last) => (last ? WITHIN_MS - (Date.now() - Date.parse(last.at)) : 0);

export function undoLine(state, actions) {
  const { last } = state;
  if (leftMs(last) <= 0) return null;
  const undo = () => actions.undo(last);
  return h(
    "section",
    { class: "notice undo" },
    h("p", {}, t("phone.reported", { what: t(`phone.to.${last.to}`) })),
    h("button", { type: "button", id: "undo", class: "big", onclick: undo }, t("phone.undo")),
  );
}
