// Calls for help and refused routes out of the field: they stay until somebody says that they are seen to.
import { inPath } from "./api.js";
import { day, select } from "./day.js";
import { h } from "./dom.js";
import { clock, span } from "./format.js";
import { act } from "./live.js";
import { crewName } from "./names.js";
import { reasonIn, sayOnStrip } from "./refusing.js";
import { live, state } from "./state.js";
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
    after: span(call.after_min ?? 0),
    reason: call.reason ? word("phone.help", call.reason) : "",
  });
}

/** What the crew reads on its phone: a call for help is not only ticked off. */
function answer(call) {
  const input = h("input", {
    maxlength: 500,
    autofocus: true,
    "aria-label": t("calls.answer", { crew: crewName(call.crew) }),
  });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  // What was typed stays until the server has it.
  const tell = async (event) => {
    event.preventDefault();
    try {
      await act(`/field/${inPath(call.seq)}/seen`, { note: input.value.trim() });
      dialog.close();
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = reasonIn(error);
    }
  };
  const dialog = h(
    "dialog",
    { class: "ask" },
    h(
      "form",
      { method: "dialog", onsubmit: tell },
      h("h2", {}, t("calls.answer", { crew: crewName(call.crew) })),
      h("p", {}, `${clock(call.at)} ${textOf(call)} ${call.note ?? ""}`),
      input,
      wrong,
      h("p", { class: "actions" }, h("button", {}, t("calls.answer_send"))),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// An unanswered call for help is heard as well as seen, on the board and on the wall.
const CHIME_MS = 8000;
let sound = null;
let chimedAt = 0;

function chime(calls) {
  if (!calls.some((call) => call.what === "help") || Date.now() - chimedAt < CHIME_MS) return;
  chimedAt = Date.now();
  try {
    sound ??= new AudioContext();
    if (sound.state !== "running") return void sound.resume();
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    loud.gain.setValueAtTime(0.2, sound.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.8);
    tone.frequency.value = 880;
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.8);
  } catch {
    // A screen without sound still shows the call.
  }
}

/** The newest call, with how many more wait. */
export function callLine() {
  const calls = state.calls ?? [];
  if (!calls.length) return null;
  chime(calls);
  // A call for help stands before an older order that went up.
  const call = calls.find((each) => each.what === "help") ?? calls[0];
  const what = textOf(call);
  const title = calls.map((each) => `${clock(each.at)} ${textOf(each)} ${each.note ?? ""}`).join("\n");
  const job = call.job ?? [...day.job.values()].find((each) => each.order === call.order)?.id;
  const open = () => (job ? select("job", job, "strip") : call.crew && select("crew", call.crew, "strip"));
  const seen = () =>
    call.what === "help" ? answer(call) : act(`/field/${inPath(call.seq)}/seen`, {}).catch(sayOnStrip);
  return h(
    "span",
    {
      class: `fieldcall ${call.what === "help" ? "help" : ""}`,
      "data-call": call.seq,
      role: call.what === "help" ? "alert" : null,
    },
    h("button", { type: "button", class: "link", title, onclick: open }, `▲ ${clock(call.at)} ${what}`),
    calls.length > 1 ? h("span", { title }, `+${calls.length - 1}`) : null,
    live.may ? h("button", { type: "button", class: "quiet", onclick: seen }, t("calls.seen")) : null,
  );
}
