// The tickets of a stop: read back before work, each step with two names, suspended, returned.
import { h, t, word } from "./parts.js";

const OPEN = ["issued", "read_back", "working", "suspended"];

export function ticketCards(stop, state, actions) {
  const tickets = (stop.tickets ?? []).filter((each) => OPEN.includes(each.state) && each.crew === state.route.crew.id);
  return tickets.map((ticket) => card(ticket, stop, state, actions));
}

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
  const acts = ticket.acts.filter((act) => ["read_back", "step", "suspend", "resume", "return"].includes(act));
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
  const say = (act) =>
    actions.say({
      kind: "ticket",
      job: stop.job,
      ticket: ticket.number,
      act,
      ...clean(state.names),
      ...(act === "step" ? { step: next.id } : {}),
    });
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
