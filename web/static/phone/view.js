// What the crew sees. Two taps for every state: the first arms the button, the second means it.
import { damageForm } from "./assess.js";
import { oneLine, onlyLook, said, sequence, subject, waiting, whereToLook } from "./brief.js";
import { countedParts, failedElement, partsUsed, stuckSwitch } from "./found.js";
import { helpButton, helpPanel, helpState } from "./help.js";
import { clock, h, inLanguage, known, t, word } from "./parts.js";
import { navigation } from "./places.js";
import { ringing } from "./ringing.js";
import { signPanel } from "./sign.js";
import { history, shiftEnd, signOn } from "./shift.js";
import { ticketCards, ticketMark } from "./tickets.js";
import { undoLine } from "./undo.js";

const CAUSES = [
  "tree",
  "wind",
  "lightning",
  "equipment",
  "cable",
  "animal",
  "vehicle",
  "overload",
  "customer",
  "unknown",
];
const REASONS = [
  "no_access",
  "unsafe",
  "material",
  "skill",
  "not_found",
  "not_mine",
  "road_closed",
  "switch_stuck",
  "other",
];
const HELP = ["second_crew", "supervisor", "police", "medical", "material"];
const MINUTES = [15, 30, 45, 60, 90, 120, 180, 240];
const ENDED = ["done", "cannot"];

export function drawTop(top, state, reached, actions) {
  const waiting = state.entries.filter((entry) => entry.state === "waiting").length;
  const text = waiting ? t("phone.waiting", { n: waiting }) : t("phone.all_sent");
  const name = state.session && state.route ? state.route.crew.name : t("phone.short_name");
  top.replaceChildren(
    h("strong", {}, name),
    helpButton(state, actions) ?? "",
    h(
      "button",
      {
        type: "button",
        class: `chip ${reached ? "" : "cut"} ${waiting ? "some" : ""}`,
        id: "queue",
        onclick: actions.again,
        "data-waiting": waiting,
      },
      `${reached ? t("phone.online") : t("phone.offline")} · ${text}`,
    ),
  );
}

export function drawSignIn(main, state, actions) {
  const pin = h("input", {
    id: "pin",
    inputmode: "numeric",
    autocomplete: "off",
    pattern: "[0-9]{4,6}",
    maxlength: 6,
    "aria-label": t("phone.pin"),
    required: true,
    value: state.pin ?? "",
    oninput: (event) => (state.pin = event.target.value),
  });
  const form = h(
    "form",
    {
      class: "sign-in",
      onsubmit: (event) => {
        event.preventDefault();
        actions.signIn(pin.value);
      },
    },
    h("label", { for: "pin" }, t("phone.pin")),
    pin,
    h("button", { class: "big go" }, t("phone.enter")),
  );
  const left = state.entries.filter((entry) => entry.state === "waiting").length;
  main.replaceChildren(
    ...[
      h("h1", {}, t("phone.name")),
      state.fault && h("p", { class: "fault", role: "alert" }, state.fault),
      left > 0 && h("p", { class: "fault" }, t("phone.kept", { n: left })),
      helpPanel(state, actions),
      state.code ? form : h("p", {}, t("phone.scan")),
    ].filter(Boolean),
  );
}

export function drawDay(main, state, actions) {
  const stops = withTaps(state);
  const next = stops.find((stop) => !ENDED.includes(stop.state)) ?? null;
  const named = stops.find((stop) => stop.job === state.chosen) ?? stops.find((stop) => stop.order === state.order);
  const shown = named ?? next;
  main.replaceChildren(
    ...[
      state.fault &&
        h("p", { class: "fault", role: "alert", onclick: () => actions.change({ fault: null }) }, state.fault),
      helpPanel(state, actions),
      helpState(state, actions),
      undoLine(state, actions),
      !state.route.on_shift && !pending(state, "sign_on") && signOn(state, actions, sure),
      changed(state, actions),
      ...conflicts(state, actions),
      shown
        ? stopCard(shown, shown === next, state, actions)
        : h("p", { class: "wait" }, t(stops.length ? "phone.all_done" : "phone.no_stops")),
      stops.length > 0 && list(stops, shown, state, actions),
      ringing(state, actions),
      shiftEnd(state, stops, actions, sure),
    ].filter(Boolean),
  );
}

// The route as the server knows it, with everything on top that has been tapped since.
function withTaps(state) {
  const taps = saidSince(state);
  return state.route.stops.map((stop) => {
    const seen = { ...stop, ticked: [...stop.ticked], photos: 0 };
    for (const tap of taps.filter((each) => each.job === stop.job)) {
      if (tap.kind === "report") Object.assign(seen, { state: tap.to, since: tap.at, minutes: tap.minutes ?? null });
      if (tap.kind === "undo") Object.assign(seen, { state: state.undone?.[tap.of] ?? null });
      if (tap.kind === "tick") seen.ticked.push(tap.step);
      if (tap.kind === "told") Object.assign(seen, { cause: tap.cause ?? seen.cause, note: tap.note ?? seen.note });
      if (tap.kind === "photo") seen.photos += 1;
    }
    return seen;
  });
}

// What was tapped since the route was fetched: taken by the server, then what still waits.
const saidSince = (state) => [
  ...state.settled,
  ...state.entries.filter((entry) => entry.state === "waiting").map((entry) => entry.tap),
];
const pending = (state, kind) => saidSince(state).some((tap) => tap.kind === kind);

// A button that means it at the second tap.
function sure(id, label, kind, state, actions, act) {
  const armed = state.armed === id;
  const text = armed ? t("phone.again", { what: label }) : label;
  return h(
    "button",
    {
      type: "button",
      id: `do-${id}`,
      class: `big ${kind} ${armed ? "armed" : ""}`,
      onclick: () => (armed ? act() : actions.change({ armed: id })),
    },
    text,
  );
}

function changed(state, actions) {
  const changes = state.route.changes;
  if (!changes || pending(state, "acknowledge")) return null;
  const plan = state.route.plan;
  const line = (what, job) =>
    h(
      "li",
      {},
      h("b", {}, t(`phone.${what}`)),
      ` ${job.class} ${heading(job)}, ${job.address || t("phone.no_address")}`,
      job.crew ? ` (${t("phone.to_crew", { crew: job.crew })})` : "",
    );
  const lines = [
    ...changes.added.map((job) => line("added", job)),
    ...changes.removed.map((job) => line("removed", job)),
  ];
  if (changes.reordered) lines.push(h("li", {}, t("phone.reordered")));
  const refusing = state.open === "refuse";
  return h(
    "section",
    { class: "notice change" },
    h("h2", {}, t(changes.first ? "phone.new_route" : "phone.route_changed")),
    lines.length ? h("ul", {}, lines) : h("p", {}, t(changes.first ? "phone.first_route" : "phone.times_changed")),
    h("p", {}, changes.reason ? t("phone.because", { reason: changes.reason }) : t("phone.by_planner")),
    h(
      "button",
      { type: "button", id: "understood", class: "big go", onclick: () => actions.say({ kind: "acknowledge", plan }) },
      t("phone.understood"),
    ),
    refusing
      ? noteForm("refuse", t("phone.why_not"), state, (note) => actions.say({ kind: "refuse", plan, note }))
      : h(
          "button",
          { type: "button", class: "plain", onclick: () => actions.change({ open: "refuse" }) },
          t("phone.refuse"),
        ),
  );
}

function conflicts(state, actions) {
  return state.entries
    .filter((entry) => entry.state === "conflict")
    .map(({ nr, tap, code, by }) =>
      h(
        "section",
        { class: "notice conflict", "data-conflict": code },
        h("h2", {}, t("phone.conflict")),
        h("p", {}, [`${clock(tap.at)} ${tapText(tap)}`, jobText(tap.job, state)].filter(Boolean).join(" · ")),
        h("p", {}, t(`phone.conflict.${code}`, { by: by ?? "–" })),
        h("p", { class: "dim" }, t("phone.conflict_kept")),
        h("button", { type: "button", class: "plain", onclick: () => actions.dismiss(nr) }, t("phone.seen")),
      ),
    );
}

// A job by its kind and address; by its id when the route no longer holds it.
function jobText(job, state) {
  const stop = state.route?.stops.find((each) => each.job === job);
  return stop ? `${heading(stop)}, ${stop.address || t("phone.no_address")}` : job;
}

function tapText(tap) {
  if (tap.kind === "report") return t(`phone.to.${tap.to}`);
  return known(`phone.kind.${tap.kind}`) ? t(`phone.kind.${tap.kind}`) : tap.kind;
}

const heading = (stop) => (stop.kind === "service" ? word("request_kind", stop.title) : word("job_kind", stop.kind));

function stopCard(stop, isNext, state, actions) {
  return h(
    "article",
    { class: `stop ${stop.class}` },
    h(
      "p",
      { class: "eyebrow" },
      t(isNext ? "phone.next" : "phone.stop"),
      " · ",
      t("phone.arrive", { time: clock(stop.arrive) }),
      " · ",
      t("phone.order", { id: stop.order }),
    ),
    h("h1", {}, h("span", { class: `class ${stop.class}` }, stop.class), " ", heading(stop)),
    subject(stop),
    h("p", { class: "address" }, stop.address || t("phone.no_address")),
    stop.hazard && h("p", { class: "hazard", role: "alert" }, inLanguage(stop.hazard)),
    stop.access && h("p", { class: "access" }, `${t("phone.access")}: ${stop.access}`),
    onlyLook(stop),
    waiting(stop),
    whereToLook(stop, state, actions),
    sequence(stop),
    said(stop),
    h(
      "p",
      { class: "links" },
      navigation(stop),
      mapButton(state, actions),
      stop.brief?.line && lineButton(state, actions),
      stop.phone && h("a", { class: "plain", href: `tel:${stop.phone.replaceAll(" ", "")}` }, t("phone.call")),
    ),
    state.open === "line" && oneLine(stop),
    state.open === "map" && (state.map?.areaPanel(state.route, stop) ?? h("p", { class: "dim" }, t("phone.loading"))),
    stateLine(stop),
    history(stop),
    ticketCards(stop, state, actions),
    stop.state === "on_site" && boxes(stop, actions),
    statusButtons(stop, state, actions),
    !ENDED.includes(stop.state) && more(stop, state, actions),
  );
}

const mapButton = (state, actions) =>
  h(
    "button",
    {
      type: "button",
      id: "open-map",
      class: "plain",
      "aria-expanded": state.open === "map" ? "true" : "false",
      onclick: () => actions.change({ open: state.open === "map" ? null : "map" }),
    },
    t("phone.map"),
  );

const lineButton = (state, actions) =>
  h(
    "button",
    {
      type: "button",
      id: "open-line",
      class: "plain",
      "aria-expanded": state.open === "line" ? "true" : "false",
      onclick: () => actions.change({ open: state.open === "line" ? null : "line" }),
    },
    t("phone.line"),
  );

function stateLine(stop) {
  if (!stop.state) return null;
  const parts = [`${t(`phone.to.${stop.state}`)} ${clock(stop.since)}`];
  if (stop.minutes) parts.push(t("phone.estimate_is", { n: stop.minutes }));
  if (stop.cause) parts.push(word("phone.cause", stop.cause));
  if (stop.photos) parts.push(t("phone.photos", { n: stop.photos }));
  return h(
    "p",
    { class: "state", "data-state": stop.state },
    parts.join(" · "),
    stop.note ? h("span", { class: "note" }, stop.note) : null,
  );
}

// The first open box is the only one that can be ticked.
function boxes(stop, actions) {
  if (!stop.steps.length) return null;
  const first = stop.steps.find((step) => !stop.ticked.includes(step.id));
  return h(
    "section",
    { class: "steps" },
    h("h2", {}, t("phone.steps")),
    h(
      "ol",
      {},
      stop.steps.map((step) => {
        const done = stop.ticked.includes(step.id);
        return h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              role: "checkbox",
              "aria-checked": done ? "true" : "false",
              class: `box ${done ? "done" : ""}`,
              disabled: !done && step !== first,
              onclick: () => !done && actions.say({ kind: "tick", job: stop.job, step: step.id }),
            },
            stepText(step),
          ),
        );
      }),
    ),
  );
}

function stepText(step) {
  if (!step.device) return t(`phone.step.${step.kind}`);
  const name = step.name && step.name !== step.device ? `${step.device}, ${step.name}` : step.device;
  return t(`phone.step.${step.kind}`, { name }) + (step.remote ? ` (${t("phone.by_control")})` : "");
}

function following(stop) {
  const ready = stop.steps.every((step) => stop.ticked.includes(step.id));
  if (stop.state === null) return ["on_the_way"];
  if (stop.state === "on_the_way") return ["on_site"];
  if (stop.state === "on_site" && stop.steps.length) return ready ? ["safe"] : [];
  // Whoever was sent to look says what is to be seen.
  if (stop.state === "on_site" && stop.looks_at) return [];
  if ((stop.state === "on_site" || stop.state === "safe") && stop.customers_out) return ["restored", "done"];
  return ENDED.includes(stop.state) ? [] : ["done"];
}

function statusButtons(stop, state, actions) {
  const parts = (to) => (["restored", "done"].includes(to) ? countedParts(state, stop.job) : {});
  const report = (to, told = {}) => actions.say({ kind: "report", job: stop.job, to, ...parts(to), ...told }, stop);
  const buttons = following(stop).map((to, at) =>
    sure(to, t(`phone.do.${to}`), at ? "" : "go", state, actions, () => report(to)),
  );
  if (stop.state === null)
    buttons.push(sure("on_site", t("phone.do.on_site"), "", state, actions, () => report("on_site")));
  if (stop.state === "on_site" && stop.looks_at)
    for (const found of ["open", "closed"])
      buttons.push(
        sure(`look-${found}`, t(`phone.do.look_${found}`, { place: stop.looks_at }), "go", state, actions, () =>
          report("done", { found }),
        ),
      );
  const reasons = (id, group, all, act) =>
    state.open === id &&
    h(
      "div",
      { class: "choices" },
      all.map((reason) =>
        h(
          "button",
          { type: "button", class: "big", "data-reason": reason, onclick: () => act(reason) },
          t(`phone.${group}.${reason}`),
        ),
      ),
    );
  const opener = (id, text, kind) =>
    h(
      "button",
      {
        type: "button",
        id: `open-${id}`,
        class: `big ${kind}`,
        "aria-expanded": state.open === id ? "true" : "false",
        onclick: () => actions.change({ open: state.open === id ? null : id, armed: null }),
      },
      text,
    );
  return h(
    "section",
    { class: "do" },
    buttons,
    h(
      "div",
      { class: "pair" },
      !ENDED.includes(stop.state) && opener("cannot", t("phone.do.cannot"), "stop-it"),
      opener("help", t("phone.do.help"), "alarm"),
    ),
    reasons("cannot", "reason", REASONS, (reason) =>
      report("cannot", { reason, ...(state.note ? { note: state.note } : {}) }),
    ),
    reasons("help", "help", HELP, (reason) =>
      reason === "second_crew"
        ? actions.change({ open: "second" })
        : actions.say({ kind: "help", job: stop.job, reason }),
    ),
    state.open === "second" &&
      h(
        "div",
        {},
        h("p", {}, t("phone.second_how_long")),
        h(
          "div",
          { class: "choices" },
          MINUTES.map((minutes) =>
            h(
              "button",
              {
                type: "button",
                class: "big",
                "data-minutes": minutes,
                onclick: () => actions.say({ kind: "help", job: stop.job, reason: "second_crew", minutes }),
              },
              t("phone.minutes", { n: minutes }),
            ),
          ),
        ),
      ),
  );
}

function more(stop, state, actions) {
  const working = ["on_site", "safe", "restored"].includes(stop.state);
  const opener = (id) =>
    h(
      "button",
      {
        type: "button",
        id: `open-${id}`,
        class: "plain",
        "aria-expanded": state.open === id ? "true" : "false",
        onclick: () => actions.change({ open: state.open === id ? null : id }),
      },
      t(`phone.more.${id}`),
    );
  const choices = (all, act, text) =>
    h(
      "div",
      { class: "choices" },
      all.map((value) => h("button", { type: "button", class: "big", onclick: () => act(value) }, text(value))),
    );
  const panels = {
    estimate: () =>
      choices(
        MINUTES,
        (minutes) => actions.say({ kind: "report", job: stop.job, to: stop.state, minutes }),
        (n) => t("phone.minutes", { n }),
      ),
    cause: () =>
      choices(
        CAUSES,
        (cause) => actions.say({ kind: "told", job: stop.job, cause }),
        (cause) => t(`phone.cause.${cause}`),
      ),
    note: () =>
      noteForm("note", t("phone.more.note"), state, (note) => actions.say({ kind: "told", job: stop.job, note })),
    handover: () =>
      noteForm("handover", t("phone.handover_what"), state, (note) =>
        actions.say({ kind: "report", job: stop.job, to: "cannot", reason: "handover", note }),
      ),
    found: () =>
      noteForm("found", t("phone.found_what"), state, (note) => actions.say({ kind: "found", job: stop.job, note })),
    road: () =>
      noteForm("road", t(actions.shares ? "phone.road_here" : "phone.road_there"), state, (note) =>
        actions.sayHere({ kind: "road_closed", job: stop.job, note }),
      ),
    device: () => failedElement(stop, state, actions),
    parts: () => partsUsed(stop, state, actions),
    damage: () => damageForm(stop, state, actions),
    sign: () => signPanel(stop, state, actions),
    stuck: () => stuckSwitch(stop, state, actions, devices),
  };
  const devices = stop.steps.filter(
    (step, at, all) => step.device && all.findIndex((each) => each.device === step.device) === at,
  );
  return h(
    "section",
    { class: "more" },
    h(
      "div",
      { class: "row" },
      working && opener("estimate"),
      working && opener("device"),
      opener("cause"),
      working && opener("parts"),
      opener("note"),
      working ? ["before", "after"].map((moment) => photoButton(stop, actions, moment)) : photoButton(stop, actions),
      working && opener("damage"),
      working && opener("sign"),
      opener("found"),
      opener("road"),
      devices.length > 0 && opener("stuck"),
      working && opener("handover"),
    ),
    panels[state.open]?.(),
  );
}

function photoButton(stop, actions, moment = null) {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    capture: "environment",
    class: "unseen",
    id: moment ? `photo-${moment}` : "photo",
    onchange: (event) => event.target.files[0] && actions.addPhoto(stop.job, event.target.files[0], moment),
  });
  return h("label", { class: "plain" }, t("phone.photo"), moment ? ` ${t(`phone.moment.${moment}`)}` : "", input);
}

function noteForm(id, label, state, send) {
  const area = h("textarea", {
    id: `text-${id}`,
    rows: 3,
    maxlength: 500,
    required: true,
    "aria-label": label,
    oninput: (event) => (state.note = event.target.value),
  });
  area.value = state.note;
  return h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const note = area.value.trim();
        state.note = "";
        if (note) send(note);
      },
    },
    h("label", { for: `text-${id}` }, label),
    area,
    h("button", { class: "big go" }, t("phone.send")),
  );
}

function list(stops, shown, state, actions) {
  return h(
    "nav",
    { class: "stops", "aria-label": t("phone.all_stops") },
    h("h2", {}, t("phone.all_stops")),
    h(
      "ol",
      {},
      stops.map((stop) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: stop === shown ? "shown" : "",
              "aria-current": stop === shown ? "true" : null,
              onclick: () => {
                actions.change({ chosen: stop.job, order: null, open: null, armed: null });
                scrollTo(0, 0);
              },
            },
            h("span", { class: `class ${stop.class}` }, stop.class),
            h(
              "span",
              { class: "what" },
              h("b", {}, heading(stop), ticketMark(stop, state)),
              h("span", {}, stop.address || t("phone.no_address")),
            ),
            h("span", { class: "when" }, stop.state ? t(`phone.to.${stop.state}`) : clock(stop.arrive)),
          ),
        ),
      ),
    ),
  );
}
