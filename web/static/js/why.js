// Why this crew, or why nobody: asked of the planner when somebody opens it, for it takes up to a second.
import { day } from "./day.js";
import { h } from "./dom.js";
import { crewName } from "./names.js";
import { link, section } from "./panel.js";
import { t } from "./words.js";

/** A part that asks for its content when it is opened; open at once where nobody does the job. */
export function whySection(job) {
  const box = h("div", {}, h("p", { class: "dim" }, t("why.asking")));
  const part = section(t(job.crews.length ? "why.crew" : "why.nobody"), false, box);
  part.addEventListener("toggle", () => ask(job, box), { once: true });
  if (!job.crews.length) part.open = true;
  return part;
}

async function ask(job, box) {
  try {
    const answer = await fetch(`/api/v1/why/${encodeURIComponent(job.id)}`, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    box.replaceChildren(h("p", {}, data.summary), list(data.others), unable(data.unable));
  } catch (error) {
    box.replaceChildren(h("p", { class: "wrong" }, t("board.failed")));
    console.error(error);
  }
}

const list = (findings) => h("ul", { class: "findings" }, findings.map(finding));

function unable(findings) {
  if (!findings.length) return "";
  return h("details", {}, h("summary", {}, t("why.unable", { n: findings.length })), list(findings));
}

function finding(each) {
  const name = each.crew && day.crew.has(each.crew) ? crewName(each.crew) : null;
  const at = name ? each.text.indexOf(name) : -1;
  const text =
    at < 0 ? [each.text] : [each.text.slice(0, at), link("crew", each.crew, name), each.text.slice(at + name.length)];
  return h("li", {}, ...text, each.change ? h("span", { class: "dim" }, ` ${each.change}`) : null);
}
