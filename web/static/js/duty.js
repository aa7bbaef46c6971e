// Who is on shift: said some hours before nobody is, and clearly when it is so.
import { h } from "./dom.js";
import { clock } from "./format.js";
import { deskS, live, state } from "./state.js";
import { t } from "./words.js";

const SOON_S = 8 * 3600;
const DAY_S = 24 * 3600;

/** The line that says from when nobody is on shift, and where the next roster comes in; null while all is well. */
export function dutyLine() {
  const { nobody_from: from, back_at: back, known, on, absent } = state.duty ?? {};
  if (on === 0 && absent && !(from && from <= deskS())) return awayLine(absent);
  if (!from || from - deskS() > SOON_S) return null;
  const now = from <= deskS();
  // A gap that the roster itself closes within a day is worth a word, and no alarm.
  const planned = back !== null && back - Math.max(from, deskS()) < DAY_S;
  const text = [said(now, known, from), back === null ? "" : t("duty.back", { at: clock(back) })]
    .filter(Boolean)
    .join(" ");
  const link = planned || !live.standing ? null : h("a", { href: "/standing/crews" }, t("duty.bring"));
  return h(
    "span",
    { class: `duty ${now || !planned ? "wrong" : ""}`, role: "status", title: text },
    now ? "▲ " : "",
    text,
    link && " ",
    link,
  );
}

/** Shifts run, and everybody whose shift it is cannot come. */
function awayLine(n) {
  const link = live.standing ? h("a", { href: "/standing/crews" }, t("duty.call_in")) : null;
  const text = t("duty.absent", { n });
  return h("span", { class: "duty wrong", role: "status", title: text }, "▲ ", text, link && " ", link);
}

function said(now, known, from) {
  if (now) return known ? t("duty.nobody", { at: clock(from) }) : t("duty.nobody_long");
  return t("duty.soon", { at: clock(from) });
}
