// Times of a form by the clock of the case, whatever zone the browser stands in.

const parts = (zone) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });

/** Seconds since 1970 as a form's field holds them: "2026-07-14T18:30"; empty for none. */
export function localTime(s, zone) {
  return s === null || s === undefined
    ? ""
    : parts(zone)
        .format(s * 1000)
        .replace(" ", "T");
}

/** What a form's field holds as a moment with its offset. */
export function momentOf(text, zone) {
  const asUtc = Date.parse(`${text}:00Z`);
  let moment = asUtc;
  // Twice: the offset may differ between the first guess and the moment itself.
  for (let i = 0; i < 2; i++) moment += asUtc - Date.parse(`${localTime(moment / 1000, zone)}:00Z`);
  return new Date(moment).toISOString();
}
