// The weather warnings that are in force or to come: one line on top of the board and the wall.
import { on } from "./day.js";
import { h } from "./dom.js";
import { clock } from "./format.js";
import { deskS, state } from "./state.js";
import { t, word } from "./words.js";

const box = document.getElementById("weather");
let last = "";

export function showWeather() {
  on("state", paint);
  setInterval(paint, 30000);
  paint();
}

function paint() {
  const told = state.weather.filter((each) => each.until > deskS());
  const made = h("span", {}, told.map(line));
  if (made.innerHTML === last) return;
  last = made.innerHTML;
  box.hidden = !told.length;
  box.replaceChildren(...made.childNodes);
  // The panels below have another height now.
  dispatchEvent(new Event("resize"));
}

function line({ kind, from, until, gust_m_s: gust, note }) {
  const begun = from <= deskS();
  const when = begun
    ? t("weather.until", { until: clock(until) })
    : t("weather.span", { from: clock(from), until: clock(until) });
  const parts = [when, gust === null ? "" : t("weather.gust", { n: gust, km: Math.round(3.6 * gust) }), note].filter(
    Boolean,
  );
  return h(
    "a",
    { href: "/tonight", class: begun ? "begun" : "", title: t("weather.open") },
    h("b", {}, t("weather.warning", { what: word("weather", kind) })),
    ` ${parts.join(" · ")}`,
  );
}
