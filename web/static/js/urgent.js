// Danger that nobody is sent to: the nearest crews that are able, and one key to divert the first.
import { ask, inPath } from "./api.js";
import { day, select } from "./day.js";
import { h } from "./dom.js";
import { clock } from "./format.js";
import { ENDED, act, live, orderOf } from "./live.js";
import { crewName, title } from "./joblist.js";
import { remember } from "./undo.js";
import { reasonOf } from "./states.js";
import { t } from "./words.js";

const asked = new Map();

/** The most urgent job of class P1 that no crew has, or null. */
export function unmet() {
  return day.jobs.find((job) => job.cls === "P1" && !job.remote && job.kind !== "switching" && !job.crews.length && !ENDED.has(orderOf(job)?.state)) ?? null;
}

/** The line for a danger, its crews filled in when they are known. */
export function urgentLine(changed) {
  const job = unmet();
  if (!job) return null;
  const found = asked.get(job.id);
  if (!found) {
    asked.set(job.id, { crews: null });
    ask(`/jobs/${inPath(job.id)}/crews`).then((data) => asked.set(job.id, data), () => asked.delete(job.id)).then(changed);
  }
  return h("span", { class: "urgent", role: "alert" }, h("b", {}, t("urgent.title")), " ",
    h("button", { type: "button", class: "link", onclick: () => select("job", job.id, "strip") }, `${title(job)}, ${job.address}`), " ",
    ...(found?.crews ?? []).map((crew, i) => crewButton(job, crew, i)));
}

function crewButton(job, crew, i) {
  const leaves = crew.put_back && day.job.has(crew.put_back) ? t("urgent.leaves", { what: title(day.job.get(crew.put_back)) }) : t("urgent.free");
  const text = t("urgent.crew", { crew: crewName(crew.crew), at: clock(crew.start) });
  if (!live.may) return h("span", { title: leaves }, text);
  return h("button", { type: "button", class: i ? "quiet" : "divert", title: i ? leaves : `${leaves} (d)`, onclick: () => divert(job.id, crew.crew) }, text);
}

/** Send the first of the able crews to the danger. */
export function divertFirst() {
  const job = unmet();
  const first = job && asked.get(job.id)?.crews?.[0];
  if (!first || !live.may) return false;
  divert(job.id, first.crew);
  return true;
}

async function divert(job, crew) {
  const before = remember();
  try {
    await act(`/jobs/${inPath(job)}/divert`, { crew, reason: t("urgent.title") });
    before.keep();
    select("job", job, "strip");
  } catch (error) {
    document.getElementById("news").replaceChildren(h("span", { class: "wrong", role: "alert" }, reasonOf(error)));
  }
  asked.delete(job);
}
