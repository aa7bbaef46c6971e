// The work itself changed by hand: split, put together, timed, taken out, added; each tried while it is typed.
import { day, select, selection } from "./day.js";
import { iso, momentOf } from "./desk_time.js";
import { announce, h } from "./dom.js";
import { clock, hours } from "./format.js";
import { panelOf, reasonInput, tellDesk } from "./hand_panel.js";
import { act } from "./live.js";
import { crewName, title } from "./names.js";
import { reasonIn } from "./refusing.js";
import { deskS, live, state } from "./state.js";
import { broken, difference, movable, tried } from "./trying.js";
import { remember } from "./undo.js";
import { t, word } from "./words.js";

const WAIT_MS = 120;
const SKILLS = ["hv", "lv", "cable", "live_line", "metering", "tree", "switching"];
const KINDS = ["inspection", "planned_work", "hazard", "metering", "power_quality", "street_light", "new_connection"];
const name = (job) => [title(job), job.address].filter(Boolean).join(", ");

/** What can be done with the selected job, one button each. */
export function workMenu() {
  const job = selection.kind === "job" ? day.job.get(selection.id) : null;
  if (!job || !movable(job.id)) return false;
  const acts = { split: splitForm, merge: mergeForm, time: timeForm, estimate: estimateForm, remove: removeForm };
  const own = state.changes.filter((each) => each.subject === job.id);
  panelOf(
    t("work.title", { what: name(job) }),
    h(
      "div",
      { class: "menu" },
      Object.entries(acts).map(([what, open], i) =>
        h(
          "button",
          { type: "button", "data-work": what, onclick: () => open(job) },
          h("kbd", {}, String(i + 1)),
          ` ${t(`work.${what}`)}`,
        ),
      ),
    ),
    own.length
      ? h(
          "ul",
          { class: "said" },
          own.map((each) =>
            h(
              "li",
              {},
              `${t(`work.${each.what}`)} · ${each.by} ${clock(each.at)}${each.reason ? ` · ${each.reason}` : ""} `,
              h(
                "button",
                {
                  type: "button",
                  class: "link",
                  onclick: () =>
                    apply([{ subject: each.subject, what: each.what, data: null }], t("hand.take_back"), null),
                },
                t("hand.take_back"),
              ),
            ),
          ),
        )
      : null,
  );
  const box = document.querySelector("#hand .menu");
  box.addEventListener("keydown", (event) => {
    const found = box.querySelectorAll("button")[Number(event.key) - 1];
    if (found) {
      event.preventDefault();
      found.click();
    }
  });
  box.querySelector("button").focus();
  return true;
}

const field = (label, input) => h("label", {}, label, input);
const minutesInput = (attributes, value) =>
  h("input", {
    type: "number",
    min: "1",
    max: "2000",
    step: "1",
    required: true,
    value: String(Math.round(value)),
    ...attributes,
  });

/** A form whose changes are tried while somebody types. */
function form(heading, fields, edits, needsReason = false) {
  const reason = reasonInput(needsReason);
  const said = h("div", { class: "tried", role: "status" });
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const submit = h("button", { class: "main" }, t("hand.apply"));
  let turn = 0;
  let timer = 0;
  let seen = state.plan;
  const look = async () => {
    const wanted = edits();
    const own = ++turn;
    seen = state.plan;
    if (!wanted) return said.replaceChildren();
    try {
      const found = await tried(null, wanted);
      if (own !== turn) return null;
      said.replaceChildren(difference(found), broken(found));
      reason.required = needsReason || found.violations.length > 0;
      submit.disabled = found.violations.some((each) => !each.allowed);
    } catch (error) {
      if (own === turn) said.replaceChildren(h("p", { class: "wrong" }, reasonIn(error)));
    }
    return null;
  };
  const made = h(
    "form",
    {
      class: "work",
      oninput: () => {
        clearTimeout(timer);
        timer = setTimeout(look, WAIT_MS);
      },
      onsubmit: (event) => {
        event.preventDefault();
        const wanted = edits();
        if (wanted) apply(wanted, reason.value, wrong, seen).then((done) => done || look());
      },
    },
    ...fields,
    said,
    h("div", { class: "moves" }, reason, submit),
    wrong,
  );
  panelOf(heading, made);
  (made.querySelector("input:not([name=reason]), select, textarea") ?? reason).focus();
  look();
}

/** Publish changed work; false when it was refused, which `wrong` then says. */
async function apply(edits, reason, wrong, seen = state.plan) {
  const note = remember(edits);
  try {
    const done = await act("/plans/routes", { edits, reason, seen });
    note.keep(done.subjects);
    document.getElementById("hand").close();
    announce(t("hand.applied"));
    if (day.job.has(done.subjects[0])) select("job", done.subjects[0], "work");
    return true;
  } catch (error) {
    if (!wrong) throw error;
    wrong.hidden = false;
    wrong.textContent = reasonIn(error);
    return false;
  }
}

function splitForm(job) {
  const half = Math.max(1, job.min / 2);
  const parts = [minutesInput({ name: "first" }, half), minutesInput({ name: "second" }, half)];
  const together = h("input", { type: "checkbox", name: "together" });
  form(
    t("work.split_title", { what: name(job) }),
    [
      field(t("work.first_part"), parts[0]),
      field(t("work.second_part"), parts[1]),
      h("label", { class: "check" }, together, ` ${t("work.together")}`),
    ],
    () =>
      parts.every((each) => each.validity.valid) && [
        {
          subject: job.id,
          what: "split",
          data: { minutes: parts.map((each) => each.valueAsNumber), together: together.checked },
        },
      ],
  );
}

const kilometres = (km) => (km < 10 ? km.toFixed(1) : String(Math.round(km)));

function mergeForm(job) {
  const apart = (other) =>
    Math.hypot((other.at[0] - job.at[0]) * Math.cos((job.at[1] * Math.PI) / 180), other.at[1] - job.at[1]);
  const others = day.jobs
    .filter((other) => other.id !== job.id && !other.remote && !other.fresh && other.kind !== "switching")
    .sort((a, b) => apart(a) - apart(b))
    .slice(0, 40);
  const into = h(
    "select",
    { name: "into", required: true },
    others.map((other) =>
      h("option", { value: other.id }, `${other.cls} ${name(other)} (${kilometres(apart(other) * 111)} km)`),
    ),
  );
  // Two repairs at one place are done side by side; anything else one after the other.
  const together = () => {
    const other = day.job.get(into.value);
    return job.kind === "repair" && other?.kind === "repair"
      ? Math.max(job.min, other.min)
      : job.min + (other?.min ?? 0);
  };
  const minutes = minutesInput({ name: "minutes" }, together());
  into.addEventListener("change", () => (minutes.value = String(Math.round(together()))));
  form(
    t("work.merge_title", { what: name(job) }),
    [
      field(t("work.into"), into),
      field(t("work.minutes_both"), minutes),
      h("p", { class: "dim" }, t("work.merge_hint")),
    ],
    () =>
      into.value &&
      minutes.validity.valid && [
        { subject: job.id, what: "merge", data: { into: into.value, minutes: minutes.valueAsNumber } },
      ],
  );
}

/** Start not before a time; with an end, not after it either. */
export function timeForm(job, atS = null) {
  const known = state.changes.find((each) => each.subject === job.id && each.what === "time");
  const first = h("input", {
    type: "time",
    name: "from",
    required: true,
    value: hours(atS ?? (known ? Date.parse(known.data.from) / 1000 : (job.start ?? deskS()))),
  });
  const last = h("input", { type: "time", name: "to" });
  form(
    t("work.time_title", { what: name(job) }),
    [field(t("work.not_before"), first), field(t("work.not_after"), last)],
    () =>
      first.value && [
        {
          subject: job.id,
          what: "time",
          data: { from: iso(momentOf(first.value)), ...(last.value ? { to: iso(momentOf(last.value)) } : {}) },
        },
      ],
  );
}

function removeForm(job) {
  form(
    t("work.remove_title", { what: name(job) }),
    [h("p", { class: "dim" }, t("work.remove_hint"))],
    () => [{ subject: job.id, what: "remove", data: {} }],
    true,
  );
}

/** Longer or shorter than thought: the planner answers; the plan in force stays. */
function estimateForm(job) {
  const { minutes, reason, wrong } = {
    minutes: minutesInput({ name: "minutes" }, job.min),
    reason: reasonInput(),
    wrong: h("p", { class: "wrong", role: "alert", hidden: true }),
  };
  const send = async (event) => {
    event.preventDefault();
    await tellDesk(
      `/jobs/${encodeURIComponent(job.id)}/estimate`,
      { minutes: minutes.valueAsNumber, reason: reason.value },
      wrong,
    );
  };
  panelOf(
    t("work.estimate_title", { what: name(job) }),
    h(
      "form",
      { class: "work", onsubmit: send },
      field(t("work.minutes_all"), minutes),
      h("p", { class: "dim" }, t("found.hint")),
      h("div", { class: "moves" }, reason, h("button", { class: "main" }, t("found.tell"))),
      wrong,
    ),
  );
  minutes.focus();
}

/** Work that nobody called about. */
export function addWork() {
  if (!live?.may || !state.plan) return false;
  const at = selection.kind === "job" ? day.job.get(selection.id) : null;
  const words = h("input", { name: "words", required: true, maxlength: "500", autocomplete: "off" });
  const kind = h(
    "select",
    { name: "kind" },
    KINDS.map((each) => h("option", { value: each }, word("request_kind", each))),
  );
  const place = h("input", {
    name: "address",
    required: !at,
    maxlength: "300",
    autocomplete: "off",
    placeholder: at ? at.address : t("call.who_hint"),
  });
  const minutes = minutesInput({ name: "minutes" }, 30);
  const crew = h(
    "select",
    { name: "crew" },
    h("option", { value: "" }, t("work.planner")),
    day.crews.filter((each) => !each.desk).map((each) => h("option", { value: each.id }, crewName(each.id))),
  );
  const skills = h(
    "span",
    { class: "checks" },
    SKILLS.map((each) =>
      h(
        "label",
        { class: "check" },
        h("input", { type: "checkbox", name: "skill", value: each }),
        ` ${word("skill", each)}`,
      ),
    ),
  );
  const placeOf = () =>
    place.value.trim()
      ? { address: place.value.trim() }
      : at
        ? { lon: at.at[0], lat: at.at[1], address: at.address }
        : null;
  form(
    t("work.add_title"),
    [
      field(t("work.what"), words),
      field(t("work.kind"), kind),
      field(t("detail.where"), place),
      field(t("work.minutes_all"), minutes),
      field(t("list.crew"), crew),
      h("div", { class: "dim" }, t("detail.skills"), skills),
    ],
    () => {
      const where = placeOf();
      if (!words.value.trim() || !where || !minutes.validity.valid) return null;
      return [
        {
          subject: "new",
          what: "add",
          data: {
            words: words.value.trim(),
            kind: kind.value,
            minutes: minutes.valueAsNumber,
            ...where,
            skills: [...skills.querySelectorAll("input:checked")].map((each) => each.value),
            ...(crew.value ? { crew: crew.value } : {}),
          },
        },
      ];
    },
  );
  return true;
}
