// Why in this order and why this crew, or why nobody: asked of the planner when somebody opens it, for it
// takes up to a second.
import { day } from "./day.js";
import { h } from "./dom.js";
import { clock, span } from "./format.js";
import { crewName, signed, title } from "./names.js";
import { link, section } from "./panel.js";
import { number, t, word } from "./words.js";

/** A part that asks for its content when it is opened; open at once where nobody does the job. */
export function whySection(job) {
  const box = h("div", {}, h("p", { class: "dim" }, t("why.asking")));
  const part = section(t(job.crews.length ? "why.order" : "why.nobody"), false, box);
  part.classList.add("why");
  part.addEventListener("toggle", () => ask(job, box), { once: true });
  if (!job.crews.length) part.open = true;
  return part;
}

async function ask(job, box) {
  try {
    const answer = await fetch(`/api/v1/why/${encodeURIComponent(job.id)}`, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    const others = [list(data.others), helps(data.helps), unable(data.unable)];
    box.replaceChildren(place(job, data.earlier), h("p", {}, data.summary), ...others);
  } catch (error) {
    box.replaceChildren(h("p", { class: "wrong" }, t("board.failed")));
    console.error(error);
  }
}

/** What each crew of the job does before it, and what turning the two round would mean. */
function place(job, earlier) {
  const first = job.crews.filter((crew) => !earlier.some((each) => each.crew === crew));
  return h(
    "ul",
    { class: "findings order" },
    first.map((crew) => h("li", {}, t("why.first", { crew: crewName(crew) }))),
    earlier.map((each) =>
      h("li", {}, t("why.before", { crew: crewName(each.crew) }), " ", other(each), " ", turned(each)),
    ),
  );
}

function other({ before }) {
  const job = day.job.get(before);
  if (!job) return before;
  const out = job.out ? t("why.out", { n: job.out }) : "";
  const known = [job.cls, job.grade ? word("grade", job.grade) : "", out, job.start ? clock(job.start) : ""];
  const name = [title(job), job.address].filter(Boolean).join(", ");
  return h("span", {}, link("job", before, name), ` (${known.filter(Boolean).join(" · ")}).`);
}

function turned({ gained_min: gained, more, parts, late, broken }) {
  if (broken.length) return t("why.not_allowed", { why: broken.map((code) => word("violation", code)).join(", ") });
  const by = Object.entries(parts)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .map(([name, value]) => `${word("part", name)} ${signed(value)}`);
  return h(
    "span",
    {},
    t(more >= 0 ? "why.would_cost" : "why.would_save", { span: span(gained), n: number(Math.abs(more)) }),
    " ",
    late.length ? t("why.would_delay", { n: late.length }) : t("why.delays_none"),
    by.length ? h("span", { class: "dim" }, ` ${by.join(", ")}`) : null,
  );
}

const list = (findings) => h("ul", { class: "findings" }, findings.map(finding));

/** The cheapest changes that would get a left-out job in. */
function helps(found) {
  if (!found.length) return "";
  const named = found.map((each) => ({ ...each, crew: each.crews[0] }));
  return h("div", {}, h("h4", {}, t("why.helps")), list(named));
}

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
