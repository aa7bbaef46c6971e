// A job kept with a crew of one's choice: which, why, and what that costs, before it is said.
import { ask, inPath } from "./api.js";
import { day } from "./day.js";
import { announce, h } from "./dom.js";
import { panelOf } from "./hand_panel.js";
import { act } from "./live.js";
import { crewName, title } from "./names.js";
import { reasonIn } from "./refusing.js";
import { state } from "./state.js";
import { broken, difference, moved, routesNow, tried } from "./trying.js";
import { remember } from "./undo.js";
import { t } from "./words.js";

/** Choose the crew and the reason; the price of the choice is shown before it is made. */
export function pinForm(job) {
  const from = job.crews[0] ?? "";
  const seen = state.plan;
  const crews = day.crews.filter((crew) => !crew.desk);
  const list = h(
    "select",
    { name: "crew", required: true },
    crews.map((crew) => h("option", { value: crew.id, selected: crew.id === from }, crewName(crew.id))),
  );
  const reason = h("input", { name: "reason", required: true, maxlength: "500", autocomplete: "off" });
  const now = h("input", { type: "checkbox", name: "now", checked: true });
  const moves = h("label", { class: "check", hidden: true }, now, t("hand.pin_now"));
  const price = h("div", { class: "tried", role: "status" });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  let turn = 0;
  let routes = null; // those with the job at the crew that is chosen

  const look = async () => {
    const own = ++turn;
    routes = null;
    moves.hidden = list.value === from;
    if (list.value === from)
      return price.replaceChildren(h("p", { class: "dim" }, t("hand.pin_stays", { crew: crewName(from) })));
    price.replaceChildren(h("p", { class: "dim" }, t("hand.trying")));
    try {
      const wanted = moved(job.id, from, list.value, await placeFor(job.id, list.value));
      const found = await tried(wanted);
      if (own !== turn) return null;
      routes = wanted;
      now.checked = !(now.disabled = found.violations.some((each) => !each.allowed));
      price.replaceChildren(
        h("p", {}, t("hand.pin_price", { crew: crewName(list.value) })),
        difference(found),
        broken(found),
      );
    } catch (error) {
      if (own === turn) price.replaceChildren(h("p", { class: "wrong" }, reasonIn(error)));
    }
    return null;
  };

  const submit = async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      if (routes && now.checked) {
        const note = remember();
        await act("/plans/routes", { routes, reason: reason.value, seen });
        note.keep();
      }
      // One pin holds: whoever it was kept with before is free of it.
      for (const old of state.wishes.filter(
        (each) => each.job === job.id && each.wish === "pin" && each.crew !== list.value,
      )) {
        await act("/wishes", { job: job.id, crew: old.crew, wish: null });
      }
      await act("/wishes", { job: job.id, crew: list.value, wish: "pin", reason: reason.value });
      document.getElementById("hand").close();
      announce(t("hand.pinned", { crew: crewName(list.value) }));
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = reasonIn(error);
    }
  };

  list.addEventListener("change", look);
  panelOf(
    t("hand.pin_title", { what: [title(job), job.address].filter(Boolean).join(", ") }),
    h(
      "form",
      { class: "work", onsubmit: submit },
      h("label", {}, t("hand.pin_crew"), list),
      price,
      moves,
      h("label", {}, t("hand.pin_why"), reason),
      h("div", { class: "moves" }, h("button", { class: "main" }, t("hand.pin_apply"))),
      wrong,
    ),
  );
  list.focus();
  look();
}

/** Where in a crew's route a job costs least; at its end where nobody can say. */
async function placeFor(job, crew) {
  const whole = routesNow()[crew] ?? [];
  const { crews } = await ask(`/jobs/${inPath(job)}/crews`);
  const found = crews.find((each) => each.crew === crew);
  if (!found) return whole.length;
  // Places are told for the route without the job itself.
  const next = whole.filter((id) => id !== job)[found.position];
  return next === undefined ? whole.length : whole.indexOf(next);
}
