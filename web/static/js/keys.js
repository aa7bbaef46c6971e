// Keyboard: one key per action, switched off in fields and when somebody wants it off.
const bound = new Map();
const OFF = "gridcrew-keys-off";
let prefix = "";
let prefixAt = 0;

/** Bind a key ("j", "Enter") or a sequence of two ("g b"). */
export function bind(key, run) {
  bound.set(key, run);
}

export const keysOn = () => localStorage.getItem(OFF) === null;

export function setKeys(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

function typing(target) {
  // What had the keys when its panel was closed has them no more.
  if (target.closest?.("dialog:not([open])")) return false;
  return target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key !== "Escape" && (typing(event.target) || !keysOn())) return;
  const waiting = prefix && event.timeStamp - prefixAt < 1500 ? `${prefix} ${event.key}` : "";
  const run = bound.get(waiting) ?? bound.get(event.key);
  prefix = event.key === "g" ? "g" : "";
  prefixAt = event.timeStamp;
  if (run && run(event) !== false) event.preventDefault();
});
