// The tickets of a stop: read back before work, each step with two names, suspended, returned.
import { h, t, word } from "./parts.js";

const OPEN = ["issued", "read_back", "working", "suspended"];

export function ticketCards(stop, state, actions) {
  const tickets = (stop.tickets ?? []).filter((each) => OPEN.includes(each.state) && each.crew === state.route.crew.id);
  return tickets.map((ticket) => card(withTaps(ticket, state), stop, state, actions));
}

// Steps that were tapped and are not on the route yet count as done here: without signal too, one follows the other.
function withTaps(ticket, state) {
  const waiting = state.entries.filter((entry) => entry.state === "waiting").map((entry) => entry.tap);
  const taps = [...state.settled, ...waiting].filter((tap) => tap.kind === "ticket" && tap.ticket === ticket.number);
  const done = new Set(taps.filter((tap) => tap.act === "step").map((tap) => tap.step));
  const said = new Set(taps.map((tap) => tap.act).filter((act) => act !== "step"));
  return {
    ...ticket,
    steps: ticket.steps.map((step) => (done.has(step.id) ? { ...step, done: true } : step)),
    acts: said.size ? [] : ticket.acts,
  };
}

// In the list of stops: a ticket that is given out waits there.
export const ticketMark = (stop, state) =>
  (stop.tickets ?? []).some((each) => OPEN.includes(each.state) && each.crew === state.route.crew.id)
    ? h("span", { class: "class ticket-mark" }, t("map.ticket_mark"))
    : null;

function card(ticket, stop, state, actions) {
  const id = `ticket-${ticket.number}`;
  const open = state.open === id;
  const next = ticket.steps.find((step) => !step.done);
  const toggle = () => actions.change({ open: open ? null : id });
  return h(
    "section",
    { class: "ticket", "data-ticket": ticket.number, "data-ticket-state": ticket.state },
    h(
      "button",
      { type: "button", class: "plain", "aria-expanded": open ? "true" : "false", onclick: toggle },
      `${word("ticket_form", ticket.form)} ${ticket.number} · ${word("ticket_state", ticket.state)}`,
    ),
    open &&
      h(
        "ol",
        {},
        ticket.steps.map((step) =>
          h(
            "li",
            { class: step.done ? "done" : step === next ? "next" : "" },
            `${step.id}. ${word("ticket_act", step.act)} ${step.device} ${step.done ? "✓" : ""}`,
          ),
        ),
      ),
    open && names(ticket, next, stop, state, actions),
  );
}

function names(ticket, next, stop, state, actions) {
  const known = ["read_back", "step", "suspend", "resume", "return"];
  const acts = ticket.acts.filter((act) => known.includes(act) && (act !== "step" || next));
  if (!acts.length) return h("p", { class: "dim" }, t("phone.ticket_waits"));
  const field = (name) =>
    h(
      "label",
      {},
      t(`tickets.${name}.${ticket.kind}`),
      h("input", {
        id: `ticket-${name}`,
        maxlength: 160,
        value: state.names?.[name] ?? "",
        oninput: (event) => (state.names = { ...state.names, [name]: event.target.value }),
      }),
    );
  const say = (act) => {
    actions.say({
      kind: "ticket",
      job: stop.job,
      ticket: ticket.number,
      act,
      ...clean(state.names),
      ...(act === "step" ? { step: next.id } : {}),
    });
    // The next step stands under the finger: nobody opens the ticket anew for each.
    actions.change({ open: `ticket-${ticket.number}` });
  };
  return h(
    "div",
    {},
    field("by"),
    field("second"),
    h(
      "div",
      { class: "choices" },
      acts.map((act) =>
        h(
          "button",
          { type: "button", class: "big", "data-act": act, onclick: () => say(act) },
          `${word("ticket_do", act)}${act === "step" ? ` ${next.id}` : ""}`,
        ),
      ),
    ),
  );
}

const clean = (told = {}) => Object.fromEntries(Object.entries(told).filter(([, value]) => value.trim()));
