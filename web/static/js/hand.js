// A plan changed by hand: tried first, with what it costs and breaks, then applied with a reason.
import { ask, inPath } from "./api.js";
import { day, selection } from "./day.js";
import { announce, h } from "./dom.js";
import { clock } from "./format.js";
import { dialog, panelOf, reasonInput } from "./hand_panel.js";
import { act } from "./live.js";
import { crewName, signed, title } from "./names.js";
import { reasonIn } from "./refusing.js";
import { state } from "./state.js";
import { broken, difference, movable, moved, routesNow, tried } from "./trying.js";
import { remember } from "./undo.js";
import { t } from "./words.js";

let turn = 0;

/** Show what a move would do, with a way to apply it. */
export async function showMove(job, fromCrew, toCrew, position, known = null) {
  const own = ++turn;
  // The plan that these routes were drawn from: what somebody saw is what the server compares.
  const seen = state.plan;
  const routes = moved(job, fromCrew, toCrew, position);
  panel(job, h("p", {}, whereTo(routes, job, toCrew)), h("p", { class: "dim", role: "status" }, t("hand.trying")));
  try {
    const found = known ?? (await tried(routes));
    if (own === turn) outcome(job, routes, toCrew, seen, found);
  } catch (error) {
    panel(job, h("p", { class: "wrong", role: "alert" }, reasonIn(error)));
  }
}

function whereTo(routes, job, crew) {
  const at = routes[crew].indexOf(job);
  const other = at > 0 ? day.job.get(routes[crew][at - 1]) : null;
  if (!other) return t("hand.first", { crew: crewName(crew) });
  return t("hand.after", { crew: crewName(crew), what: `${title(other)}, ${other.address}` });
}

function outcome(job, routes, crew, seen, found) {
  const unsafe = found.violations.some((each) => !each.allowed);
  const reason = reasonInput(found.violations.length > 0);
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const apply = async (event) => {
    event.preventDefault();
    const note = remember();
    try {
      await act("/plans/routes", { routes, reason: reason.value, seen });
      note.keep();
      dialog.close();
      announce(t("hand.applied"));
    } catch (error) {
      wrong.hidden = false;
      wrong.replaceChildren(reasonIn(error));
      // Somebody was first: look at it again on the plan that holds now.
      if (seen !== state.plan) wrong.append(" ", h("button", { type: "button", onclick: chooseCrew }, t("hand.again")));
    }
  };
  panel(
    job,
    h("p", {}, whereTo(routes, job, crew)),
    difference(found),
    broken(found),
    unsafe
      ? h("p", { class: "wrong" }, t("hand.unsafe"))
      : h("form", { class: "moves", onsubmit: apply }, reason, h("button", { class: "main" }, t("hand.apply"))),
    wrong,
  );
  if (!unsafe) reason.focus();
}

function panel(job, ...content) {
  const found = day.job.get(job);
  panelOf(t("hand.title", { what: `${title(found)}, ${found.address}` }), ...content);
}

/** Ask where the selected job should go: the best crews first, then any. */
export async function chooseCrew() {
  const job = selection.kind === "job" ? selection.id : null;
  if (!job || !movable(job)) return false;
  const from = day.job.get(job).crews[0] ?? "";
  panel(job, h("p", { class: "dim", role: "status" }, t("why.asking")));
  try {
    const { crews } = await ask(`/jobs/${inPath(job)}/crews`);
    const best = h(
      "ol",
      { class: "best" },
      crews.filter((each) => each.crew !== from).map((each) => h("li", {}, bestButton(job, from, each))),
    );
    panel(
      job,
      h("h3", {}, t("hand.who")),
      crews.length ? best : h("p", { class: "dim" }, t("hand.nobody")),
      anyCrew(job, from),
    );
    dialog.querySelector(".best button, select")?.focus();
  } catch (error) {
    panel(job, h("p", { class: "wrong", role: "alert" }, reasonIn(error)));
  }
  return true;
}

function bestButton(job, from, each) {
  // Positions are told for the route without the job itself.
  const without = (routesNow()[each.crew] ?? []).filter((id) => id !== job);
  const next = without[each.position];
  const whole = routesNow()[each.crew] ?? [];
  const position = next === undefined ? whole.length : whole.indexOf(next);
  const late = each.delayed.length ? ` · ${t("hand.delays", { n: each.delayed.length })}` : "";
  return h(
    "button",
    { type: "button", onclick: () => showMove(job, from, each.crew, position) },
    h("b", {}, crewName(each.crew)),
    ` ${clock(each.start)} · ${signed(each.cost)}${late}`,
  );
}

function anyCrew(job, from) {
  const list = h(
    "select",
    { "aria-label": t("hand.any") },
    h("option", { value: "" }, t("hand.any")),
    day.crews.map((crew) => h("option", { value: crew.id }, crewName(crew.id))),
  );
  list.addEventListener(
    "change",
    () => list.value && showMove(job, from, list.value, (routesNow()[list.value] ?? []).length),
  );
  return h("p", {}, list);
}

/** Let Escape close the panel and bring the keys back to the board. */
export function handPanel() {
  dialog?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      dialog.close();
    }
  });
  dialog?.addEventListener("close", () => (turn += 1));
}
