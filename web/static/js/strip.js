// The line of the live day: the connection, danger first, then the proposal, then who has not read the plan.
import { on, select } from "./day.js";
import { h } from "./dom.js";
import { dutyLine } from "./duty.js";
import { callLine } from "./fieldcalls.js";
import { clock } from "./format.js";
import { foundLine } from "./found.js";
import { crewName } from "./names.js";
import { proposalLine } from "./proposal.js";
import { deskS, live, state } from "./state.js";
import { undoButtons } from "./undo.js";
import { followDangers, urgentLine } from "./urgent.js";
import { t } from "./words.js";

const UNREAD_S = 180;
const link = document.getElementById("link");
const news = document.getElementById("news");
const waits = document.getElementById("waits");
let last = "";
let signedOut = false;

export function showStrip() {
  if (!live) return;
  undoButtons();
  followDangers(paint);
  on("state", paint);
  on("board", paint);
  on("proposal", paint);
  document.addEventListener("signed-out", () => {
    signedOut = true;
    paint();
  });
  setInterval(paint, 10000);
  paint();
}

function paint() {
  link.classList.toggle("wrong", state.lost !== null);
  const said = state.lost === null ? t("strip.live") : t("strip.lost", { at: clock(state.lost) });
  if (link.textContent !== said) link.textContent = said;
  document.getElementById("clock").textContent = clock(deskS());
  const made = h(
    "span",
    {},
    signedOutLine(),
    troubleLines(),
    dutyLine(),
    urgentLine(),
    callLine(),
    proposalLine(),
    foundLine(),
    unreadLine(),
    unattendedLine(),
  );
  // Requests that wait have a place of their own: nothing that is told beside them pushes them out.
  const line = h("span", {}, waitingLine());
  if (line.innerHTML !== waits.innerHTML) waits.replaceChildren(...line.childNodes);
  // What stays the same stays the same button, so that a click is never lost between two drawings.
  if (made.innerHTML === last && news.childElementCount) return;
  last = made.innerHTML;
  news.replaceChildren(...made.childNodes);
}

function signedOutLine() {
  if (!signedOut) return null;
  return h("a", { class: "wrong", role: "alert", href: "/sign-in?next=/" }, "▲ ", t("strip.signed_out"));
}

/** Duties of the room that are not being done: planning first, since a plan that grows old looks like any other. */
function troubleLines() {
  const since = Object.fromEntries(state.troubles.map((each) => [each.duty, each.since]));
  if (state.planner_gone) since.planner = state.planner_gone;
  return ["planner", ...Object.keys(since).filter((duty) => duty !== "planner")]
    .filter((duty) => since[duty])
    .map((duty) =>
      h("span", { class: "wrong", role: "status" }, "▲ ", t(`strip.trouble.${duty}`, { at: clock(since[duty]) })),
    );
}

function unreadLine() {
  if (!state.unread.length || !state.published) return null;
  const late = deskS() - state.published.at > UNREAD_S;
  const text = t("strip.unread", { n: state.unread.length, crew: crewName(state.unread[0]) });
  // Beside a danger there is room for the number alone.
  const shown = urgentLine() ? `✉ ${state.unread.length}` : text;
  return h(
    "button",
    {
      type: "button",
      class: `unread ${late ? "wrong" : ""}`,
      "aria-label": text,
      title: `${text}\n${state.unread.map(crewName).join(", ")}`,
      onclick: () => select("crew", state.unread[0], "strip"),
    },
    late ? "▲ " : "",
    shown,
  );
}

/** Only while a supervisor has switched it on: what goes out by itself is never unseen. */
function unattendedLine() {
  const told = state.unattended;
  if (!told || told.until <= deskS()) return null;
  const text = t("unattended.line", { n: told.sent, by: told.by });
  return h("a", { class: "unattended", href: "/unattended", title: t("unattended.note") }, text);
}

/** How many requests no order holds yet, dangers without a place first. */
function waitingLine() {
  const { n, dangers } = state.waits ?? { n: 0, dangers: 0 };
  if (!n) return null;
  const text = state.waiting
    .map((each) => `${clock(each.at)} ${each.words}`)
    .slice(0, 12)
    .join("\n");
  return h(
    "a",
    { class: dangers ? "waiting wrong" : "waiting", href: "/requests", title: text },
    dangers ? `▲ ${t("strip.no_place", { n: dangers })} · ` : "",
    t("strip.waiting", { n }),
  );
}
