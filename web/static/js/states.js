// Where an order stands on its road, each step against its promise, and the buttons that take it on.
import { inPath } from "./api.js";
import { day, select } from "./day.js";
import { announce, h } from "./dom.js";
import { clock } from "./format.js";
import { crewLate } from "./found.js";
import { reasonInput } from "./hand_panel.js";
import { act } from "./live.js";
import { section } from "./panel.js";
import { pinForm } from "./pin.js";
import { reasonIn } from "./refusing.js";
import { deskS, live, orderOf, state, stateOf } from "./state.js";
import { t, word } from "./words.js";

const DUE_OF = { accepted: "accept", dispatched: "dispatch", on_site: "arrive", restored: "restore" };
const SIGNS = {
  new: "◌",
  received: "○",
  accepted: "◔",
  dispatched: "◑",
  on_the_way: "▶",
  on_site: "◉",
  safe: "◈",
  restored: "✓",
  done: "✓",
  closed: "■",
  callback_done: "■",
  cannot: "✕",
};

/** A state as a sign and a word. */
export function stateMark(job) {
  const where = stateOf(job);
  if (!where) return null;
  return h(
    "span",
    { class: `state s-${where}`, title: t(`state.${where}`) },
    h("i", { "aria-hidden": "true" }, SIGNS[where] ?? ""),
    h("span", {}, t(`state.${where}`)),
  );
}

export const stateSign = (job) => SIGNS[stateOf(job)] ?? "";

/** The part of a job's details that tells and moves its order's state. */
export function stateSection(job) {
  if (!live) return null;
  const order = orderOf(job);
  if (!order) return h("p", { class: "dim" }, t("state.no_order"));
  return h(
    "div",
    { class: "states", "data-order": order.id },
    h(
      "ol",
      { class: "road" },
      live.states.map((each) => stepView(job, order, each)),
    ),
    h(
      "p",
      { class: "dim" },
      t("state.responsible", { who: order.by || t("requests.owner_none") }),
      order.cause ? ` · ${word("cause", order.cause)}` : "",
      order.note ? ` · ${order.note}` : "",
    ),
    live.may
      ? h(
          "div",
          { class: "moves" },
          (live.follows[order.state] ?? []).map((to) => moveButton(job, order, to)),
        )
      : null,
    h("p", { class: "wrong", role: "alert", hidden: true }),
    live.may ? wishes(job) : null,
  );
}

function stepView(job, order, each) {
  const at = order.steps[each];
  const promise = job.promises.find((one) => one.what === DUE_OF[each]);
  const late = promise && (at ?? deskS()) > promise.due;
  return h(
    "li",
    {
      class: each === order.state ? "here" : at ? "past" : "ahead",
      "aria-current": each === order.state ? "step" : null,
    },
    h("span", {}, t(`state.${each}`)),
    h(
      "time",
      { class: late ? "wrong" : null },
      at ? clock(at) : promise ? t("state.due", { at: clock(promise.due) }) : "",
      late ? h("span", {}, ` ▲ ${t("state.late")}`) : null,
    ),
  );
}

function moveButton(job, order, to) {
  const back = live.states.indexOf(to) < live.states.indexOf(order.state);
  return h(
    "button",
    {
      type: "button",
      class: back ? "quiet" : null,
      "data-to": to,
      onclick: (event) => move(event.currentTarget, job, order, to),
    },
    t(`to.${to}`),
  );
}

async function move(button, job, order, to) {
  const crew = to === "dispatched" && job.crews[0] ? { crew: job.crews[0] } : {};
  const box = button.closest("#detail");
  for (const each of box.querySelectorAll(".moves button")) each.disabled = true;
  try {
    await act(`/work-orders/${inPath(order.id)}/state`, { to, seen: order.version, ...crew });
    announce(t(`state.${to}`));
  } catch (error) {
    // As it is now, with buttons that can be pressed, and why what was pressed was not done.
    const known = day.job.get(job.id);
    if (known) button.closest(".states")?.replaceWith(stateSection(known));
    sayWrong(box, error);
  }
}

function sayWrong(box, error) {
  const said = box.querySelector(".states .wrong");
  if (!said) throw error;
  said.hidden = false;
  said.textContent = reasonIn(error);
}

function wishes(job) {
  const own = state.wishes.filter((wish) => wish.job === job.id);
  const crew = job.crews[0];
  const free = !crew || !day.crew.get(crew)?.desk;
  const name = (id) => day.crew.get(id)?.name ?? id;
  const wish = (to, what) =>
    act("/wishes", { job: job.id, crew: to, wish: what }).catch((error) =>
      sayWrong(document.getElementById("detail"), error),
    );
  return section(
    t("hand.wishes"),
    own.length > 0,
    own.length
      ? h(
          "ul",
          {},
          own.map((each) =>
            h(
              "li",
              {},
              t(`hand.${each.wish}ned`, { crew: name(each.crew) }),
              each.reason ? ` (${each.reason})` : "",
              " ",
              h("button", { type: "button", class: "link", onclick: () => wish(each.crew, null) }, t("hand.take_back")),
            ),
          ),
        )
      : null,
    free && state.plan && !job.fresh
      ? h(
          "p",
          { class: "moves" },
          h("button", { type: "button", "data-pin": job.id, onclick: () => pinForm(job) }, t("hand.pin_ask")),
          crew && !own.some((each) => each.crew === crew)
            ? h(
                "button",
                { type: "button", onclick: () => wish(crew, "forbid") },
                t("hand.forbid", { crew: name(crew) }),
              )
            : null,
        )
      : null,
    own.length ? null : h("p", { class: "dim" }, t("hand.no_wish")),
  );
}

/** A crew's own state: on shift, absent with a reason, back again. */
// When this page said that a crew's vehicle had been filled.
const filled = new Map();

/** The crew has filled its vehicle at the depot, and says so by radio: the planner counts its parts as whole again. */
function restockButton(crew) {
  const at = filled.get(crew.id);
  const fill = async () => {
    try {
      await act(`/crews/${inPath(crew.id)}/restocked`, { at: null });
      filled.set(crew.id, deskS());
      announce(t("crew_state.restocked", { at: clock(deskS()) }));
      select("crew", crew.id, "restocked");
    } catch (error) {
      sayWrong(document.getElementById("detail"), error);
    }
  };
  return h(
    "button",
    { type: "button", class: "restocked", title: t("crew_state.restock_title"), onclick: fill },
    at ? t("crew_state.restocked", { at: clock(at) }) : t("crew_state.restock"),
  );
}

export function crewSection(crew) {
  if (!live || crew.desk) return null;
  const row = state.crew.get(crew.id);
  const absent = row?.state === "absent";
  const reason = reasonInput();
  const change = async (to) => {
    const why = reason.value.trim();
    reason.value = "";
    try {
      await act(`/crews/${inPath(crew.id)}/state`, { state: to, ...(why ? { reason: why } : {}) });
    } catch (error) {
      reason.value = why;
      sayWrong(document.getElementById("detail"), error);
    }
  };
  return h(
    "div",
    { class: "states" },
    h(
      "p",
      { class: absent ? "wrong" : "dim" },
      t(`crew_state.${row?.state ?? "on_shift"}`),
      row?.reason && absent ? `: ${row.reason}` : "",
      state.unread.includes(crew.id) ? ` · ${t("crew_state.unread")}` : "",
    ),
    live.may
      ? h(
          "p",
          { class: "moves" },
          absent ? null : reason,
          h(
            "button",
            { type: "button", onclick: () => change(absent ? "on_shift" : "absent") },
            t(absent ? "crew_state.back" : "crew_state.mark_absent"),
          ),
          absent ? null : h("button", { type: "button", onclick: () => crewLate(crew.id) }, t("found.late_ask")),
          absent ? null : restockButton(crew),
        )
      : null,
    h("p", { class: "wrong", role: "alert", hidden: true }),
  );
}
