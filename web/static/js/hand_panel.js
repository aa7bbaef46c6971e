// The panel for changes by hand: what is in it, its fields, and telling the desk.
import { announce, h } from "./dom.js";
import { act } from "./live.js";
import { reasonIn } from "./refusing.js";
import { t } from "./words.js";

export const dialog = document.getElementById("hand");

/** Put something into the panel for changes by hand. */
export function panelOf(heading, ...content) {
  const close = h(
    "button",
    { type: "button", class: "quiet close", "aria-label": t("detail.close"), onclick: () => dialog.close() },
    "×",
  );
  dialog.replaceChildren(h("header", {}, h("h2", { id: "hand-title" }, heading), close), ...content.filter(Boolean));
  if (!dialog.open) dialog.show();
}

/** Why something is done; `required` where nothing may be done without saying so. */
export const reasonInput = (required = false) =>
  h("input", {
    name: "reason",
    "aria-label": t("hand.reason"),
    placeholder: t("hand.reason"),
    maxlength: "500",
    autocomplete: "off",
    required,
  });

/** Tell the desk something, close the panel, or say what is wrong. */
export async function tellDesk(path, body, wrong) {
  try {
    await act(path, body);
    document.getElementById("hand").close();
    announce(t("found.told"));
  } catch (error) {
    wrong.hidden = false;
    wrong.textContent = reasonIn(error);
  }
}
