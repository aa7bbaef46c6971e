// The hours of this shift, as the crew's own reports say.
import { clock, h, t, word } from "./parts.js";

export function hours(state, actions) {
  const open = state.open === "hours";
  const button = h(
    "button",
    {
      type: "button",
      id: "open-hours",
      class: "plain",
      "aria-expanded": open ? "true" : "false",
      onclick: () => (open ? actions.change({ open: null }) : actions.askHours()),
    },
    t("phone.more.sheet"),
  );
  return [button, open && (state.hours ? sheet(state.hours) : h("p", { class: "dim" }, t("phone.no_network")))];
}

const span = (n) => (n === null ? "–" : t("phone.minutes", { n }));

const parts = (each) =>
  [`${t("phone.sheet.drive")} ${span(each.drive_min)}`, `${t("phone.sheet.work")} ${span(each.work_min)}`].join(" · ");

function sheet(told) {
  const times = [
    told.on && `${t("phone.sheet.on")} ${clock(told.on)}`,
    told.off && `${t("phone.sheet.off")} ${clock(told.off)}`,
  ];
  const line = (each) =>
    h(
      "li",
      {},
      h("b", {}, clock(each.from), each.to ? `–${clock(each.to)}` : ""),
      " ",
      each.kind === "service" ? word("request_kind", each.title) : each.kind ? word("job_kind", each.kind) : each.job,
      each.address ? `, ${each.address}` : "",
      h("span", { class: "dim" }, ` · ${parts(each)}`),
    );
  return h(
    "section",
    { class: "before", id: "hours" },
    h("h2", {}, t("phone.sheet.title")),
    h("p", {}, times.filter(Boolean).join(" · ")),
    h("ol", {}, told.jobs.map(line)),
    h("p", {}, h("b", {}, t("phone.sheet.total")), ` ${span(told.minutes)} · ${parts(told)}`),
  );
}
