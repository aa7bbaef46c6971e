// Who answers for something, and handing it over: the same line for requests and complaints.
import { h } from "./dom.js";
import { t } from "./words.js";

/** `thing` has `owner`; `page` has `me`, `people`, `may`; `give(to, reason)` hands it over. */
export function ownerPart(thing, page, give) {
  const who = h("p", { class: "owner-now" }, t("requests.owner"), ": ", owner(thing));
  if (!page.may) return who;
  const whom = h(
    "select",
    { "aria-label": t("requests.hand_to") },
    page.people.filter((name) => name !== thing.owner).map((name) => h("option", { value: name }, name)),
  );
  const why = h("input", {
    maxlength: "500",
    autocomplete: "off",
    placeholder: t("requests.reason"),
    "aria-label": t("requests.hand_why"),
  });
  const button = (text, run) => h("button", { type: "button", onclick: run }, text);
  const take =
    !thing.owner && page.people.includes(page.me) ? button(t("requests.take"), () => give(page.me, "")) : null;
  return h(
    "details",
    { class: "owner-part" },
    h("summary", {}, t("requests.owner"), ": ", owner(thing)),
    h(
      "p",
      { class: "moves" },
      take,
      whom,
      thing.owner ? why : null,
      button(t("requests.hand_over"), () => give(whom.value, why.value.trim())),
    ),
  );
}

const owner = (thing) =>
  thing.owner ? h("b", {}, thing.owner) : h("span", { class: "wrong" }, t("requests.owner_none"));
