// Danger that nobody is sent to: the crews that could be there first, and one key to send the first of them.
import { ask, inPath } from "./api.js";
import { day, on, select } from "./day.js";
import { h } from "./dom.js";
import { clock } from "./format.js";
import { act } from "./live.js";
import { crewName, title } from "./names.js";
import { sayOnStrip } from "./refusing.js";
import { live, state } from "./state.js";
import { remember } from "./undo.js";
import { t, word } from "./words.js";

let dangers = [];
let asked = "";
let repaint = () => {};

/** Ask who could go whenever a danger came in, or a plan. */
export function followDangers(changed) {
  repaint = changed;
  on("state", look);
  on("board", look);
  look();
}

async function look() {
  const calls = state.dangers;
  const left = day.jobs.filter((job) => job.tier === 0 && !job.crews.length && !job.fresh).map((job) => job.id);
  const wanted = `${state.plan} ${[...calls, ...left].join(" ")}`;
  if (wanted === asked) return;
  asked = wanted;
  if (!calls.length && !left.length) dangers = [];
  else {
    try {
      dangers = (await ask("/urgent")).dangers;
      performance.mark("danger-offered");
    } catch (error) {
      asked = "";
      console.warn(error);
    }
  }
  repaint();
}

/** The line for the first danger, with the crews that could go. */
export function urgentLine() {
  const found = dangers[0];
  if (!found) return null;
  const more = dangers.length > 1 ? h("small", {}, ` ${t("urgent.more", { n: dangers.length - 1 })}`) : null;
  const kind = found.kind === "service" ? word("request_kind", found.title) : word("job_kind", found.kind);
  const name = `${kind}, ${found.address}`;
  const what = day.job.has(found.job)
    ? h("button", { type: "button", class: "link", onclick: () => select("job", found.job, "strip") }, name)
    : h("b", { class: "link", title: found.words.join("\n") }, name);
  return h(
    "span",
    { class: "urgent", role: "alert" },
    h("b", {}, t("urgent.title")),
    " ",
    what,
    " ",
    ...found.crews.map((crew, i) => crewButton(found, crew, i)),
    more,
  );
}

function crewButton(found, crew, i) {
  const next = crew.leaves && day.job.get(crew.leaves);
  const leaves = next ? t("urgent.leaves", { what: title(next) }) : t("urgent.free");
  // The first is said in full; the others beside it in as little space as there is.
  const text = i
    ? `${crewName(crew.crew)} ${clock(crew.arrive)}`
    : t("urgent.crew", { crew: crewName(crew.crew), at: clock(crew.arrive) });
  if (!live.may) return h("span", { title: leaves }, text);
  return h(
    "button",
    {
      type: "button",
      class: i ? "quiet" : "divert",
      disabled: Boolean(found.sending),
      title: i ? leaves : `${leaves} (d)`,
      onclick: () => divert(found, crew.crew),
    },
    text,
    i ? null : h("small", {}, ` ${leaves}`),
  );
}

/** Send the first of the able crews to the first danger. */
export function divertFirst() {
  const found = dangers[0];
  if (!found?.crews.length || !live.may) return false;
  divert(found, found.crews[0].crew);
  return true;
}

async function divert(found, crew) {
  if (found.sending) return;
  // The line stays until the server has it: nobody must believe that somebody is on the way.
  found.sending = true;
  repaint();
  const before = remember();
  try {
    await act(`/urgent/${inPath(found.subject)}/divert`, { crew, reason: t("urgent.title") });
    before.keep();
    dangers = dangers.filter((each) => each.subject !== found.subject);
    select("job", found.job, "strip");
  } catch (error) {
    sayOnStrip(error);
  }
  found.sending = false;
  asked = "";
  look();
}
