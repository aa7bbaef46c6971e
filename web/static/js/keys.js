// Keyboard: one key per action, switched off in fields and when somebody wants it off.
const bound = new Map();
const held = new Set();
const OFF = "gridcrew-keys-off";
let prefix = "";
let prefixAt = 0;

/** Bind a key ("j", "Enter") or a sequence of two ("g b"); one that is held does it once, unless it may `repeat`. */
export function bind(key, run, { repeat = false } = {}) {
  bound.set(key, run);
  if (repeat) held.add(key);
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

/** The key that is meant: with the lock for capitals on, a letter is still the letter. */
function meant(event) {
  if (!event.getModifierState("CapsLock") || !/^[a-z]$/i.test(event.key)) return event.key;
  return event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const key = meant(event);
  if (key !== "Escape" && (typing(event.target) || !keysOn())) return;
  if (event.repeat && !held.has(key)) return;
  const waiting = prefix && event.timeStamp - prefixAt < 1500 ? `${prefix} ${key}` : "";
  const run = bound.get(waiting) ?? bound.get(key);
  prefix = key === "g" ? "g" : "";
  prefixAt = event.timeStamp;
  if (run && run(event) !== false) event.preventDefault();
});
