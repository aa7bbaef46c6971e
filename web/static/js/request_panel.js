// One request: what is next, what can be corrected, where it is, whom it belongs to, what happened to it.
import { Refusal, ask, change, inPath, send as sendTo } from "./api.js";
import { announce, h } from "./dom.js";
import { both, clock } from "./format.js";
import { placingMap, showPlace } from "./placing.js";
import { traceView } from "./trace.js";
import { number, t, word } from "./words.js";
import { reasonIn } from "./refusing.js";
import { ownerPart } from "./owner.js";
import { localTime, momentOf } from "./zoned.js";

const box = document.getElementById("request");
const SEARCH_MS = 150;
const FIELDS = ["words", "phone", "kind", "channel", "address", "appointment_from", "appointment_to"];
let shown = null;
let told = null;
let zone = "";
let place = null;
let customer = null;
let changed = () => {};
let wanted = null;

/** Id of the request that is open or being read, null without one. */
export const shownRequest = () => wanted;

/** Change a request that somebody has seen; what it is now comes with the next look. */
export const changeRequest = (row, body) => change(`/requests/${inPath(row.id)}`, { seen: row.version, ...body });

export async function openRequest(id, page, timeZone, onChange) {
  [told, zone, changed, wanted] = [page, timeZone, onChange, id];
  await read(id);
}

export function closeRequest() {
  box.hidden = true;
  wanted = null;
  history.replaceState(null, "", location.pathname + location.search);
}

async function read(id, said = "") {
  try {
    const data = await ask(`/requests/${inPath(id)}/whole`);
    if (wanted !== id) return;
    shown = data;
    place = shown.lon === null ? null : [shown.lon, shown.lat];
    customer = shown.customer;
    draw();
    say(said);
  } catch (error) {
    box.hidden = false;
    box.replaceChildren(head(id), h("p", { class: "wrong", role: "alert" }, reasonIn(error)));
  }
}

const head = (id, note) =>
  h(
    "header",
    {},
    h("h2", {}, id),
    note ? h("span", { class: "dim" }, note) : null,
    h(
      "button",
      {
        type: "button",
        class: "quiet close",
        "aria-label": t("detail.close"),
        title: `${t("detail.close")} (Esc)`,
        onclick: closeRequest,
      },
      "×",
    ),
  );

function draw() {
  box.hidden = false;
  box.replaceChildren(
    head(shown.id, both(shown.at)),
    nextLine(),
    ownerPart(shown, told, handOver),
    matterLines(),
    told.may ? form() : facts(),
    mapPart(),
    told.may ? belongs() : null,
    past(),
    madeOf(),
  );
  box.scrollTop = 0;
  showPlace(place ?? shown.place, told.city);
}

/** What the customer desk has to do with it: only where there is something, a line each. */
function matterLines() {
  if (!shown.matters.length) return null;
  return h(
    "ul",
    { class: "of-desk" },
    shown.matters.map((each) =>
      h("li", {}, h("a", { href: each.href, class: each.late ? "wrong" : "" }, each.late ? "▲ " : "", each.text)),
    ),
  );
}

function nextLine() {
  const order = shown.order
    ? h(
        "p",
        {},
        t("requests.belongs"),
        " ",
        h("b", {}, shown.order),
        shown.state ? ` · ${word("state", shown.state)}` : "",
        shown.crew ? ` · ${shown.crew}` : "",
      )
    : null;
  const likeliest = shown.likeliest.map((kind) =>
    h("button", { type: "button", "data-kind": kind, onclick: () => save({ kind }) }, word("request_kind", kind)),
  );
  const answered =
    told.may && ["answer"].includes(shown.next.code)
      ? h("button", { type: "button", class: "main", onclick: () => save({ answered: true }) }, t("requests.answered"))
      : null;
  return h(
    "div",
    { class: `what-next n-${shown.next.code}` },
    h("p", {}, h("b", {}, shown.next.text)),
    order,
    h("p", { class: "moves" }, told.may ? likeliest : null, answered),
  );
}

function facts() {
  const line = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : null);
  return h(
    "dl",
    { class: "facts" },
    line(t("call.words"), shown.words),
    line(t("requests.kind"), word("request_kind", shown.kind ?? shown.made)),
    line(t("requests.channel"), word("channel", shown.channel)),
    line(t("requests.address"), shown.address),
  );
}

const option = (value, text, now) => h("option", { value, selected: value === (now ?? "") }, text);
const choice = (name, options, label) => h("label", {}, label, h("select", { name }, options));

function form() {
  const made = shown.kind ? "" : ` (${word("request_kind", shown.made)})`;
  const kinds = [
    option("", t("requests.by_rules") + made, shown.kind),
    ...told.kinds.map((each) => option(each, word("request_kind", each), shown.kind)),
  ];
  const channels = [...new Set([...told.channels, shown.channel])].map((each) =>
    option(each, word("channel", each), shown.channel),
  );
  const who = h("input", {
    name: "customer",
    type: "search",
    autocomplete: "off",
    maxlength: "200",
    value: customer ? [shown.name, customer].filter(Boolean).join(" · ") : "",
    placeholder: t("call.who"),
  });
  let timer = 0;
  who.addEventListener("input", () => {
    clearTimeout(timer);
    customer = null;
    timer = setTimeout(() => search(who), SEARCH_MS);
  });
  const time = (name) => h("input", { type: "datetime-local", name, value: localTime(shown[name], zone) });
  return h(
    "form",
    { class: "correct", onsubmit: send, novalidate: true },
    h(
      "label",
      { class: "wide" },
      t("call.words"),
      h("textarea", { name: "words", rows: "3", maxlength: "2000" }, shown.words),
    ),
    h("label", { class: "wide" }, t("requests.customer"), who),
    h("ul", { class: "found wide", id: "customer-found" }),
    shown.access ? h("p", { class: "wide dim" }, `${t("detail.access")}: ${shown.access}`) : null,
    h(
      "label",
      { class: "wide" },
      t("requests.address"),
      h("input", {
        name: "address",
        maxlength: "300",
        autocomplete: "off",
        value: shown.own_address ?? "",
        placeholder: shown.own_address ? null : shown.address,
      }),
    ),
    h(
      "label",
      {},
      t("detail.phone"),
      h("input", {
        name: "phone",
        type: "tel",
        maxlength: "60",
        autocomplete: "off",
        value: shown.own_phone ?? "",
        placeholder: shown.own_phone ? null : shown.phone,
      }),
    ),
    choice("channel", channels, t("requests.channel")),
    choice("kind", kinds, t("requests.kind")),
    h("span", {}),
    h("label", {}, t("requests.from"), time("appointment_from")),
    h("label", {}, t("requests.to"), time("appointment_to")),
    h(
      "p",
      { class: "moves wide" },
      h("button", { class: "main" }, t("requests.save")),
      h("span", { id: "said", role: "status" }),
    ),
  );
}

async function search(field) {
  const text = field.value.trim();
  const list = box.querySelector("#customer-found");
  if (text.length < 2) return list.replaceChildren();
  const { customers } = await ask(`/customers?q=${encodeURIComponent(text)}`).catch(() => ({ customers: [] }));
  if (field.value.trim() !== text) return null;
  list.replaceChildren(
    ...customers.map((each) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            onclick: () => {
              customer = each.id;
              field.value = [each.name, each.id].filter(Boolean).join(" · ");
              list.replaceChildren();
            },
          },
          h("b", {}, each.name ?? each.id),
          ` ${each.address ?? ""} `,
          h("small", { class: "dim" }, each.id),
        ),
      ),
    ),
  );
  return null;
}

function mapPart() {
  const clear = h(
    "button",
    { type: "button", class: "quiet", hidden: place === null, onclick: () => setPlace(null) },
    t("requests.no_place"),
  );
  const part = h(
    "section",
    { class: "where" },
    h("p", { class: "dim" }, told.may ? t("requests.click") : t("requests.where"), " ", told.may ? clear : null),
    placingMap(told.may ? setPlace : null),
  );
  return part;
}

/** A click on the map: the place is kept with what else was corrected. */
function setPlace(at) {
  place = at;
  showPlace(at ?? null, told.city, true);
  box.querySelector(".where button").hidden = at === null;
  say(t("requests.place_set"));
}

function corrections() {
  const form = box.querySelector("form.correct");
  const body = {};
  const before = {
    words: shown.words,
    phone: shown.own_phone,
    kind: shown.kind,
    channel: shown.channel,
    address: shown.own_address,
  };
  for (const name of FIELDS) {
    const text = form.elements[name].value.trim();
    if (name.startsWith("appointment")) {
      if (text !== localTime(shown[name], zone)) body[name] = text ? momentOf(text, zone) : null;
    } else if (text !== (before[name] ?? "")) body[name] = text || (name === "words" ? "" : null);
  }
  const typed = form.elements.customer.value.trim();
  if (customer !== shown.customer && (customer || !typed)) body.customer = customer;
  const was = shown.lon === null ? null : [shown.lon, shown.lat];
  if (String(place) !== String(was)) [body.lon, body.lat] = place ?? [null, null];
  return body;
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const typed = form.elements.customer.value.trim();
  if (typed && !customer) return say(t("requests.choose_customer"), true);
  const body = corrections();
  if (!Object.keys(body).length) return say(t("requests.nothing_changed"));
  return save(body);
}

async function save(body) {
  try {
    await changeRequest(shown, body);
    announce(t("requests.saved"));
    changed();
    await read(shown.id, t("requests.saved"));
  } catch (error) {
    if (error instanceof Refusal && error.by !== null) conflict(error);
    else say(reasonIn(error), true);
  }
}

async function handOver(to, reason) {
  try {
    await sendTo(`/requests/${inPath(shown.id)}/owner`, { to, seen: shown.owner, reason });
    announce(t("requests.handed", { who: to }));
    changed();
    await read(shown.id, t("requests.handed", { who: to }));
  } catch (error) {
    say(reasonIn(error), true);
  }
}

/** Somebody was first: what was typed stays until whoever typed it has decided. */
function conflict(error) {
  say(reasonIn(error), true);
  const line = place_said();
  line.append(
    " ",
    h("button", { type: "button", class: "link", onclick: () => read(shown.id) }, t("requests.look_again")),
  );
}

const place_said = () => box.querySelector("#said") ?? box.querySelector(".what-next");

function say(text, wrong = false) {
  const line = box.querySelector("#said");
  if (!line) return;
  line.className = wrong ? "wrong" : "done";
  line.setAttribute("role", wrong ? "alert" : "status");
  line.textContent = text;
}

function belongs() {
  const why = h("input", {
    name: "reason",
    maxlength: "500",
    autocomplete: "off",
    placeholder: t("requests.reason"),
    "aria-label": t("requests.reason"),
  });
  const order = h("input", {
    name: "order",
    maxlength: "120",
    autocomplete: "off",
    placeholder: t("requests.order_hint"),
    "aria-label": t("requests.order_hint"),
  });
  const same = h("input", {
    name: "same_as",
    maxlength: "60",
    autocomplete: "off",
    placeholder: t("requests.same_hint"),
    "aria-label": t("requests.same_hint"),
  });
  const button = (text, run, look = null) => h("button", { type: "button", class: look, onclick: run }, text);
  const taking = [
    shown.linked ? button(t("requests.unlink", { order: shown.order }), () => save({ order: null })) : null,
    shown.same_as ? button(t("requests.unjoin", { request: shown.same_as }), () => save({ same_as: null })) : null,
    shown.withdrawn ? button(t("requests.take_back"), () => save({ withdrawn: false })) : null,
  ].filter(Boolean);
  return h(
    "details",
    {
      class: "belongs",
      open: taking.length > 0 || ["place", "danger_place", "far", "orphan"].includes(shown.next.code),
    },
    h("summary", {}, t("requests.belongs_to")),
    taking.length ? h("p", { class: "moves" }, taking) : null,
    h("h3", {}, t("requests.to_order")),
    h(
      "ul",
      { class: "likely" },
      shown.likely_orders.map((each) =>
        h(
          "li",
          {},
          button(each.order, () => save({ order: each.order })),
          " ",
          word("request_kind", each.kind),
          ", ",
          each.address,
          each.out ? ` · ${t("requests.out", { n: each.out })}` : "",
          each.away_m === null ? "" : ` · ${number(each.away_m)} m`,
        ),
      ),
    ),
    h(
      "p",
      { class: "moves" },
      order,
      button(t("requests.link"), () => save({ order: order.value.trim() })),
    ),
    h("h3", {}, t("requests.says_same")),
    h(
      "ul",
      { class: "likely" },
      shown.likely_same.map((each) =>
        h(
          "li",
          {},
          button(each.id, () => save({ same_as: each.id })),
          ` ${clock(each.at)} `,
          h("q", {}, each.words),
        ),
      ),
    ),
    h(
      "p",
      { class: "moves" },
      same,
      button(t("requests.join"), () => save({ same_as: same.value.trim() })),
    ),
    shown.withdrawn || !shown.open
      ? null
      : [
          h("h3", {}, t("requests.not_wanted")),
          h(
            "p",
            { class: "moves" },
            why,
            button(t("requests.withdraw"), () => save({ withdrawn: true, reason: why.value.trim() })),
          ),
        ],
  );
}

function past() {
  return h(
    "details",
    { class: "past" },
    h("summary", {}, t("requests.history", { n: shown.history.length })),
    h(
      "ol",
      {},
      shown.history.map((each) =>
        h(
          "li",
          {},
          h("time", {}, both(each.at)),
          " ",
          h("b", {}, each.by),
          " ",
          deed(each),
          each.changes.length ? h("ul", {}, each.changes.map(changeLine)) : null,
          each.reason ? h("p", {}, h("q", {}, each.reason)) : null,
        ),
      ),
    ),
  );
}

const deed = (each) =>
  (each.kind === "request_changed" ? t(`requests.did.${each.what}`) : word("event", each.kind)) +
  (each.order ? ` ${each.order}` : "");

function changeLine({ name, was, to }) {
  const value = (each) => (each === null || each === undefined || each === "" ? "–" : coded(name, each));
  return h("li", {}, word("field", name), ": ", h("s", {}, value(was)), " → ", value(to));
}

function coded(name, value) {
  if (name === "kind") return word("request_kind", value);
  if (name === "channel") return word("channel", value);
  if (["open", "linked", "withdrawn", "desk"].includes(name)) return t(value ? "trace.yes" : "trace.no");
  if (name.startsWith("appointment")) return clock(Date.parse(value) / 1000);
  return String(value);
}

function madeOf() {
  return h("details", {}, h("summary", {}, t("requests.how")), traceView(shown.trace));
}
