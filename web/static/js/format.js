// Times as the clock of the case shows them, and how far off they are.
import { language, number, t } from "./words.js";

let clockFormat;
let dayFormat;
let shortDay;
let now = 0;
let zoneOf = null;
let today = "";
let noon = 0; // of today, so that a day more or less is one however long it is

/** Say which zone and which moment the screen stands for. */
export function setClock(zone, nowS) {
  now = nowS;
  const base = { timeZone: zone };
  if (zoneOf !== zone) formats(base);
  zoneOf = zone;
  today = dayFormat.format(nowS * 1000);
  noon = (nowS - (Number(hours(nowS).slice(0, 2)) - 12) * 3600) * 1000;
}

function formats(base) {
  clockFormat = new Intl.DateTimeFormat("en-GB", { ...base, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  dayFormat = new Intl.DateTimeFormat("en-CA", { ...base, year: "numeric", month: "2-digit", day: "2-digit" });
  shortDay = new Intl.DateTimeFormat(language, { ...base, month: "short", day: "numeric" });
}

/** The moment the plan was made for, in seconds since 1970. */
export const nowS = () => now;

/** "18:45" in the case's zone. */
export const hours = (s) => clockFormat.format(s * 1000);

/** "18:45", "01:16⁺¹" on the next day, with the date in front on any other. */
export function clock(s) {
  if (s === null || s === undefined) return "–";
  const mark = { [today]: "", [dayOf(1)]: "⁺¹", [dayOf(-1)]: "⁻¹" }[dayFormat.format(s * 1000)];
  return mark === undefined ? `${shortDay.format(s * 1000)} ${hours(s)}` : hours(s) + mark;
}

/** "18:45", with the date in front on any other day: for where there is room. */
export function dated(s) {
  if (s === null || s === undefined) return "–";
  return dayFormat.format(s * 1000) === today ? hours(s) : `${shortDay.format(s * 1000)} ${hours(s)}`;
}

const dayOf = (offset) => dayFormat.format(noon + offset * 86400000);

/** Minutes as "45 min" or "2 h 05". */
export function span(minutes) {
  const whole = Math.round(Math.abs(minutes));
  if (whole < 120) return t("span.min", { n: whole });
  return t("span.hours", { h: Math.floor(whole / 60), m: String(whole % 60).padStart(2, "0") });
}

/** Minutes as "0:17" or "1:28". */
export function brief(minutes) {
  const whole = Math.round(Math.abs(minutes));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "in 12 min", "12 min ago", "now". */
export function relative(s) {
  const minutes = Math.round((s - now) / 60);
  if (minutes === 0) return t("span.now");
  return minutes > 0 ? t("span.in", { span: span(minutes) }) : t("span.ago", { span: span(minutes) });
}

/** "18:45 (in 12 min)". */
export const both = (s) => (s === null || s === undefined ? "–" : t("span.both", { at: clock(s), rel: relative(s) }));

export { number };
