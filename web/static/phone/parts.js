// Small parts: elements, words, times.
const messages = JSON.parse(document.getElementById("words").textContent);

export function t(key, values = {}) {
  let message = messages[key];
  if (message === undefined) return key;
  const bar = message.indexOf("|");
  if (bar >= 0) message = values.n === 1 ? message.slice(0, bar) : message.slice(bar + 1);
  for (const [name, value] of Object.entries(values)) message = message.replaceAll(`{${name}}`, value);
  return message;
}

export const known = (key) => key in messages;
export const word = (group, value) => messages[`${group}.${value}`] ?? String(value);

export function inLanguage(texts) {
  if (!texts || typeof texts === "string") return texts;
  return texts[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] ?? Object.values(texts)[0];
}

export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let zone;
export function useZone(name) {
  zone = name;
}

export function clock(moment) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(moment));
}

export function secret(length) {
  const raw = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
