// Help: one long press from every screen, what became of the call, and the number to ring.
import { clock, h, t, word } from "./parts.js";

const HOLD_MS = 900;
const KINDS = ["urgent", "supervisor", "police", "medical", "material"];
const hold = { timer: 0, fired: false };

// Held, it calls; touched, it says so and offers the number and what kind of help.
export function helpButton(state, actions) {
  if (!state.session && !state.route?.duty_phone) return null;
  const release = () => clearTimeout(hold.timer);
  const press = (event) => {
    if (event.repeat || (event.type === "keydown" && ![" ", "Enter"].includes(event.key))) return;
    const button = event.currentTarget;
    hold.fired = false;
    release();
    button.classList.add("held");
    hold.timer = setTimeout(() => {
      hold.fired = true;
      button.classList.remove("held");
      if (state.session) callFor("urgent", state, actions);
      actions.released();
    }, HOLD_MS);
  };
  const open = () => !hold.fired && actions.change({ open: state.open === "sos" ? null : "sos", armed: null });
  const button = h(
    "button",
    {
      type: "button",
      id: "sos",
      class: "sos",
      "aria-expanded": state.open === "sos" ? "true" : "false",
      "aria-label": t("phone.sos_hold"),
      onclick: open,
      oncontextmenu: (event) => event.preventDefault(),
    },
    t("phone.sos"),
  );
  for (const kind of ["pointerdown", "keydown"]) button.addEventListener(kind, press);
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "keyup"])
    button.addEventListener(kind, () => {
      button.classList.remove("held");
      release();
    });
  return button;
}

function callFor(reason, state, actions) {
  const at = underWay(state);
  navigator.vibrate?.([120, 60, 120]);
  actions.say({ kind: "help", reason, ...(at ? { job: at } : {}) });
}

const underWay = (state) =>
  state.route?.stops.find((stop) => ["on_the_way", "on_site", "safe", "restored"].includes(stop.state))?.job;

function ring(state) {
  const number = state.route?.duty_phone;
  return (
    number && h("a", { class: "big ring", href: `tel:${number.replaceAll(" ", "")}` }, t("phone.ring", { number }))
  );
}

export function helpPanel(state, actions) {
  if (state.open !== "sos") return null;
  const choose = (reason) =>
    h(
      "button",
      { type: "button", class: "big alarm", "data-help": reason, onclick: () => callFor(reason, state, actions) },
      word("phone.help", reason),
    );
  return h(
    "section",
    { class: "notice conflict", id: "sos-panel" },
    h("h2", {}, t("phone.sos_title")),
    ring(state),
    state.session && h("p", {}, t("phone.sos_how")),
    state.session && h("div", { class: "choices" }, KINDS.map(choose)),
  );
}

// Not sent, sent and waiting, answered: a call is never left without a word.
export function helpState(state, actions) {
  const unsent = state.entries
    .filter((entry) => entry.state === "waiting" && entry.tap.kind === "help")
    .map((entry) => entry.tap);
  const known = state.route?.calls ?? [];
  const settled = state.settled.filter((tap) => tap.kind === "help");
  const rows = [
    ...unsent.map((tap) => line("unsent", tap, t("phone.help_unsent"))),
    ...settled.map((tap) => line("sent", tap, t("phone.help_sent"))),
    ...known.filter((call) => !state.read?.includes(call.seq)).map((call) => answered(call, state, actions)),
  ];
  if (!rows.length) return null;
  const open = unsent.length > 0 || settled.length > 0 || known.some((call) => !call.answer);
  return h(
    "section",
    { class: `notice ${open ? "conflict" : "heard"}`, id: "help-state", role: "status" },
    rows,
    open && ring(state),
  );
}

const line = (kind, tap, text, ...rest) =>
  h(
    "p",
    { "data-help-state": kind },
    h("b", {}, `${clock(tap.at)} ${t("phone.kind.help")}${tap.reason ? `: ${word("phone.help", tap.reason)}` : ""}`),
    h("br", {}),
    text,
    ...rest,
  );

function answered(call, state, actions) {
  if (!call.answer) return line("sent", call, t("phone.help_sent"));
  const { at, by, note } = call.answer;
  const seen = h(
    "button",
    { type: "button", class: "plain", onclick: () => actions.change({ read: [...(state.read ?? []), call.seq] }) },
    t("phone.seen"),
  );
  return line(
    "answered",
    call,
    t("phone.help_answered", { time: clock(at), by }),
    note ? h("span", { class: "answer" }, `“${note}”`) : null,
    seen,
  );
}
