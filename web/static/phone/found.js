// What was found and used: the element that has failed, parts off the vehicle, a switch that does not move.
import { named } from "./brief.js";
import { h, t, word } from "./parts.js";

const WHY_STUCK = ["jammed", "locked", "remote", "damaged"];

export function failedElement(stop, state, actions) {
  const { element, opened, suspected = [] } = stop.brief ?? {};
  const near = [...suspected.map((each) => each.element), element, opened].filter(
    (each) => each && each.kind !== "customer",
  );
  const once = near.filter((each, at) => near.findIndex((other) => other.id === each.id) === at);
  const say = (place) => actions.say({ kind: "told", job: stop.job, place });
  const input = h("input", {
    id: "text-device",
    maxlength: 120,
    required: true,
    autocapitalize: "characters",
    "aria-label": t("phone.device_number"),
    placeholder: t("phone.device_number"),
    value: state.device ?? "",
    oninput: (event) => (state.device = event.target.value),
  });
  const send = (event) => {
    event.preventDefault();
    state.device = "";
    say(input.value.trim());
  };
  return h(
    "div",
    {},
    h(
      "div",
      { class: "choices" },
      once.map((each) =>
        h("button", { type: "button", class: "big", "data-place": each.id, onclick: () => say(each.id) }, named(each)),
      ),
    ),
    h("form", { onsubmit: send }, input, h("button", { class: "big go" }, t("phone.send"))),
  );
}

// Counted on the phone, sent with the report that ends the job.
export function partsUsed(stop, state, actions) {
  const names = [...new Set([...Object.keys(stop.stock ?? {}), ...Object.keys(state.route.stock ?? {})])];
  const counted = state.parts?.[stop.job] ?? stop.stock ?? {};
  const change = (name, by) => {
    const parts = { ...counted, [name]: Math.max(0, (counted[name] ?? 0) + by) };
    actions.change({ parts: { ...state.parts, [stop.job]: parts } });
  };
  const step = (name, by, sign) =>
    h(
      "button",
      {
        type: "button",
        class: "plain",
        id: `part-${sign === "+" ? "more" : "less"}-${name}`,
        "aria-label": `${word("stock", name)} ${sign}1`,
        onclick: () => change(name, by),
      },
      sign,
    );
  const line = (name) =>
    h(
      "li",
      { class: "part" },
      h(
        "span",
        {},
        word("stock", name),
        h("span", { class: "dim" }, ` ${t("phone.on_vehicle", { n: state.route.stock?.[name] ?? 0 })}`),
      ),
      step(name, -1, "−"),
      h("b", {}, counted[name] ?? 0),
      step(name, 1, "+"),
    );
  return h(
    "div",
    {},
    h("ul", { class: "parts" }, names.map(line)),
    h("p", { class: "dim" }, t(names.length ? "phone.parts_sent" : "phone.no_parts")),
  );
}

export const countedParts = (state, job) => (state.parts?.[job] ? { parts: state.parts[job] } : {});

export function stuckSwitch(stop, state, actions, devices) {
  if (!state.stuck)
    return h(
      "div",
      { class: "choices" },
      devices.map((step) =>
        h(
          "button",
          {
            type: "button",
            class: "big",
            "data-device": step.device,
            onclick: () => actions.change({ stuck: step.device }),
          },
          step.name || step.device,
        ),
      ),
    );
  const say = (why) => {
    const device = state.stuck;
    state.stuck = null;
    actions.say({ kind: "switch_stuck", job: stop.job, device, note: t(`phone.stuck.${why}`) });
  };
  return h(
    "div",
    {},
    h("p", {}, t("phone.stuck_why", { name: state.stuck })),
    h(
      "div",
      { class: "choices" },
      WHY_STUCK.map((why) =>
        h(
          "button",
          { type: "button", class: "big", "data-why": why, onclick: () => say(why) },
          t(`phone.stuck.${why}`),
        ),
      ),
    ),
  );
}
