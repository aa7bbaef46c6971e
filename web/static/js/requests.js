// The list of all requests: those that wait for a person first; a line opens what is known and can be corrected.
import { ask } from "./api.js";
import { announce, h } from "./dom.js";
import { clock, setClock } from "./format.js";
import { bind } from "./keys.js";
import { reasonIn } from "./refusing.js";
import { changeRequest, closeRequest, openRequest, shownRequest } from "./request_panel.js";
import { number, t, word } from "./words.js";

const GROUPS = ["waiting", "kind", "answer", "open", "ended"];
const REFRESH_MS = 4_000;
const TYPING_MS = 200;
const MOST = 200;
const STEP = 50;
const source = document.getElementById("told");
const told = JSON.parse(source.textContent);
const body = document.querySelector("#rows tbody");
const more = document.getElementById("more-rows");
const find = document.getElementById("find");
const fault = document.getElementById("fault");
const owners = document.getElementById("owners");
const NOBODY = " nobody";
let rows = [];
let next = null;
let counts = {};
let seq = null;
let group = null;
let chosen = null;
let timer = 0;
let asked = 0;

function take(data, append = false) {
  setClock(source.dataset.zone, data.now);
  rows = append ? [...rows, ...data.requests] : data.requests;
  ({ next, counts, seq } = data);
  draw();
}

const query = (extra) => {
  const owner = owners.value === NOBODY ? { nobody: true } : { owner: owners.value };
  const wanted = { q: find.value.trim(), group, ...owner, ...extra };
  return new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
};

async function load(extra = {}, append = false) {
  const own = ++asked;
  try {
    const data = await ask(`/request-list?${query(extra)}`);
    if (own !== asked) return;
    fault.hidden = true;
    take(data, append);
  } catch (error) {
    if (own === asked) fail(error);
  }
}

function fail(error) {
  fault.textContent = t("requests.fault", { text: reasonIn(error) });
  fault.hidden = false;
}

/** What others did meanwhile; a list that was let grow is read as long as it is. */
async function refresh() {
  if (document.hidden) return;
  const own = asked;
  const data = await ask(`/request-list?${query({ most: Math.min(MOST, Math.max(STEP, rows.length)) })}`).catch(
    () => null,
  );
  if (own !== asked || !data || data.seq === seq || rows.length > MOST) return;
  take(data);
}

function draw() {
  const focus = document.activeElement?.closest?.("tr")?.dataset.id;
  body.replaceChildren(...rows.flatMap((row, i) => [groupLine(row, rows[i - 1]), line(row)]).filter(Boolean));
  if (focus) body.querySelector(`tr[data-id="${CSS.escape(focus)}"] .open-it`)?.focus({ preventScroll: true });
  document.getElementById("none").hidden = rows.length > 0;
  more.hidden = next === null;
  drawGroups();
}

function drawGroups() {
  const all = GROUPS.reduce((sum, each) => sum + (counts[each] ?? 0), 0);
  const button = (each, n) =>
    h(
      "button",
      { type: "button", class: "quiet", "aria-pressed": String(group === each), onclick: () => choose(each) },
      t(`requests.group.${each ?? "all"}`),
      " ",
      h("small", {}, number(n)),
    );
  document
    .getElementById("groups")
    .replaceChildren(button(null, all), ...GROUPS.map((each) => button(each, counts[each] ?? 0)));
}

function choose(each) {
  group = each;
  load();
}

function groupLine(row, before) {
  if (before && before.group === row.group) return null;
  return h("tr", { class: "group" }, h("th", { colspan: "6", scope: "rowgroup" }, t(`requests.group.${row.group}`)));
}

function line(row) {
  const open = h("button", { type: "button", class: "link open-it", onclick: (event) => pick(row.id, event) }, row.id);
  return h(
    "tr",
    {
      "data-id": row.id,
      class: [row.id === chosen ? "picked" : "", row.danger && row.group === "waiting" ? "danger" : ""].join(" "),
      "aria-current": row.id === chosen ? "true" : null,
      onclick: () => pick(row.id),
    },
    h("td", {}, h("time", {}, clock(row.at)), h("br"), open),
    h("td", { class: "words" }, row.words || h("span", { class: "dim" }, t("requests.forgotten"))),
    h("td", {}, who(row)),
    h("td", {}, kind(row), h("br"), h("small", { class: "dim" }, word("channel", row.channel))),
    h("td", {}, became(row), owner(row)),
    h("td", { class: `next-step n-${row.next.code}` }, row.next.text, likely(row)),
  );
}

function who(row) {
  const parts = [row.name ? h("b", {}, row.name) : null, row.address, row.phone].filter(Boolean);
  if (!row.address && row.lon !== null) parts.push(t("requests.on_map"));
  return parts.length
    ? parts.flatMap((each, i) => (i ? [h("br"), each] : [each]))
    : h("span", { class: "dim" }, t("requests.nobody"));
}

function kind(row) {
  const lane = row.fast ? h("small", { class: "fast-lane" }, t("requests.fast")) : null;
  if (row.kind) return h("span", { title: t("requests.kind_given") }, word("request_kind", row.kind), " ✎ ", lane);
  return row.made ? h("span", {}, word("request_kind", row.made), " ", lane) : "–";
}

function became(row) {
  if (row.withdrawn) return t("requests.withdrawn");
  if (!row.order)
    return row.same_as
      ? t("requests.same", { request: row.same_as })
      : h("span", { class: "dim" }, t("requests.no_order"));
  const parts = [
    h("span", { class: "order" }, row.order),
    row.state ? word("state", row.state) : null,
    row.crew,
  ].filter(Boolean);
  return parts.flatMap((each, i) => (i ? [h("br"), each] : [each]));
}

const owner = (row) =>
  row.owner
    ? h("small", { class: "owner", title: t("requests.owner") }, row.owner)
    : row.open
      ? h("small", { class: "owner none" }, t("requests.owner_none"))
      : null;

/** The two likeliest kinds of a request that the rules leave open, a key for each. */
function likely(row) {
  if (!told.may || !row.likeliest.length) return null;
  return h(
    "span",
    { class: "moves" },
    row.likeliest.map((each, i) =>
      h(
        "button",
        { type: "button", onclick: (event) => decide(row, each, event) },
        word("request_kind", each),
        " ",
        row.id === chosen ? h("kbd", {}, String(i + 1)) : null,
      ),
    ),
  );
}

async function decide(row, wanted, event) {
  event?.stopPropagation();
  try {
    await changeRequest(row, { kind: wanted });
    announce(t("requests.decided", { request: row.id, kind: word("request_kind", wanted) }));
    // The next one that waits for a word is there for the same keys.
    const following = rows
      .slice(rows.findIndex((each) => each.id === row.id) + 1)
      .find((each) => each.likeliest.length);
    if (following) mark(following.id);
    await load();
  } catch (error) {
    fail(error);
  }
}

function mark(id) {
  chosen = id;
  draw();
  body.querySelector(".picked")?.scrollIntoView({ block: "nearest" });
}

function pick(id, event) {
  event?.stopPropagation();
  mark(id);
  location.hash = `id=${encodeURIComponent(id)}`;
  openRequest(id, told, source.dataset.zone, () => load());
}

function step(by) {
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.id === chosen);
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  if (shownRequest()) pick(row.id);
  else mark(row.id);
}

function decideBy(i) {
  const row = rows.find((each) => each.id === chosen) ?? rows.find((each) => each.likeliest.length);
  if (!row?.likeliest[i] || !told.may) return false;
  decide(row, row.likeliest[i]);
  return true;
}

find.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => load(), TYPING_MS);
});
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && rows.length) pick(rows[0].id);
});
more.addEventListener("click", () => load({ after: next }, true));
bind("/", () => find.focus());
bind("j", () => step(1));
bind("k", () => step(-1));
bind("Enter", (event) => (event.target.closest?.("button, a") || !chosen ? false : pick(chosen)));
bind("1", () => decideBy(0));
bind("2", () => decideBy(1));
bind("Escape", () => {
  if (!shownRequest()) return false;
  closeRequest();
  return true;
});

function openNamed() {
  const id = new URLSearchParams(location.hash.slice(1)).get("id");
  if (id && id !== shownRequest()) pick(id);
}

function offerOwners() {
  const option = (value, text) => h("option", { value }, text);
  const others = told.people.filter((name) => name !== told.me);
  owners.replaceChildren(
    option("", t("requests.owner_all")),
    ...(told.people.includes(told.me) ? [option(told.me, t("requests.owner_mine"))] : []),
    option(NOBODY, t("requests.owner_none")),
    ...others.map((name) => option(name, name)),
  );
  owners.hidden = !told.may;
  const asked = new URLSearchParams(location.search).get("owner");
  if (asked !== null) owners.value = asked || NOBODY;
}

owners.addEventListener("change", () => load());
offerOwners();
take(told.first);
const words = new URLSearchParams(location.search).get("q");
if (words) find.value = words;
if (words || owners.value) load();
addEventListener("hashchange", openNamed);
openNamed();
setInterval(refresh, REFRESH_MS);
