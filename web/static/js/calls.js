// A call is taken: who it is and what is known out there appear while somebody speaks; Enter logs it.
// What is typed is kept until it is logged, so that a page that is read anew loses no call.
import { ask, inPath, ownMark } from "./api.js";
import { day, select } from "./day.js";
import { announce, h } from "./dom.js";
import { etrWords } from "./etr.js";
import { both, clock } from "./format.js";
import { act } from "./live.js";
import { facts } from "./panel.js";
import { reasonIn } from "./refusing.js";
import { live } from "./state.js";
import { number, t, word } from "./words.js";

const WAIT_MS = 120;
const CHANNEL = "phone";
const dialog = document.getElementById("call");
const DRAFT = `gridcrew-call/${live?.name ?? ""}`;
const TEXTS = ["who", "words", "phone", "kind", "channel"];
let customer = null;
let mark = ownMark();
let timer = 0;
let asked = 0;
let logging = false;

export function callForm() {
  if (!dialog) return;
  document.getElementById("new-call")?.addEventListener("click", takeCall);
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    dialog.close();
    keep();
  });
  // Danger stands in the strip: the form keeps below it, however high it is.
  new ResizeObserver(below).observe(document.getElementById("strip"));
  addEventListener("resize", below);
  // A page that was read anew finds the call where the call-taker left it.
  if (draft()?.open) takeCall();
}

/** Open the form: empty for a new call, or with what was typed and not logged yet. */
export function takeCall() {
  if (!document.getElementById("new-call")) return false;
  if (!dialog.open) {
    put(draft());
    dialog.show();
    below();
    keep();
  }
  dialog.querySelector("[name=who]").focus();
  return true;
}

function below() {
  if (!dialog.open) return;
  const top = document.getElementById("strip").getBoundingClientRect().bottom + 6;
  dialog.style.setProperty("top", `${top}px`);
  dialog.style.setProperty("max-height", `${innerHeight - top - 12}px`);
}

/** What was typed and not logged, of this account and in this tab alone. */
function draft() {
  try {
    return JSON.parse(sessionStorage.getItem(DRAFT));
  } catch {
    return null;
  }
}

function keep() {
  const typed = Object.fromEntries(TEXTS.map((name) => [name, part(name).value]));
  const empty = !typed.who.trim() && !typed.words.trim() && !typed.phone.trim();
  if (empty) sessionStorage.removeItem(DRAFT);
  else sessionStorage.setItem(DRAFT, JSON.stringify({ ...typed, customer, mark, open: dialog.open }));
}

function close() {
  dialog.close();
  keep();
}

function put(known = null) {
  customer = known?.customer ?? null;
  mark = known?.mark ?? ownMark();
  const who = h("input", {
    name: "who",
    type: "search",
    autocomplete: "off",
    maxlength: "200",
    "aria-controls": "call-found",
    placeholder: t("call.who_hint"),
    value: known?.who ?? null,
  });
  const words = h(
    "textarea",
    { name: "words", rows: "2", maxlength: "2000", placeholder: t("call.words_hint") },
    known?.words ?? "",
  );
  const phone = h("input", {
    name: "phone",
    type: "tel",
    maxlength: "60",
    autocomplete: "off",
    value: known?.phone ?? null,
  });
  const options = (values, group, now) =>
    values.map((each) => h("option", { value: each, selected: each === now }, word(group, each)));
  const kind = h(
    "select",
    { name: "kind" },
    h("option", { value: "" }, t("requests.by_rules")),
    options(live.kinds, "request_kind", known?.kind),
  );
  const channel = h("select", { name: "channel" }, options(live.channels, "channel", known?.channel ?? CHANNEL));
  const form = h(
    "form",
    { onsubmit: log, oninput: keep, novalidate: true },
    h(
      "header",
      {},
      h("h2", { id: "call-title" }, t("call.title")),
      h("button", { type: "button", class: "quiet close", "aria-label": t("detail.close"), onclick: close }, "×"),
    ),
    h("label", {}, t("call.who"), who),
    h("ul", { id: "call-found", class: "found" }),
    h("div", { id: "call-known" }),
    h("label", {}, t("call.words"), words),
    h(
      "div",
      { class: "beside" },
      h("label", {}, t("detail.phone"), phone),
      h("label", {}, t("requests.kind"), kind),
      h("label", {}, t("requests.channel"), channel),
    ),
    h(
      "p",
      { class: "moves" },
      h("button", { class: "main" }, t("call.log")),
      h("button", { type: "button", class: "quiet", onclick: empty }, t("call.empty")),
      h("span", { class: "dim" }, t("call.enter")),
    ),
    h("p", { id: "call-said", role: "status" }),
  );
  who.addEventListener("input", () => {
    customer = null;
    clearTimeout(timer);
    timer = setTimeout(() => search(part("who").value), WAIT_MS);
  });
  who.addEventListener("keydown", walk);
  phone.addEventListener("change", () => customer === null && search(phone.value));
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  dialog.replaceChildren(form);
  if (customer) tell(customer);
}

/** Throw away what was typed. */
function empty() {
  sessionStorage.removeItem(DRAFT);
  put();
  part("who").focus();
}

const part = (name) => dialog.querySelector(`[name=${name}]`);
const found = () => dialog.querySelector("#call-found");

async function search(typed) {
  const text = typed.trim();
  const own = ++asked;
  if (text.length < 2) return found().replaceChildren();
  const { customers, callers } = await ask(`/customers?q=${encodeURIComponent(text)}`).catch(() => ({
    customers: [],
    callers: [],
  }));
  if (own !== asked) return null;
  found().replaceChildren(
    ...customers.map((each) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => choose(each) },
          h("b", {}, each.name ?? each.id),
          ` ${each.address ?? ""} `,
          h("small", { class: "dim" }, each.id),
        ),
      ),
    ),
    ...callers.map(callerLine),
  );
  return null;
}

/** A number that called before: who it was then, and what was said. */
function callerLine(each) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", onclick: () => take(each) },
      h("small", { class: "dim" }, t("call.before", { at: clock(each.at), request: each.id })),
      " ",
      h("b", {}, each.name ?? each.phone ?? ""),
      each.address ? ` ${each.address}` : "",
      " ",
      h("q", {}, each.words),
    ),
  );
}

function take(each) {
  part("phone").value = each.phone ?? part("phone").value;
  if (each.customer) return choose({ id: each.customer, name: each.name, address: each.address, phone: each.phone });
  asked += 1;
  part("who").value = each.address ?? "";
  found().replaceChildren();
  part("words").focus();
  return keep();
}

/** Down from the field to the customers found; Enter takes the first. */
function walk(event) {
  const first = found().querySelector("button");
  if (event.key === "ArrowDown" && first) first.focus();
  else if (event.key === "Enter") {
    if (first) first.click();
    else part("words").focus();
  } else return;
  event.preventDefault();
}

async function choose(each) {
  asked += 1;
  customer = each.id;
  part("who").value = [each.name, each.address].filter(Boolean).join(", ");
  if (!part("phone").value) part("phone").value = each.phone ?? "";
  found().replaceChildren();
  part("words").focus();
  keep();
  await tell(each.id);
}

/** Show what is known of a customer. */
async function tell(id) {
  const data = await ask(`/customers/${inPath(id)}`).catch(() => null);
  if (data && customer === id) dialog.querySelector("#call-known").replaceChildren(known(data));
}

function known(data) {
  const { outage, earlier } = data;
  return h(
    "div",
    { class: "known" },
    facts(
      [t("detail.customer"), `${data.name ?? ""} · ${data.id}`],
      [t("detail.grade"), h("b", {}, word("grade", data.grade))],
      data.generator_h ? [t("call.generator"), t("call.hours", { n: data.generator_h })] : null,
      data.access ? [t("detail.access"), data.access] : null,
      [
        t("detail.outage"),
        outage
          ? h(
              "span",
              {},
              outageLink(outage),
              h("br"),
              t("call.out", { n: outage.out, calls: number(outage.calls), since: clock(outage.since) }),
            )
          : t("call.no_outage"),
      ],
      outage ? [t("list.etr"), etrWords(outage.etr)] : null,
      earlier.length
        ? [
            t("call.earlier"),
            h(
              "ul",
              { class: "said" },
              earlier.map((each) => h("li", {}, h("time", {}, both(each.at)), h("q", {}, each.words))),
            ),
          ]
        : null,
    ),
  );
}

function outageLink(outage) {
  const text = `${word("fault_kind", outage.kind)} ${outage.place}`;
  return day.outage.has(outage.id)
    ? h("button", { type: "button", class: "link", onclick: () => select("outage", outage.id, "call") }, text)
    : text;
}

async function log(event) {
  event.preventDefault();
  // Enter again before the answer: it is the same call, and its answer must not empty the next one's form.
  if (logging) return null;
  const said = dialog.querySelector("#call-said");
  const words = part("words").value.trim();
  if (!words) return wrong(said, t("call.no_words"));
  const body = { words, channel: part("channel").value };
  if (customer) body.customer = customer;
  else if (part("who").value.trim()) body.address = part("who").value.trim();
  if (part("phone").value.trim()) body.phone = part("phone").value.trim();
  if (part("kind").value) body.kind = part("kind").value;
  logging = true;
  try {
    const logged = await act("/requests", body, { "Idempotency-Key": `board/${mark}` });
    done(logged);
  } catch (error) {
    wrong(said, reasonIn(error));
  } finally {
    logging = false;
  }
  return null;
}

function wrong(line, text) {
  line.className = "wrong";
  line.textContent = text;
}

function done(logged) {
  sessionStorage.removeItem(DRAFT);
  const text = [
    t("call.logged", { id: logged.id }),
    logged.kind ? word("request_kind", logged.kind) : "",
    logged.order ? t("call.joined", { order: logged.order }) : "",
    logged.still_out ? t("call.still_out", { order: logged.still_out }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
  put();
  const line = dialog.querySelector("#call-said");
  line.className = logged.kind === "hazard" ? "hazard" : "done";
  line.replaceChildren(text, " ", h("a", { href: `/requests#id=${inPath(logged.id)}` }, t("call.show")));
  announce(text);
  part("who").focus();
}
