// What a stop is about: what has failed, where to look, who waits, what comes before and after.
import { clock, h, inLanguage, t, word } from "./parts.js";

const SHOWN = 3;

export const named = (element) => `${word("element", element.kind)} ${element.id}`;

export function subject(stop) {
  const brief = stop.brief ?? {};
  const { element } = brief;
  const lies = [
    brief.fed_by && t("phone.fed_by", { what: named(brief.fed_by) }),
    brief.opened && t("phone.behind", { what: named(brief.opened) }),
    brief.feeder && t("phone.feeder", { what: brief.feeder.name || brief.feeder.id }),
    brief.section && t("phone.section", { id: brief.section }),
  ].filter(Boolean);
  return [
    element &&
      h(
        "p",
        { class: "device" },
        named(element),
        brief.found ? "" : h("span", { class: "dim" }, ` ${t("phone.not_found_yet")}`),
        element.name && h("span", { class: "dim named" }, element.name),
      ),
    lies.length > 0 && h("p", { class: "lies" }, lies.join(" · ")),
  ];
}

// A crew that is sent only to see whether a device has opened: what to look at, and what that saves.
export function onlyLook(stop) {
  if (!stop.looks_at) return null;
  return h("p", { class: "important" }, t("phone.only_look", { place: stop.looks_at, saves: stop.saves }));
}

export function waiting(stop) {
  const brief = stop.brief ?? {};
  const out = stop.customers_out || brief.out;
  const facts = [
    out && (brief.since ? t("phone.out_since", { n: out, time: clock(brief.since) }) : t("phone.out", { n: out })),
    brief.calls > 1 && t("phone.calls", { n: brief.calls }),
    stop.grade && stop.grade !== "ordinary" && !brief.important && word("grade", stop.grade),
    stop.customer && stop.customer !== brief.element?.name && stop.customer,
  ];
  const important = (brief.important ?? []).filter((each) => each.name);
  return [
    h("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    important.length > 0 &&
      h(
        "p",
        { class: "important" },
        h("b", {}, `${t("phone.important")}: `),
        important
          .map((each) => [each.name, `(${word("grade", each.grade)})`, each.access].filter(Boolean).join(" "))
          .join("; "),
      ),
  ];
}

export function whereToLook(stop, state, actions) {
  const places = stop.brief?.suspected ?? [];
  if (places.length < 2) return null;
  const all = state.open === "look";
  const line = (place) =>
    h("li", {}, h("span", { class: "share" }, `${Math.round(place.share * 100)} %`), h("span", {}, stretch(place)));
  const more =
    places.length > SHOWN &&
    h(
      "button",
      {
        type: "button",
        id: "open-look",
        class: "plain",
        "aria-expanded": all ? "true" : "false",
        onclick: () => actions.change({ open: all ? null : "look" }),
      },
      t(all ? "phone.fewer" : "phone.all_places", { n: places.length }),
    );
  return h(
    "section",
    { class: "look" },
    h("h2", {}, t("phone.look")),
    h("ol", {}, (all ? places : places.slice(0, SHOWN)).map(line)),
    more,
  );
}

function stretch(place) {
  const run = place.last ? `${named(place.element)} – ${place.last}` : named(place.element);
  return [place.street, place.length_m && t("phone.metres", { n: place.length_m }), run].filter(Boolean).join(", ");
}

export function sequence(stop) {
  const brief = stop.brief ?? {};
  const line = (label, each) => h("li", {}, h("b", {}, `${label}: `), step(each));
  const lines = [
    ...(brief.before ?? []).map((each) => line(t("phone.before"), each)),
    ...(brief.after ?? []).map((each) => line(t("phone.then"), each)),
  ];
  const stock = Object.entries(stop.stock ?? {}).map(([name, count]) => `${word("stock", name)} × ${count}`);
  if (stock.length) lines.unshift(h("li", {}, h("b", {}, `${t("phone.take")}: `), stock.join(", ")));
  return lines.length > 0 && h("ul", { class: "sequence" }, lines);
}

function step(each) {
  const what = word(each.element ? "action" : "job_kind", each.what);
  const who = each.remote ? t("phone.control") : (each.crew ?? t("phone.nobody"));
  return [each.element ? `${what} ${each.element.id}` : what, who, each.at && clock(each.at)]
    .filter(Boolean)
    .join(", ");
}

// The section as a single line, from what feeds it down to where it can be opened.
export function oneLine(stop) {
  const line = stop.brief?.line;
  if (!line) return null;
  const failed = stop.brief.element?.id;
  const row = (kind, element, told = "") =>
    h(
      "li",
      { class: `${kind} ${element.id === failed ? "failed" : ""}` },
      h("b", {}, element.id),
      ` ${[element.name, told].filter(Boolean).join(" · ")}`,
    );
  const edge = (each) =>
    row(
      each.open ? "open" : "closed",
      each.element,
      [
        t(each.open ? "phone.stands_open" : "phone.stands_closed"),
        each.beyond && t("phone.beyond", { feeder: each.beyond }),
      ]
        .filter(Boolean)
        .join(", "),
    );
  const more = line.count - line.transformers.length;
  const isOn = [line.feed?.element, ...line.transformers, ...line.edges.map((each) => each.element)].some(
    (each) => each?.id === failed,
  );
  return h(
    "ol",
    { class: "one-line", "aria-label": t("phone.section", { id: line.section }) },
    line.feed && edge(line.feed),
    !isOn && stop.brief.element && stop.brief.element.kind !== "customer" && row("part", stop.brief.element),
    line.transformers.map((each) => row("transformer", each)),
    more > 0 && h("li", { class: "transformer dim" }, t("phone.more_transformers", { n: more })),
    line.edges.map(edge),
  );
}

// What callers said, and below it what that means in the reader's language.
export function said(stop) {
  const all = stop.brief?.said ?? stop.words.map((words) => ({ words }));
  const own = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  return all.map((each) =>
    h(
      "p",
      { class: "words" },
      `“${each.words}”`,
      each.language &&
        each.language !== own &&
        each[own] &&
        h("span", { class: "meant" }, t("phone.meant", { what: inLanguage(each) })),
    ),
  );
}
