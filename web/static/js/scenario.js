// Scenarios: vary what a file says, start a study, watch how far it is.
import { h } from "./dom.js";
import { begin as beginMap, fit, named, show } from "./scenario_map.js";
import { t } from "./words.js";
import { localTime, momentOf } from "./zoned.js";

const token = document.querySelector("meta[name=csrf-token]").content;
const at = (id) => document.getElementById(id);
let told = null; // what the chosen scenario holds
let columns = [];
let storms = []; // of the file that was brought
let storm = null; // the one that was chosen, nearest to the city at hour 0
let onMap = 0; // the alternative that the map shows

async function ask(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const data = await answer.json().catch(() => ({}));
  return { ok: answer.ok, data };
}

const send = (path, body = {}) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });

function refuse(error) {
  const faults = error?.faults?.length ? error.faults : [error?.text || t("scenario.refused")];
  at("refused").replaceChildren(
    t("scenario.refused"),
    h(
      "ul",
      {},
      faults.map((fault) => h("li", {}, fault)),
    ),
  );
}

// what is varied

async function choose() {
  const { ok, data } = await ask(`/scenarios/outline/${encodeURIComponent(at("name").value)}`);
  at("refused").replaceChildren();
  if (!ok) return refuse(data.error);
  told = data;
  at("told").textContent = [
    told.name,
    told.kinds.map((kind) => t(`scenario.kind.${kind}`)).join(", "),
    t("scenario.length", { n: told.hours, start: told.start.slice(0, 16).replace("T", " ") }),
  ].join(" · ");
  columns = told.alternatives.map((each) => column(each, each.name));
  at("begins").value = localTime(Date.parse(told.start) / 1000, zone);
  onMap = 0;
  draw();
  fit(middle, stormOf(columns[0]), columns[0].shift);
}

const column = (of, name) => ({
  name,
  of: of.name,
  counts: Object.fromEntries(of.groups.map((group) => [group.name, group.count])),
  aid: 0,
  aidH: 6,
  dispatcher: of.dispatcher,
  work: of.work,
  switching: of.switching,
  policy: "",
  close: "",
  staged: of.staged,
  already: of.closed,
  own: of.storm,
  shift: of.storm?.shift_km ?? [0, 0],
  streets: [],
});

/** The storm of an alternative, its hours counted from the start of the scenario. */
function stormOf(each) {
  if (!storm) return each?.own ?? null;
  const nearest = Number(at("near-h").value) || 0;
  return { ...storm, track: storm.track.map((point) => ({ ...point, h: point.h + nearest })) };
}

function draw() {
  const groups = [...new Set(columns.flatMap((each) => Object.keys(each.counts)))];
  const row = (label, cell) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, label),
      columns.map((each, number) => h("td", {}, cell(each, number, label))),
    );
  at("vary").replaceChildren(
    h(
      "tbody",
      {},
      row(t("scenario.alternative"), (each, n, label) => [
        text(each, "name", label),
        columns.length > 1 &&
          h("button", { type: "button", class: "link", onclick: () => drop(n) }, t("scenario.drop")),
      ]),
      row(t("scenario.of"), (each) => h("span", { class: "dim" }, each.of)),
      groups.map((group) =>
        row(
          t("scenario.crews_of", { group }),
          (each, n, label) => group in each.counts && number(each.counts, group, label, 0, 500),
        ),
      ),
      row(t("scenario.aid"), (each, n, label) => number(each, "aid", label, 0, 500)),
      row(t("scenario.aid_h"), (each, n, label) => number(each, "aidH", label, 0, 240)),
      row(t("scenario.dispatcher"), (each, n, label) =>
        choice(
          each,
          "dispatcher",
          label,
          ["planner", "list", "first_come"].map((v) => [v, t(`scenario.dispatcher.${v}`)]),
        ),
      ),
      row(t("scenario.work"), (each, n, label) => number(each, "work", label, 1, 2000)),
      row(t("scenario.switching"), (each, n, label) => tick(each, "switching", label)),
      row(t("scenario.policy"), (each, n, label) =>
        choice(each, "policy", label, [
          ["", t("scenario.policy.case")],
          ...JSON.parse(at("policies").textContent).map((v) => [v, v]),
        ]),
      ),
      row(t("scenario.close"), (each, n, label) => [
        closed(each, label),
        each.already.length > 0 &&
          h("small", { class: "dim" }, t("scenario.already", { names: each.already.join(", ") })),
      ]),
      row(t("scenario.clicked"), (each) => clicked(each)),
      columns.some(stormOf) &&
        row(t("scenario.shift"), (each, n, label) =>
          stormOf(each) ? [0, 1].map((way) => shifted(each, way, `${label} ${t(`scenario.shift.${way}`)}`)) : "–",
        ),
      row(t("scenario.staged"), (each, n, label) => tick(each, "staged", label)),
    ),
  );
  at("add").disabled = columns.length >= Number(at("study").dataset.most);
  onMap = Math.min(onMap, columns.length - 1);
  at("on-map").replaceChildren(
    ...columns.map((each, n) => h("option", { value: n, selected: n === onMap }, each.name)),
  );
  redraw();
}

const redraw = () => show(middle, stormOf(columns[onMap]), columns[onMap].shift, columns[onMap].streets);

const shifted = (each, way, label) =>
  h(
    "label",
    { class: "shift" },
    t(`scenario.shift.${way}`),
    h("input", {
      type: "number",
      min: -2000,
      max: 2000,
      value: each.shift[way],
      "aria-label": of(each, label),
      oninput: (event) => {
        each.shift = each.shift.map((km, n) => (n === way ? Number(event.target.value) : km));
        redraw();
      },
    }),
  );

/** The streets of an alternative that were clicked, each closed or slowed. */
const clicked = (each) =>
  each.streets.length
    ? each.streets.map((found) =>
        h(
          "div",
          { class: "clicked" },
          named(found),
          h(
            "select",
            {
              "aria-label": of(each, found.street),
              onchange: (event) => {
                found.slower = Number(event.target.value) || null;
                redraw();
              },
            },
            h("option", { value: "", selected: !found.slower }, t("scenario.street_closed")),
            h("option", { value: 2, selected: found.slower === 2 }, t("scenario.street_half")),
            h("option", { value: 4, selected: found.slower === 4 }, t("scenario.street_quarter")),
          ),
          h(
            "button",
            {
              type: "button",
              class: "link",
              onclick: () => {
                each.streets = each.streets.filter((other) => other !== found);
                draw();
              },
            },
            t("scenario.drop"),
          ),
        ),
      )
    : h("span", { class: "dim" }, t("scenario.clicked_none"));

// the storm

async function bring() {
  const file = at("track-file").files[0];
  if (!file) return;
  const body = new FormData();
  body.append("file", file);
  const { ok, data } = await ask("/scenarios/tracks", { method: "POST", headers: { "X-CSRFToken": token }, body });
  at("refused").replaceChildren();
  if (!ok) return refuse(data.error);
  storms = data.storms;
  at("track").replaceChildren(
    h("option", { value: "" }, t("scenario.track_own")),
    ...storms.map((each, n) =>
      h(
        "option",
        { value: n, disabled: !each.storm },
        t("scenario.track_one", { name: each.name, km: each.near_km, at: each.near_at.slice(0, 10) }),
      ),
    ),
  );
  at("track").hidden = false;
  const left = data.of - storms.length;
  at("track-told").textContent = left > 0 ? t("scenario.track_left", { n: left }) : "";
  at("track").value = storms.findIndex((each) => each.storm) >= 0 ? storms.findIndex((each) => each.storm) : "";
  chosen();
}

function chosen() {
  storm = storms[at("track").value]?.storm ?? null;
  at("near").hidden = !storm;
  for (const each of columns) each.shift = storm ? [0, 0] : (each.own?.shift_km ?? [0, 0]);
  draw();
  fit(middle, stormOf(columns[onMap]), columns[onMap].shift);
}

const of = (each, label) => `${label}: ${each.name ?? ""}`;
const text = (each, key, label) =>
  h("input", {
    value: each[key],
    maxlength: 80,
    "aria-label": label,
    oninput: (event) => (each[key] = event.target.value),
  });
const number = (each, key, label, min, max) =>
  h("input", {
    type: "number",
    min,
    max,
    value: each[key],
    "aria-label": of(each, label),
    oninput: (event) => (each[key] = Number(event.target.value)),
  });
const tick = (each, key, label) =>
  h("input", {
    type: "checkbox",
    checked: each[key],
    "aria-label": of(each, label),
    onchange: (event) => (each[key] = event.target.checked),
  });
const closed = (each, label) => {
  const field = h("textarea", {
    rows: 2,
    placeholder: t("scenario.close_hint"),
    "aria-label": of(each, label),
    oninput: (event) => (each.close = event.target.value),
  });
  field.value = each.close;
  return field;
};

function choice(each, key, label, options) {
  const box = h(
    "select",
    { "aria-label": of(each, label), onchange: (event) => (each[key] = event.target.value) },
    options.map(([value, shown]) => h("option", { value }, shown)),
  );
  box.value = each[key];
  return box;
}

function drop(number) {
  columns.splice(number, 1);
  draw();
}

function add() {
  const last = columns[columns.length - 1];
  columns.push({
    ...last,
    counts: { ...last.counts },
    streets: last.streets.map((each) => ({ ...each })),
    name: `${last.name} ${columns.length + 1}`,
  });
  draw();
}

// what is asked for

function order() {
  const crews = at("study").elements.question.value === "crews";
  return {
    scenario: at("name").value,
    replications: Number(at("replications").value),
    seed: Number(at("seed").value),
    crews_for_h: crews ? Number(at("within").value) : null,
    certainty: Number(at("certainty").value),
    start: startOf(),
    storm: storm ? stormOf(columns[0]) : null,
    alternatives: (crews ? columns.slice(0, 1) : columns).map((each) => ({
      name: each.name.trim(),
      of: each.of,
      counts: each.counts,
      aid: { count: each.aid, arrives_h: each.aidH },
      dispatcher: each.dispatcher,
      work: each.work,
      switching: each.switching,
      policy: each.policy || null,
      closed: [
        ...closures(each.close),
        ...each.streets.map(({ street, edge, slower }) => ({ street, edges: [edge], slower })),
      ],
      staged: each.staged,
      shift_km: stormOf(each) ? each.shift : null,
    })),
  };
}

/** The first hour, where it is another than the scenario's. */
function startOf() {
  const chosen = at("begins").value;
  return !chosen || chosen === localTime(Date.parse(told.start) / 1000, zone) ? null : momentOf(chosen, zone);
}

const closures = (lines) =>
  lines
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => {
      const [street, from, to] = line.split(/[,，]/).map((part) => part.trim());
      return { street, from_h: Number(from || 0), to_h: to ? Number(to) : null };
    });

async function start(event) {
  event.preventDefault();
  at("start").disabled = true;
  const { ok, data } = await send("/scenarios/start", order());
  at("start").disabled = false;
  if (ok) location.assign(`/scenarios/${data.id}`);
  else refuse(data.error);
}

// how far it is

// While crews are searched, the stage is how many are tried.
const stageName = (stage) =>
  /^\d/.test(stage) ? t("scenario.answer", { crews: parseInt(stage, 10) }) : t(`scenario.stage.${stage}`);

async function watch(id) {
  const { ok, data } = await ask(`/scenarios/${id}/status`);
  if (ok && data.state !== "running") return location.reload();
  if (ok) {
    at("bar").max = data.total || 1;
    at("bar").value = data.done;
    const left = data.done ? (data.seconds / data.done) * (data.total - data.done) : 0;
    at("how-far").textContent = [
      stageName(data.stage),
      data.total ? t("scenario.progress", { done: data.done, total: data.total }) : "",
      left > 30 ? t("scenario.left", { min: Math.ceil(left / 60) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
    // The first figures show themselves; newer ones are asked for, so that nothing jumps while it is read.
    if (data.stage === "replications" && data.done >= firstFigures) return location.reload();
  }
  setTimeout(() => watch(id), 1000);
}

const firstFigures = Number(at("running")?.dataset.first || Infinity);

async function remove(id) {
  if (!confirm(t("scenario.remove_sure"))) return;
  const { ok } = await send(`/scenarios/${id}/remove`);
  if (ok) location.assign("/scenarios");
}

const middle = JSON.parse(at("study")?.dataset.middle ?? "[0, 0]");
const zone = at("study")?.dataset.zone;

if (at("study")) {
  beginMap(at("ground"), middle, {
    shift: (km) => {
      columns[onMap].shift = km;
      draw();
    },
    street: (found) => {
      const known = columns[onMap].streets;
      if (!known.some((each) => String(each.edge) === String(found.edge))) known.push({ ...found, slower: null });
      draw();
    },
  });
  at("on-map").addEventListener("change", (event) => {
    onMap = Number(event.target.value);
    redraw();
  });
  at("track-file").addEventListener("change", bring);
  at("track").addEventListener("change", chosen);
  at("near-h").addEventListener("input", redraw);
  at("name").addEventListener("change", choose);
  at("add").addEventListener("click", add);
  at("study").addEventListener("submit", start);
  choose();
}
const running = at("running");
if (running?.dataset.id) {
  watch(running.dataset.id);
  at("cancel")?.addEventListener("click", async () => {
    at("cancel").disabled = true;
    await send(`/scenarios/${running.dataset.id}/cancel`);
  });
}
at("remove")?.addEventListener("click", (event) => remove(event.target.dataset.id));
