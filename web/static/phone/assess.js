// Damage that the crew has looked over: what is broken, what it takes. The office makes work of it.
import { h, t, word } from "./parts.js";

const PLANT = ["crane", "bucket", "digger", "pump", "generator"];
const MINUTES = [60, 120, 240, 480];
const FIRST = { what_broke: "", people: 2, plant: [], parts: {}, minutes: 0 };

export function damageForm(stop, state, actions) {
  const now = () => state.damage?.[stop.job] ?? FIRST;
  const told = now();
  const noted = (changes) => ({ ...state.damage, [stop.job]: { ...now(), ...changes } });
  const change = (changes) => actions.change({ damage: noted(changes) });
  const area = h("textarea", {
    id: "text-damage",
    rows: 3,
    maxlength: 500,
    required: true,
    placeholder: t("phone.damage.example"),
    // Kept without drawing again: the keyboard stays.
    oninput: (event) => (state.damage = noted({ what_broke: event.target.value })),
  });
  area.value = told.what_broke;
  const send = (event) => {
    event.preventDefault();
    const said = now();
    if (!said.what_broke.trim() || !said.minutes) return;
    delete state.damage[stop.job];
    actions.say({ kind: "damage", job: stop.job, ...said, what_broke: said.what_broke.trim() });
  };
  const goods = [...new Set([...Object.keys(stop.stock ?? {}), ...Object.keys(state.route.stock ?? {})])];
  return h(
    "form",
    { class: "damage", onsubmit: send },
    h("label", { for: "text-damage" }, t("phone.damage.what")),
    area,
    goods.length > 0 && h("b", {}, t("phone.damage.parts")),
    h(
      "ul",
      { class: "parts" },
      goods.map((name) =>
        counter(`damage-${name}`, word("stock", name), told.parts[name] ?? 0, 0, (count) =>
          change({ parts: { ...told.parts, [name]: count } }),
        ),
      ),
      counter("damage-people", t("phone.damage.people"), told.people, 1, (people) => change({ people })),
    ),
    h("b", {}, t("phone.damage.plant")),
    choices(
      PLANT,
      (name) => told.plant.includes(name),
      "plant",
      (name) => word("plant", name),
      (name) =>
        change({
          plant: told.plant.includes(name) ? told.plant.filter((each) => each !== name) : [...told.plant, name],
        }),
    ),
    h("b", {}, t("phone.damage.hours")),
    choices(
      MINUTES,
      (n) => told.minutes === n,
      "minutes",
      (n) => t("phone.minutes", { n }),
      (minutes) => change({ minutes }),
    ),
    h("button", { class: "big go", id: "send-damage", disabled: !told.minutes }, t("phone.send")),
  );
}

const choices = (all, chosen, name, text, act) =>
  h(
    "div",
    { class: "choices" },
    all.map((each) =>
      h(
        "button",
        {
          type: "button",
          class: "big",
          [`data-${name}`]: each,
          "aria-pressed": chosen(each) ? "true" : "false",
          onclick: () => act(each),
        },
        text(each),
      ),
    ),
  );

function counter(id, label, count, least, act) {
  const step = (by, sign, name) =>
    h(
      "button",
      {
        type: "button",
        class: "plain",
        id: `${id}-${name}`,
        "aria-label": `${label} ${sign}1`,
        onclick: () => act(Math.max(least, count + by)),
      },
      sign,
    );
  return h(
    "li",
    { class: "part" },
    h("span", {}, label),
    step(-1, "−", "less"),
    h("b", {}, count),
    step(1, "+", "more"),
  );
}
