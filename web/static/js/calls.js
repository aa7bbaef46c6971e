// A call is taken: who it is and what is known out there appear while somebody speaks; Enter logs it.
import { ask, inPath, ownMark } from "./api.js";
import { select, day } from "./day.js";
import { announce, h } from "./dom.js";
import { both, clock } from "./format.js";
import { act } from "./live.js";
import { etrWords } from "./etr.js";
import { facts } from "./panel.js";
import { reasonOf } from "./states.js";
import { number, t, word } from "./words.js";

const WAIT_MS = 120;
const dialog = document.getElementById("call");
let customer = null;
let mark = ownMark();
let timer = 0;
let asked = 0;

export function callForm() {
  if (!dialog) return;
  document.getElementById("new-call")?.addEventListener("click", takeCall);
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    dialog.close();
  });
}

/** Open the form, empty for a new call. */
export function takeCall() {
  if (!document.getElementById("new-call")) return false;
  if (!dialog.open) {
    put();
    dialog.show();
  }
  dialog.querySelector("[name=who]").focus();
  return true;
}

function put() {
  customer = null;
  mark = ownMark();
  const who = h("input", { name: "who", type: "search", autocomplete: "off", maxlength: "200", "aria-controls": "call-found", placeholder: t("call.who_hint") });
  const words = h("textarea", { name: "words", rows: "2", required: true, maxlength: "2000", placeholder: t("call.words_hint") });
  const phone = h("input", { name: "phone", type: "tel", maxlength: "60", autocomplete: "off" });
  const form = h("form", { onsubmit: log }, h("header", {}, h("h2", { id: "call-title" }, t("call.title")),
    h("button", { type: "button", class: "quiet close", "aria-label": t("detail.close"), onclick: () => dialog.close() }, "×")),
  h("label", {}, t("call.who"), who), h("ul", { id: "call-found", class: "found" }), h("div", { id: "call-known" }),
  h("label", {}, t("call.words"), words), h("label", {}, t("detail.phone"), phone),
  h("p", { class: "moves" }, h("button", { class: "main" }, t("call.log")), h("span", { class: "dim" }, t("call.enter"))),
  h("p", { id: "call-said", role: "status" }));
  who.addEventListener("input", () => {
    customer = null;
    clearTimeout(timer);
    timer = setTimeout(search, WAIT_MS);
  });
  who.addEventListener("keydown", walk);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  dialog.replaceChildren(form);
}

const part = (name) => dialog.querySelector(`[name=${name}]`);
const found = () => dialog.querySelector("#call-found");

async function search() {
  const text = part("who").value.trim();
  const own = ++asked;
  if (text.length < 2) return found().replaceChildren();
  const { customers } = await ask(`/customers?q=${encodeURIComponent(text)}`).catch(() => ({ customers: [] }));
  if (own !== asked) return null;
  found().replaceChildren(...customers.map((each) => h("li", {}, h("button", { type: "button", onclick: () => choose(each) },
    h("b", {}, each.name ?? each.id), ` ${each.address ?? ""} `, h("small", { class: "dim" }, each.id)))));
  return null;
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
  const data = await ask(`/customers/${inPath(each.id)}`);
  if (customer === each.id) dialog.querySelector("#call-known").replaceChildren(known(data));
}

function known(data) {
  const { outage, earlier } = data;
  return h("div", { class: "known" }, facts(
    [t("detail.customer"), `${data.name ?? ""} · ${data.id}`],
    [t("detail.grade"), h("b", {}, word("grade", data.grade))],
    data.generator_h ? [t("call.generator"), t("call.hours", { n: data.generator_h })] : null,
    data.access ? [t("detail.access"), data.access] : null,
    [t("detail.outage"), outage ? h("span", {}, outageLink(outage), h("br"), t("call.out", { n: outage.out, calls: number(outage.calls), since: clock(outage.since) })) : t("call.no_outage")],
    outage ? [t("list.etr"), etrWords(outage.etr)] : null,
    earlier.length ? [t("call.earlier"), h("ul", { class: "said" }, earlier.map((each) => h("li", {}, h("time", {}, both(each.at)), h("q", {}, each.words))))] : null));
}

function outageLink(outage) {
  const text = `${word("fault_kind", outage.kind)} ${outage.place}`;
  return day.outage.has(outage.id) ? h("button", { type: "button", class: "link", onclick: () => select("outage", outage.id, "call") }, text) : text;
}

async function log(event) {
  event.preventDefault();
  const said = dialog.querySelector("#call-said");
  const body = { words: part("words").value, channel: "phone" };
  if (customer) body.customer = customer;
  else if (part("who").value.trim()) body.address = part("who").value.trim();
  if (part("phone").value.trim()) body.phone = part("phone").value.trim();
  try {
    const logged = await act("/requests", body, { "Idempotency-Key": `board/${mark}` });
    const text = [t("call.logged", { id: logged.id }), logged.kind ? word("request_kind", logged.kind) : "", logged.order ? t("call.joined", { order: logged.order }) : "", logged.still_out ? t("call.still_out", { order: logged.still_out }) : ""].filter(Boolean).join(" · ");
    put();
    const line = dialog.querySelector("#call-said");
    line.textContent = text;
    line.className = logged.kind === "hazard" ? "hazard" : "done";
    announce(text);
    part("who").focus();
  } catch (error) {
    said.className = "wrong";
    said.textContent = reasonOf(error);
  }
}
