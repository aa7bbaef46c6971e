// Whom to phone while it is in doubt which device has opened; one click says what a neighbour answered.
import { ask, inPath, ownMark } from "./api.js";
import { announce, h } from "./dom.js";
import { clock } from "./format.js";
import { act } from "./live.js";
import { section } from "./panel.js";
import { reasonIn } from "./refusing.js";
import { live } from "./state.js";
import { t } from "./words.js";

const ANSWERS = ["on", "off", "unreached"];

/** Neighbours of an outage that nobody has confirmed; empty until they are known, and where there is no doubt. */
export function neighbourSection(outage) {
  const box = h("div", { class: "neighbours", "data-outage": outage.id });
  if (live?.may) fill(box, outage);
  return box;
}

async function fill(box, outage) {
  const path = `/outages/${inPath(outage.id)}/neighbours`;
  const { neighbours } = await ask(path).catch(() => ({ neighbours: [] }));
  show(box, outage, neighbours);
}

function show(box, outage, neighbours) {
  const open = neighbours.filter((each) => !each.answer);
  const said = neighbours.filter((each) => each.answer);
  if (!neighbours.length) return box.replaceChildren();
  return box.replaceChildren(
    section(
      open.length ? t("ask.title", { n: open.length }) : t("ask.asked", { n: said.length }),
      open.length > 0,
      open.length ? h("p", { class: "dim" }, t("ask.why", { named: open[0].named, above: open[0].above })) : null,
      h(
        "ul",
        { class: "asking" },
        open.map((each) => toAsk(each, box, outage)),
        said.map(asked),
      ),
      h("p", { class: "wrong", role: "alert", hidden: true }),
    ),
  );
}

function person(each) {
  return h(
    "div",
    { class: "who" },
    h("b", {}, each.name ?? each.customer),
    each.address ? ` · ${each.address}` : "",
    h("small", { class: "dim" }, ` ${each.customer}`),
    each.phone ? h("a", { class: "phone", href: `tel:${each.phone.replace(/\s/g, "")}` }, each.phone) : null,
  );
}

function toAsk(each, box, outage) {
  const mark = ownMark();
  const say = (answer) =>
    h(
      "button",
      {
        type: "button",
        "data-answer": answer,
        class: answer === "unreached" ? "quiet" : null,
        onclick: () => tell(each, answer, mark, box, outage),
      },
      t(`ask.${answer}`),
    );
  return h("li", { "data-customer": each.customer }, person(each), h("div", { class: "moves" }, ANSWERS.map(say)));
}

function asked(each) {
  return h(
    "li",
    { class: "dim", "data-customer": each.customer },
    h("time", {}, clock(Date.parse(each.at) / 1000)),
    ` ${each.name ?? each.customer}: `,
    h("b", {}, t(`ask.said_${each.answer}`)),
    ` · ${each.by}`,
  );
}

async function tell(each, answer, mark, box, outage) {
  const wrong = box.querySelector("[role=alert]");
  try {
    const path = `/outages/${inPath(outage.id)}/neighbours`;
    const { neighbours } = await act(
      path,
      { customer: each.customer, supply: answer },
      { "Idempotency-Key": `board/${mark}` },
    );
    announce(t("ask.noted", { who: each.name ?? each.customer, what: t(`ask.said_${answer}`) }));
    show(box, outage, neighbours);
  } catch (error) {
    wrong.hidden = false;
    wrong.textContent = reasonIn(error);
  }
}
