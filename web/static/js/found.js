// What was found out there: a road closed, a switch that does not move, a crew held up. The planner answers.
import { day, on, select, selection } from "./day.js";
import { iso, momentOf } from "./desk_time.js";
import { h } from "./dom.js";
import { clock, hours } from "./format.js";
import { panelOf, reasonInput, tellDesk } from "./hand_panel.js";
import { act } from "./live.js";
import { pickPlace, showClosed } from "./map.js";
import { crewName } from "./names.js";
import { reasonIn } from "./refusing.js";
import { deskS, live, state } from "./state.js";
import { t } from "./words.js";

const wrongLine = () => h("p", { class: "wrong", role: "alert", hidden: true });

export function followFound() {
  on("state", draw);
  draw();
}

const draw = () => showClosed(state.changes.filter((each) => each.what === "closed").map((each) => each.data.line));

/** A road is closed: click on it, or take the street of the selected job. */
export function closeRoad() {
  if (!live?.may) return false;
  const reason = reasonInput();
  const wrong = wrongLine();
  const job = selection.kind === "job" ? day.job.get(selection.id) : null;
  const shut = (at) => tellDesk("/found", { what: "closed", lon: at[0], lat: at[1], reason: reason.value }, wrong);
  panelOf(
    t("found.road_title"),
    h("p", {}, t("found.road_hint")),
    h(
      "div",
      { class: "moves" },
      reason,
      job && !job.remote
        ? h("button", { type: "button", onclick: () => shut(job.at) }, t("found.road_here", { where: job.address }))
        : null,
    ),
    standing("closed"),
    wrong,
  );
  pickPlace((at) => document.getElementById("hand").open && shut(at));
  reason.focus();
  return true;
}

/** A crew is held up until a time. */
export function crewLate(crew) {
  const reason = reasonInput();
  const wrong = wrongLine();
  const until = h("input", { type: "time", name: "until", required: true, value: hours(deskS() + 3600) });
  const send = (event) => {
    event.preventDefault();
    tellDesk("/found", { what: "late", subject: crew, until: iso(momentOf(until.value)), reason: reason.value }, wrong);
  };
  panelOf(
    t("found.late_title", { crew: crewName(crew) }),
    h(
      "form",
      { class: "work", onsubmit: send },
      h("label", {}, t("found.until"), until),
      h("p", { class: "dim" }, t("found.hint")),
      h("div", { class: "moves" }, reason, h("button", { class: "main" }, t("found.tell"))),
    ),
    standing("late"),
    wrong,
  );
  until.focus();
}

/** A switch does not move. */
export function switchStuck(device, name) {
  const reason = reasonInput();
  const wrong = wrongLine();
  const send = (event) => {
    event.preventDefault();
    tellDesk("/found", { what: "stuck", subject: device, reason: reason.value }, wrong);
  };
  panelOf(
    t("found.stuck_title", { name }),
    h(
      "form",
      { class: "work", onsubmit: send },
      h("p", { class: "dim" }, t("found.hint")),
      h("div", { class: "moves" }, reason, h("button", { class: "main" }, t("found.tell"))),
    ),
    standing("stuck"),
    wrong,
  );
  reason.focus();
}

const nameOf = (each) =>
  each.what === "late"
    ? `${crewName(each.subject)} ${clock(Date.parse(each.data.until) / 1000)}`
    : each.what === "closed"
      ? each.data.name || each.subject
      : each.subject;

function standing(what) {
  const found = state.changes.filter((each) => each.what === what);
  if (!found.length) return null;
  return h(
    "ul",
    { class: "said" },
    found.map((each) => {
      const wrong = wrongLine();
      return h(
        "li",
        {},
        `${nameOf(each)} · ${each.by} ${clock(each.at)}${each.reason ? ` · ${each.reason}` : ""} `,
        live.may
          ? h(
              "button",
              {
                type: "button",
                class: "link",
                onclick: () =>
                  act("/found", { what, subject: each.subject, over: true }).then(
                    () => document.getElementById("hand").close(),
                    (error) => {
                      wrong.hidden = false;
                      wrong.textContent = reasonIn(error);
                    },
                  ),
              },
              t("found.over"),
            )
          : null,
        wrong,
      );
    }),
  );
}

/** What stands, in a line: roads closed, switches stuck, crews held up. */
export function foundLine() {
  const found = state.changes.filter((each) => ["closed", "stuck", "late"].includes(each.what));
  if (!found.length) return null;
  return h(
    "button",
    {
      type: "button",
      class: "quiet found-line",
      title: found.map((each) => `${t(`found.${each.what}`)}: ${nameOf(each)}`).join("\n"),
      onclick: () => openFound(found),
    },
    `⚠ ${t("found.line", { n: found.length })}`,
  );
}

function openFound(found) {
  const late = found.find((each) => each.what === "late");
  panelOf(t("found.title"), standing("closed"), standing("stuck"), standing("late"));
  if (late && !document.querySelector("#hand ul")) select("crew", late.subject, "found");
}
