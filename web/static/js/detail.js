// Why: every figure of what is selected, opened to its cause.
import { day, on, selection, tightest } from "./day.js";
import { h } from "./dom.js";
import { etrWords } from "./etr.js";
import { supplyNow } from "./expected.js";
import { figuresView } from "./figures.js";
import { both, clock, span } from "./format.js";
import { switchStuck } from "./found.js";
import { mark } from "./glyphs.js";
import { chooseCrew } from "./hand.js";
import { crewName, title } from "./names.js";
import { neighbourSection } from "./neighbours.js";
import { facts, heading, link, section } from "./panel.js";
import { proposalView } from "./proposal.js";
import { live } from "./state.js";
import { crewSection, stateSection } from "./states.js";
import { traceView } from "./trace.js";
import { movable } from "./trying.js";
import { seenText } from "./vehicles.js";
import { whySection } from "./why.js";
import { inLanguage, language, number, t, word } from "./words.js";
import { workMenu } from "./work.js";

const box = document.getElementById("detail");
let wanted = "";
let said = ""; // the figures that the panel shows now

/** What of the selection events may change. */
function saying() {
  const thing = selection.kind === null ? null : day[selection.kind]?.get(selection.id);
  if (!thing || selection.kind === "proposal") return "";
  return JSON.stringify([
    thing.arrive,
    thing.start,
    thing.finish,
    thing.out,
    thing.etr,
    thing.promises,
    thing.stops,
    thing.end,
    selection.kind === "plan" && supplyNow().out,
  ]);
}

export function showDetail() {
  box.tabIndex = -1;
  on("select", render);
  on("board", again);
  on("expected", () => said !== saying() && again());
  on("proposal", () => selection.kind === "proposal" && again());
  if (live) on("state", restate);
}

/** The same panel with what is true now, where it was scrolled to; not under somebody who types. */
async function again() {
  if (
    selection.kind === null ||
    (box.contains(document.activeElement) && document.activeElement.matches("input, textarea"))
  )
    return;
  const top = box.scrollTop;
  const open = new Set([...box.querySelectorAll("details[open] > summary")].map((each) => each.textContent));
  await render();
  for (const each of box.querySelectorAll("details"))
    if (open.has(each.querySelector("summary").textContent)) each.open = true;
  box.scrollTop = top;
}

function restate() {
  const old = box.querySelector(".states");
  if (
    !old ||
    old.querySelector("input")?.value ||
    old.querySelector(".wrong:not([hidden])[role=alert]") ||
    (old.contains(document.activeElement) && document.activeElement.matches("input"))
  )
    return;
  const made =
    selection.kind === "job"
      ? stateSection(day.job.get(selection.id))
      : selection.kind === "crew"
        ? crewSection(day.crew.get(selection.id))
        : null;
  if (made && made.innerHTML !== old.innerHTML) old.replaceWith(made);
}

async function render() {
  const { kind, id } = selection;
  wanted = `${kind} ${id}`;
  said = saying();
  box.hidden = kind === null;
  if (kind === null) return;
  box.replaceChildren(
    ...{ job: jobHead, crew: crewView, outage: outageHead, plan: figuresView, proposal: proposalView }[kind](
      day[kind].get(id),
    ),
  );
  if (["crew", "plan", "proposal"].includes(kind) || (kind === "job" && day.job.get(id).fresh)) return;
  try {
    const answer = await fetch(`/api/v1/${kind}s/${encodeURIComponent(id)}`);
    const data = await answer.json();
    if (wanted !== `${kind} ${id}`) return;
    box.append(...(kind === "job" ? jobCauses(data) : outageCauses(data)).filter(Boolean));
  } catch (error) {
    box.append(h("p", { class: "wrong" }, t("board.failed")));
    console.error(error);
  }
}

function crewLinks(job) {
  if (!job.crews.length) return h("span", { class: "undone" }, t("list.left_out"));
  return h("span", {}, ...job.crews.flatMap((id, i) => [i ? ", " : "", link("crew", id, crewName(id))]));
}

function promiseLine(promise) {
  const late = promise.slack_min < 0;
  const text = promise.met
    ? t(late ? "promise.was_late" : "promise.was", { at: clock(promise.expected), span: span(promise.slack_min) })
    : promise.expected
      ? late
        ? t("promise.will_miss", { at: clock(promise.expected), span: span(promise.slack_min) })
        : t("promise.will_keep", { at: clock(promise.expected), span: span(promise.slack_min) })
      : "";
  return [
    word("promise", promise.what),
    h(
      "span",
      { class: late ? "wrong" : null },
      both(promise.due),
      text ? h("br") : null,
      text,
      promise.source
        ? h("small", { class: "dim source" }, (language.startsWith("zh") && promise.source_zh) || promise.source)
        : null,
    ),
  ];
}

function jobHead(job) {
  const promise = tightest(job);
  return [
    heading(mark(job.cls, 22), title(job), `${job.id} · ${word("class", job.cls)}`),
    job.hazard ? h("p", { class: "hazard" }, t("detail.hazard"), " ", inLanguage(job.hazard)) : null,
    stateSection(job),
    facts(
      [t("detail.where"), job.address || "–"],
      [t("list.crew"), crewLinks(job)],
      job.start ? [t("detail.arrives"), both(job.arrive)] : null,
      job.start
        ? [
            t("detail.works"),
            t("detail.from_to", {
              from: clock(job.start),
              to: clock(job.finish),
              span: span((job.finish - job.start) / 60),
            }),
          ]
        : null,
      job.looks_at
        ? [t("detail.look"), t("detail.look_first", { place: job.looks_at, saves: number(job.saves) })]
        : null,
      job.out ? [t("list.out"), number(job.out)] : null,
      job.grade ? [t("detail.grade"), word("grade", job.grade)] : null,
      job.etr ? [t("list.etr"), etrWords(job.etr)] : null,
      job.outage ? [t("detail.outage"), link("outage", job.outage, job.outage)] : null,
      promise ? promiseLine(promise) : null,
    ),
    movable(job.id)
      ? h(
          "p",
          { class: "moves" },
          h("button", { type: "button", title: "m", onclick: chooseCrew }, t("hand.move")),
          h("button", { type: "button", title: "e", onclick: workMenu }, t("work.change")),
        )
      : null,
  ].filter(Boolean);
}

function jobCauses(data) {
  const job = day.job.get(data.job.id) ?? data.job;
  const others = job.promises.filter((promise) => promise.what !== tightest(job)?.what);
  return [
    data.switching.length
      ? section(t("detail.switching"), true, h("ol", { class: "steps" }, data.switching.map(actionLine)))
      : null,
    data.requests.length
      ? section(t("detail.said", { n: data.requests.length }), data.requests.length <= 3, requestList(data.requests))
      : null,
    data.trace ? section(t("detail.why_class"), false, traceView(data.trace)) : null,
    data.blocks.length
      ? section(
          t("detail.restores", { n: data.blocks.reduce((sum, block) => sum + block.customers, 0) }),
          false,
          ...data.blocks.slice(0, 12).map((block) => blockView(block, job.id)),
        )
      : null,
    whySection(job),
    others.length ? section(t("detail.promises"), false, facts(...others.map(promiseLine))) : null,
    section(
      t("detail.needs"),
      false,
      facts(
        [t("detail.skills"), data.skills.map((skill) => word("skill", skill)).join(", ") || "–"],
        [
          t("detail.stock"),
          Object.entries(data.stock)
            .map(([name, count]) => `${word("stock", name)} × ${count}`)
            .join(", ") || "–",
        ],
        [t("detail.crews_needed"), number(data.crews_needed)],
        data.after.length ? [t("detail.after"), h("span", {}, ...data.after.map((id) => jobLink(id)))] : null,
        data.customer ? [t("detail.customer"), data.customer] : null,
        data.phone ? [t("detail.phone"), data.phone] : null,
        data.access ? [t("detail.access"), data.access] : null,
      ),
    ),
  ];
}

const actionLine = (action) =>
  h(
    "li",
    {},
    `${word("action", action.action)} ${action.name || action.device}`,
    h("small", { class: "dim" }, " ", t(action.remote ? "detail.remote" : "detail.by_hand")),
    live?.may
      ? h(
          "button",
          { type: "button", class: "link", onclick: () => switchStuck(action.device, action.name || action.device) },
          ` ${t("found.stuck_ask")}`,
        )
      : null,
  );

function requestList(requests) {
  return h(
    "ul",
    { class: "said" },
    requests.map((request) =>
      h(
        "li",
        {},
        h("time", {}, clock(request.at)),
        h("q", {}, request.words),
        h("small", { class: "dim" }, ` ${request.id} · ${word("channel", request.channel)}`),
      ),
    ),
  );
}

function jobLink(id) {
  const job = day.job.get(id);
  return job ? link("job", id, `${title(job)}, ${job.address || id}`) : h("span", {}, id);
}

function blockView(block, own) {
  return h(
    "div",
    { class: "block" },
    h("p", {}, t("detail.block", { n: block.customers }), " ", h("b", {}, block.restored ? both(block.restored) : "–")),
    h(
      "ul",
      { class: "ways" },
      block.ways.map((way) =>
        h(
          "li",
          { class: way.used ? "used" : null },
          h(
            "span",
            { class: "dim" },
            way.used
              ? t("detail.way_used")
              : way.ready
                ? t("detail.way_later", { at: clock(way.ready) })
                : t("detail.way_open"),
          ),
          " ",
          ...way.jobs.flatMap((id, i) => [i ? " + " : "", id === own ? h("b", {}, t("detail.this_job")) : jobLink(id)]),
        ),
      ),
    ),
  );
}

function crewView(crew) {
  return [
    heading(
      null,
      crewName(crew.id),
      [crew.vehicle, crew.people ? t("crew.people", { n: crew.people }) : "", crew.phone].filter(Boolean).join(" · "),
    ),
    facts(
      crew.shift ? [t("crew.shift"), `${clock(crew.shift[0])}–${clock(crew.shift[1])}`] : null,
      crew.end ? [t("crew.back"), both(crew.end)] : null,
      seenText(crew.id) ? [t("vehicle.seen"), h("span", { title: t("vehicle.private") }, seenText(crew.id))] : null,
      crew.skills.length ? [t("detail.skills"), crew.skills.map((skill) => word("skill", skill)).join(", ")] : null,
      Object.keys(crew.stock).length
        ? [
            t("detail.stock"),
            Object.entries(crew.stock)
              .map(([name, count]) => `${word("stock", name)} × ${count}`)
              .join(", "),
          ]
        : null,
    ),
    crewSection(crew),
    h("h3", {}, t("crew.stops", { n: crew.stops.length })),
    h(
      "ol",
      { class: "stops" },
      crew.stops.map((stop) => {
        const job = day.job.get(stop.job);
        return h("li", {}, h("time", {}, clock(stop.start)), job ? mark(job.cls, 16) : null, jobLink(stop.job));
      }),
    ),
    h(
      "p",
      {},
      h("a", { href: `/crews/${encodeURIComponent(crew.id)}` }, t("crew.page")),
      " · ",
      h("a", { href: `/crews/${encodeURIComponent(crew.id)}/sheet` }, t("crew.sheet")),
    ),
  ];
}

/** How many are out: a range while it is in doubt which device has opened. */
const outWords = (outage) =>
  outage.most === null || outage.most === undefined
    ? number(outage.out)
    : t("outage.range", {
        fewest: number(outage.fewest),
        most: number(outage.most),
        likely: number(outage.out),
        expected: number(Math.round(outage.expected)),
      });

const possible = (kind, place, score, out) =>
  h(
    "li",
    {},
    t("outage.other", {
      place: `${kind ? `${word("device_kind", kind)} ` : ""}${place}`,
      n: Math.round(score * 100),
      out: number(out),
    }),
  );

/** Which devices may have opened, the likeliest first. */
function doubtSection(outage) {
  if (outage.confirmed || outage.most === null || outage.most === undefined) return null;
  const all = [{ place: outage.place, kind: "", score: outage.score, out: outage.out }, ...outage.others].sort(
    (a, b) => b.score - a.score,
  );
  return section(
    t("outage.likely"),
    true,
    h(
      "ul",
      { class: "likely" },
      all.slice(0, 5).map((each) => possible(each.kind, each.place, each.score, each.out)),
    ),
    outage.looks.length
      ? h(
          "p",
          { class: "dim looks" },
          t("outage.looks"),
          " ",
          outage.looks
            .map(({ kind, saves, minutes, place }) => t(`look.${kind}`, { saves: number(saves), minutes, place }))
            .join(" · "),
        )
      : null,
  );
}

function outageHead(outage) {
  return [
    heading(
      outage.cls ? mark(outage.cls, 22) : null,
      `${word("fault_kind", outage.kind)} ${outage.place}`,
      `${outage.id}`,
    ),
    outage.still_out ? h("p", { class: "still-out" }, t("outage.still_out", { at: clock(outage.still_out) })) : null,
    facts(
      [t("list.out"), outWords(outage)],
      [t("outage.since"), both(outage.since)],
      [t("list.etr"), etrWords(outage.etr)],
      [
        t("outage.belief"),
        outage.confirmed
          ? t("outage.confirmed")
          : t("outage.score", { n: Math.round(outage.score * 100), calls: outage.calls }),
      ],
      outage.cause ? [t("outage.cause"), word("cause", outage.cause)] : null,
    ),
    doubtSection(outage),
    outage.confirmed ? null : neighbourSection(outage),
    outage.jobs.length ? h("h3", {}, t("outage.jobs")) : null,
    h(
      "ul",
      { class: "stops" },
      outage.jobs.map((id) => {
        const job = day.job.get(id);
        return h(
          "li",
          {},
          h("time", {}, job?.start ? clock(job.start) : "–"),
          job ? mark(job.cls, 16) : null,
          jobLink(id),
        );
      }),
    ),
  ].filter(Boolean);
}

function outageCauses(data) {
  const others = data.outage.others;
  return [
    others.length
      ? section(
          t("outage.others"),
          false,
          h(
            "ul",
            {},
            others.map((other) =>
              h("li", {}, t("outage.other", { place: other.place, n: Math.round(other.score * 100), out: other.out })),
            ),
          ),
        )
      : null,
    data.requests.length
      ? section(t("detail.said", { n: data.requests.length }), data.requests.length <= 3, requestList(data.requests))
      : null,
    data.trace ? section(t("detail.why_class"), false, traceView(data.trace)) : null,
    data.blocks.length
      ? section(
          t("outage.blocks", { n: data.blocks.length }),
          false,
          ...data.blocks.slice(0, 20).map((block) => blockView(block, "")),
        )
      : null,
  ];
}
