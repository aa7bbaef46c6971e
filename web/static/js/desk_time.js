// Clock times that somebody types, as moments of the desk's day.
import { hours } from "./format.js";
import { deskS } from "./state.js";

/** A clock time on the desk's day (or the next, when it is long past) as seconds since 1970. */
export function momentOf(time) {
  const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const now = deskS();
  let ahead = minutes(time) - minutes(hours(now));
  if (ahead < -360) ahead += 1440;
  return Math.floor(now / 60) * 60 + ahead * 60;
}

export const iso = (s) => new Date(s * 1000).toISOString();
