// The shift: signing on with a vehicle, signing off when nothing is left half done.
import { clock, h, t, word } from "./parts.js";
import { hours } from "./hours.js";
import { files } from "./places.js";

const UNDER_WAY = ["on_the_way", "on_site", "safe", "restored"];

export function signOn(state, actions, sure) {
  const [from, to] = state.route.shift;
  const { vehicles } = state.route;
  const vehicle = state.vehicle ?? state.route.vehicle;
  const others = vehicles.length > 1;
  const choose = (each) =>
    h(
      "button",
      {
        type: "button",
        class: "big",
        disabled: Boolean(each.taken),
        "aria-pressed": each.id === vehicle ? "true" : "false",
        onclick: () => actions.change({ vehicle: each.id, open: null }),
      },
      each.id,
      each.taken && h("span", { class: "dim" }, ` ${t("phone.taken", { crew: each.taken })}`),
    );
  return h(
    "section",
    { class: "notice" },
    h("p", {}, t("phone.shift", { from: clock(from), to: clock(to), vehicle: vehicle ?? "–" })),
    sure("sign-on", t("phone.sign_on"), "go", state, actions, () =>
      actions.say({ kind: "sign_on", ...(vehicle ? { vehicle } : {}) }),
    ),
    others &&
      h(
        "button",
        {
          type: "button",
          id: "open-vehicle",
          class: "plain",
          "aria-expanded": state.open === "vehicle" ? "true" : "false",
          onclick: () => actions.change({ open: state.open === "vehicle" ? null : "vehicle" }),
        },
        t("phone.other_vehicle"),
      ),
    state.open === "vehicle" && h("div", { class: "choices" }, vehicles.map(choose)),
  );
}

export function shiftEnd(state, stops, actions, sure) {
  const half = stops.find((stop) => UNDER_WAY.includes(stop.state));
  const off = half
    ? h("p", { class: "dim" }, t("phone.hand_over_first", { address: half.address || half.job }))
    : sure("sign-off", t("phone.sign_off"), "stop-it", state, actions, () => actions.say({ kind: "sign_off" }));
  const filled = sure("restocked", t("phone.restocked"), "", state, actions, () => actions.say({ kind: "restocked" }));
  return h(
    "section",
    { class: "shift" },
    loadLine(state.route),
    state.route.on_shift && filled,
    state.route.on_shift && off,
    hours(state, actions),
    files(actions),
  );
}

function loadLine(route) {
  const items = Object.entries(route.load).map(([name, count]) => `${word("stock", name)} × ${count}`);
  return items.length ? h("p", { class: "load" }, h("b", {}, t("phone.load")), " ", items.join(", ")) : null;
}

// What crews did here before: read first by whoever takes over.
export function history(stop) {
  if (!stop.history?.length) return null;
  return h(
    "section",
    { class: "before" },
    h("h2", {}, t("phone.before_you")),
    h(
      "ol",
      {},
      stop.history.map((each) => h("li", {}, h("b", {}, `${clock(each.at)} ${each.crew ?? ""}`), " ", said(each))),
    ),
  );
}

function said(each) {
  const parts = [];
  if (each.kind === "job_moved") parts.push(t(`phone.to.${each.to}`));
  if (each.kind === "step_ticked") parts.push(`✓ ${t("phone.kind.tick")}`);
  if (each.what === "photo") parts.push(each.moment ? t(`phone.moment.${each.moment}`) : t("phone.photo"));
  if (each.signer) parts.push(each.signer);
  if (each.what === "damage") parts.push(`${t("phone.kind.damage")}: ${each.what_broke}`);
  if (each.what === "help") parts.push(`${t("phone.kind.help")}: ${word("phone.help", each.reason)}`);
  else if (each.reason) parts.push(word("phone.reason", each.reason));
  if (each.minutes) parts.push(t("phone.estimate_is", { n: each.minutes }));
  if (each.cause) parts.push(word("phone.cause", each.cause));
  if (each.note) parts.push(`“${each.note}”`);
  return parts.join(" · ");
}
