// Calls for help and refused routes out of the field: they stay until somebody says that they are seen to.
import { inPath } from "./api.js";
import { day, select } from "./day.js";
import { h } from "./dom.js";
import { clock, span } from "./format.js";
import { crewName } from "./joblist.js";
import { act, live, state } from "./live.js";
import { t, word } from "./words.js";

function textOf(call) {
  if (call.what === "escalated")
    return t("calls.escalated", {
      order: call.order,
      kind: word("request_kind", call.kind),
      after: span(call.after_min),
      role: t(`calls.role.${call.role}`),
    });
  return t(`calls.${call.what}`, {
    crew: crewName(call.crew),
    reason: call.reason ? word("phone.help", call.reason) : "",
  });
}

/** The newest call, with how many more wait. */
export function callLine() {
  const calls = state.calls ?? [];
  if (!calls.length) return null;
  const [call] = calls;
  const what = textOf(call);
  const title = calls.map((each) => `${clock(each.at)} ${textOf(each)} ${each.note ?? ""}`).join("\n");
  const job = call.job ?? [...day.job.values()].find((each) => each.order === call.order)?.id;
  const open = () => (job ? select("job", job, "strip") : call.crew && select("crew", call.crew, "strip"));
  const seen = () => act(`/field/${inPath(call.seq)}/seen`, {});
  return h(
    "span",
    { class: "fieldcall", "data-call": call.seq },
    h("button", { type: "button", class: "link", title, onclick: open }, `▲ ${clock(call.at)} ${what}`),
    calls.length > 1 ? h("span", { title }, `+${calls.length - 1}`) : null,
    live.may ? h("button", { type: "button", class: "quiet", onclick: seen }, t("calls.seen")) : null,
  );
}
