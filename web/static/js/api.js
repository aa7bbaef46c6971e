// Talking to the server: JSON there and back, the page's token with every change, refusals in words.
const API = "/api/v1";
const token = document.querySelector("meta[name=csrf-token]").content;

/** What the server says no with: `status`, `by` (who was first), `faults`. */
export class Refusal extends Error {
  constructor(status, said) {
    super(said?.text ?? String(status));
    this.status = status;
    this.by = said?.by ?? null;
    this.faults = said?.faults ?? [];
  }
}

async function answered(answer) {
  const data = await answer.json().catch(() => null);
  if (answer.status === 401) document.dispatchEvent(new Event("signed-out"));
  if (!answer.ok) throw new Refusal(answer.status, data?.error);
  return data;
}

export async function ask(path, options = {}) {
  return answered(await reached(fetch(API + path, { credentials: "same-origin", ...options })));
}

/** An answer of any kind; whether there is one at all is told to whoever shows how old the page is. */
async function reached(asked) {
  try {
    const answer = await asked;
    document.dispatchEvent(new Event("server-here"));
    return answer;
  } catch (error) {
    document.dispatchEvent(new Event("server-away"));
    throw error;
  }
}

export async function send(path, body = {}, headers = {}, method = "POST") {
  const head = { "Content-Type": "application/json", "X-CSRFToken": token, ...headers };
  return ask(path, { method, headers: head, body: JSON.stringify(body) });
}

/** Correct a part of something. */
export const change = (path, body) => send(path, body, {}, "PATCH");

/** A mark that nobody else makes, so that sending twice is harmless. */
export function ownMark() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const inPath = (id) => encodeURIComponent(id);
