// The words of the screens; follows the same two rules as web/language.py.
const messages = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

/** Return a message with its named places filled in; "one|many" is chosen by `n`. */
export function t(key, values = {}) {
  const message = messages[key];
  if (message === undefined) throw new Error(`no message '${key}' in ${language}`);
  const [one, many] = message.split("|");
  const text = many === undefined || values.n === 1 ? one : many;
  // In one go: what people wrote may hold a brace or a dollar sign, and stays as it is.
  return text.replace(/\{(\w+)\}/g, (place, name) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? number(value) : String(value);
  });
}

/** Return the name of a coded value (a class, a skill, ...), or the value itself. */
export function word(group, value) {
  return messages[`${group}.${value}`] ?? String(value ?? "");
}

/** Return a text that may be kept by language, in the language of the screen. */
export function inLanguage(texts) {
  if (texts === null || texts === undefined || typeof texts === "string") return texts;
  return texts[language.startsWith("zh") ? "zh" : "en"] ?? Object.values(texts)[0];
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Write a whole number, thousands parted by a thin space. */
export function number(value) {
  return whole.format(value).replaceAll(",", "\u202f");
}
