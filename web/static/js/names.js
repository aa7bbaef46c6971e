// What jobs, crews and differences are called on every screen.
import { day } from "./day.js";
import { number, t, word } from "./words.js";

/** What is to be done, in words. */
export function title(job) {
  if (job.kind === "switching") return switching(job);
  if (job.kind === "service") return word("request_kind", job.title);
  return word("job_kind", job.kind);
}

function switching(job) {
  const said = word("job_kind", "switching");
  return job.title ? `${said}: ${job.title.replace(/\b(open|close)\b/g, (verb) => word("action", verb))}` : said;
}

export const crewName = (id) => (day.crew.get(id)?.desk ? t("crew.desk") : (day.crew.get(id)?.name ?? id));

/** A difference with its sign; less is a gain. */
export const signed = (n) => `${n > 0.5 ? "+" : n < -0.5 ? "−" : "±"}${number(Math.abs(Math.round(n)))}`;
