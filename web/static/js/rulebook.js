// Try a request on the policy in force: nothing is kept, the trace says why.
import { h } from "./dom.js";
import { traceView, valueText } from "./trace.js";
import { t } from "./words.js";

const fields = JSON.parse(document.getElementById("fields").textContent);
const form = document.getElementById("try");
const stage = document.getElementById("try-stage");
const box = document.getElementById("try-facts");
const result = document.getElementById("try-result");
const token = document.querySelector("meta[name=csrf-token]").content;
let carried = {};

function showFields() {
  box.replaceChildren(...fields[stage.value].map(fieldView));
}

function fieldView(fact) {
  const value = carried[fact.name];
  const shown =
    value === null || value === undefined ? "" : value === true ? "yes" : value === false ? "no" : String(value);
  return h(
    "label",
    { class: fact.type === "text" ? "long" : null, title: fact.meaning || null },
    h("span", {}, fact.label, fact.unit ? h("small", {}, ` ${fact.unit}`) : null),
    input(fact, shown),
  );
}

function input(fact, value) {
  if (fact.type === "text") return h("textarea", { name: fact.name, rows: "2" }, value);
  const words = fact.type === "yes/no" ? ["yes", "no"] : fact.type === "choice" ? fact.values : [];
  if (words.length) {
    const named = (each) => (fact.type === "yes/no" ? t(`trace.${each}`) : each);
    return h(
      "select",
      { name: fact.name },
      h("option", { value: "" }, t("trace.missing")),
      words.map((each) => h("option", { value: each, selected: each === value }, named(each))),
    );
  }
  const number = fact.type === "number" || fact.type === "integer";
  return h("input", {
    name: fact.name,
    value,
    inputmode: number ? "decimal" : null,
    list: null,
    placeholder: t("trace.missing"),
    autocomplete: "off",
  });
}

async function send(event) {
  event.preventDefault();
  const facts = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "stage"));
  const answer = await fetch("/api/v1/rulebook/try", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ stage: stage.value, facts, version: Number(form.dataset.version) || undefined }),
  });
  const data = await answer.json();
  result.replaceChildren(
    ...(answer.ok
      ? outcomeView(data, facts)
      : [
          h(
            "ul",
            { class: "wrong" },
            faults(data).map((text) => h("li", {}, text)),
          ),
        ]),
  );
}

const faults = (data) => (data.error.faults.length ? data.error.faults : [data.error.text]);

function outcomeView(data, facts) {
  const sets = Object.entries(data.outcome).filter(([, value]) => value !== null);
  const named = new Map(data.trace.steps.flatMap((step) => step.sets.map((item) => [item.fact, item])));
  const label = (name) => named.get(name)?.[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] ?? name;
  const next = stage.value === "request" && "order" in fields;
  return [
    h("h3", {}, t("try.result")),
    h(
      "dl",
      { class: "outcome" },
      sets.map(([name, value]) =>
        h("div", {}, h("dt", {}, label(name)), h("dd", {}, valueText(value, named.get(name)?.unit))),
      ),
    ),
    next ? h("button", { type: "button", onclick: () => carryOn(facts, data.outcome) }, t("try.next")) : null,
    traceView(data.trace),
  ].filter(Boolean);
}

function carryOn(facts, outcome) {
  carried = { ...facts, ...outcome };
  stage.value = "order";
  showFields();
  form.requestSubmit();
}

stage.addEventListener("change", () => {
  carried = {};
  result.replaceChildren();
  showFields();
});
form.addEventListener("submit", send);
showFields();
