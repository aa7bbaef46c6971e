// A proposal of the planner: what it moves, what that gains; taken whole, in part, or declined.
import { ask } from "./api.js";
import { day, on, select, selection, tell } from "./day.js";
import { announce, h } from "./dom.js";
import { clock } from "./format.js";
import { mark } from "./glyphs.js";
import { reasonInput } from "./hand_panel.js";
import { act } from "./live.js";
import { crewName, signed, title } from "./names.js";
import { facts, heading, link, section } from "./panel.js";
import { reasonIn } from "./refusing.js";
import { live, state } from "./state.js";
import { remember } from "./undo.js";
import { t, word } from "./words.js";

let asking; // the number that is being fetched
let failed = false; // the last asking had no answer
let asked = null; // the number that was fetched last: a proposal that changes nothing is not shown
let answering = null; // the number that this person is answering
let gone = { number: "", until: 0 }; // what vanished under this person's eyes, told for a while

// Whoever was about to press reads first what has come in its place.
const READ_MS = 1500;
const TOLD_MS = 20000;
// The proposal on the screen: what was left out of it, the reason typed, and which one it came in the place of.
let seen = shownNow(0);

function shownNow(number, left = new Set(), reason = "", replaced = "") {
  return { number, left, reason, replaced, readAt: replaced ? performance.now() + READ_MS : 0 };
}

/** Keep the newest proposal at hand. */
export function followProposal() {
  if (!live) return;
  on("board", fetchNew);
  on("state", () => failed && fetchNew());
  fetchNew();
}

async function fetchNew() {
  const wanted = state.proposal;
  if (wanted === asked || wanted === asking) return;
  asking = wanted;
  failed = false;
  try {
    const found = wanted === null ? null : (await ask("/plans/proposal")).proposal;
    asked = wanted;
    day.proposal = new Map(found ? [[String(found.number), found]] : []);
    if (selection.kind === "proposal" && !day.proposal.has(selection.id)) replace(selection.id, found);
  } catch (error) {
    // The server is away for a moment: asked again when the next news come.
    failed = true;
    console.warn(error);
    return;
  } finally {
    asking = undefined;
  }
  tell("proposal");
}

/** Another proposal in the place of the one that somebody reads, or none: what was left out stays left out. */
function replace(old, found) {
  const own = answering === old;
  if (!found) {
    if (!own) gone = { number: old, until: performance.now() + TOLD_MS };
    select(null, null, "news");
    return;
  }
  seen = own ? shownNow(found.number) : shownNow(found.number, seen.left, seen.reason, old);
  select("proposal", String(found.number), "news");
}

const current = () => [...day.proposal.values()][0] ?? null;

/** One calm line: what it moves, what it saves. */
export function proposalLine() {
  const found = current();
  if (!found?.moves.length)
    return performance.now() < gone.until
      ? h("span", { class: "dim", role: "status" }, t("proposal.gone", { n: gone.number }))
      : null;
  const saved = Math.round(-found.customer_minutes);
  const saves = saved > 0 ? `, ${t("proposal.saves", { n: saved })}` : "";
  const moves = t("proposal.moves", { n: found.moves.length }) + saves;
  return h(
    "button",
    {
      type: "button",
      class: "proposal",
      title: `${t("proposal.short")} ${moves}\n${t("keys.p")} (p)`,
      onclick: openProposal,
    },
    h("b", {}, t("proposal.short")),
    " ",
    moves,
  );
}

export function openProposal() {
  const found = current();
  if (found) select("proposal", String(found.number), "strip");
  return Boolean(found);
}

/** The moves with their ticks, the gain by part, the answer. */
export function proposalView(found) {
  const parts = Object.entries(found.parts)
    .filter(([, cost]) => Math.abs(cost) >= 0.5)
    .sort((a, b) => a[1] - b[1]);
  if (seen.number !== found.number) seen = shownNow(found.number);
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const reason = reasonInput();
  reason.value = seen.reason;
  reason.addEventListener("input", () => (seen.reason = reason.value));
  const publish = h("button", { type: "button", class: "main", onclick: () => answer(found, "publish", wrong) }, "");
  const list = h("div", { class: "proposed" }, partsView(found));
  const count = () => {
    const n = list.querySelectorAll("input:checked").length;
    publish.textContent = t("proposal.publish", { n, all: found.moves.length });
    publish.disabled = !n || performance.now() < seen.readAt;
  };
  list.addEventListener("change", (event) => {
    tickTogether(list, found, event.target);
    seen.left = new Set([...list.querySelectorAll("input:not(:checked)")].map((each) => each.value));
    count();
  });
  leaveOut(list, found);
  count();
  const waits = seen.readAt - performance.now();
  if (waits > 0) setTimeout(count, waits + 1);
  return [
    heading(
      null,
      t("proposal.title", { n: String(found.number) }),
      t("proposal.made_for", { at: clock(found.made_for) }),
    ),
    seen.replaced ? h("p", { role: "status" }, t("proposal.replaced", { n: seen.replaced })) : null,
    facts([t("figures.customer_minutes"), signed(found.customer_minutes)], [t("figures.cost"), signed(found.cost)]),
    section(
      t("proposal.parts"),
      false,
      h(
        "table",
        { class: "plain" },
        h(
          "tbody",
          {},
          parts.map(([name, cost]) =>
            h("tr", {}, h("th", { scope: "row" }, word("part", name)), h("td", { class: "num" }, signed(cost))),
          ),
        ),
      ),
    ),
    live.may
      ? h(
          "div",
          { class: "moves" },
          publish,
          reason,
          h(
            "button",
            { type: "button", "data-answer": "decline", onclick: () => answer(found, "decline", wrong, reason.value) },
            t("proposal.decline"),
          ),
          freely(wrong),
        )
      : null,
    wrong,
    h("h3", {}, t("proposal.moves", { n: found.moves.length })),
    found.why.length ? h("p", {}, `${t("proposal.many")} ${found.why.map(whyView).join(" ")}`) : null,
    list,
  ].filter(Boolean);
}

const whyView = ({ what, names }) =>
  t(`proposal.why.${what}`, {
    n: names.length,
    names: names
      .slice(0, 3)
      .map((name) => (what === "crew" ? crewName(name) : name))
      .join(", "),
  });

/** The few moves that carry the gain, then the rest and the visits that only begin at another time, folded. */
function partsView(found) {
  const byJob = new Map(found.moves.map((move) => [move.job, move]));
  const first = found.gains.filter((part) => part.carries);
  const rest = found.gains.filter((part) => !part.carries);
  const later = found.moves.filter((move) => move.kind === "time");
  const count = (parts) => parts.reduce((sum, part) => sum + part.jobs.length, 0);
  return [
    ...first.map((part) => partView(part, byJob)),
    rest.length
      ? section(t("proposal.rest", { n: count(rest) }), !first.length, ...rest.map((part) => partView(part, byJob)))
      : null,
    later.length
      ? section(
          t("proposal.times", { n: later.length }),
          false,
          h(
            "ul",
            {},
            later.map((move) => moveView(move)),
          ),
        )
      : null,
  ].filter(Boolean);
}

function partView(part, byJob) {
  const gain =
    part.customer_minutes === null
      ? null
      : h("p", { class: "gain" }, t("proposal.gain", { n: signed(part.customer_minutes) }));
  return h(
    "div",
    { class: "part" },
    gain,
    h(
      "ul",
      {},
      part.jobs.map((job) => moveView(byJob.get(job))),
    ),
  );
}

/** A plan that may move anything, for whoever wants to know what that would bring. */
function freely(wrong) {
  return h(
    "button",
    {
      type: "button",
      "data-answer": "freely",
      title: t("proposal.freely_hint"),
      onclick: async (event) => {
        event.target.disabled = true;
        announce(t("proposal.planning"));
        try {
          await act("/plans/proposal", { free: true });
          await fetchNew();
        } catch (error) {
          wrong.hidden = false;
          wrong.textContent = reasonIn(error);
        } finally {
          event.target.disabled = false;
        }
      },
    },
    t("proposal.freely"),
  );
}

/** Untick what this person has left out, with what cannot be done without it. */
function leaveOut(list, found) {
  const ticks = new Map([...list.querySelectorAll("input")].map((each) => [each.value, each]));
  for (const move of found.moves) {
    if (!seen.left.has(move.job)) continue;
    for (const job of [move.job, ...move.with]) if (ticks.has(job)) ticks.get(job).checked = false;
  }
}

/** What cannot be done without one another is taken or left together, and the page says so. */
function tickTogether(list, found, tick) {
  const own = found.moves.find((move) => move.job === tick.value);
  for (const other of list.querySelectorAll("input")) if (own?.with.includes(other.value)) other.checked = tick.checked;
  if (own?.with.length)
    announce(t(tick.checked ? "proposal.taken_together" : "proposal.left_together", { n: own.with.length }));
}

function moveView(move) {
  const job = day.job.get(move.job);
  const name = job ? title(job) : word("request_kind", move.title);
  const from = move.from_crew
    ? `${crewName(move.from_crew)} ${clock(move.from)}`
    : t(move.instead ? "proposal.instead" : "proposal.not_planned", { job: move.instead });
  const to = move.to_crew ? `${crewName(move.to_crew)} ${clock(move.to)}` : t("list.left_out");
  const what = `${name}, ${move.address}`;
  return h(
    "li",
    {},
    live.may ? h("input", { type: "checkbox", checked: true, value: move.job, "aria-label": what }) : null,
    mark(move.class, 16),
    h(
      "span",
      {},
      job ? link("job", move.job, what) : what,
      h("br"),
      h("small", {}, `${from} → ${to}`),
      move.with.length ? h("small", { class: "dim" }, ` · ${t("proposal.together", { n: move.with.length })}`) : null,
    ),
  );
}

async function answer(found, what, wrong, reason = "") {
  // Pressed twice: it is answered once.
  if (answering) return;
  answering = String(found.number);
  const box = document.getElementById("detail");
  const ticks = [...box.querySelectorAll(".proposed input")];
  const accepted = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
  const all = accepted.length === ticks.length;
  const before = remember();
  try {
    if (what === "publish") {
      await act(`/plans/${found.number}/publish`, all ? {} : { accepted });
      before.keep();
    } else await act(`/plans/${found.number}/decline`, { reason });
    if (selection.kind === "proposal") select(null, null, "detail");
  } catch (error) {
    wrong.hidden = false;
    wrong.textContent = reasonIn(error);
  } finally {
    answering = null;
  }
}
