// How the phone hears of what happens: at once while the page is open, by a push while it lies in a pocket.
import { h, t } from "./parts.js";

const HOLDS_MS = 70_000;
const FIRST_PAUSE_MS = 3000;
const LONGEST_PAUSE_MS = 30_000;
const key = document.body.dataset.push ?? "";
const can = () => key !== "" && "PushManager" in window && "Notification" in window;
const pause = (ms) => new Promise((soon) => setTimeout(soon, ms));

// Asks the server for news for as long as the page is looked at; `hear` is told each time there is some.
export class Listening {
  constructor(queue, hear) {
    this.queue = queue;
    this.hear = hear;
    this.after = null;
    this.asking = null;
    this.runs = false;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.start();
      else this.asking?.abort();
    });
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.news && hear(data.news));
  }

  async start() {
    if (this.runs) return;
    this.runs = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (this.queue.session && document.visibilityState === "visible") {
      try {
        await pause(1000 * (await this.ask()));
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (error.signedOut) break;
        await pause(pauseMs);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    }
    this.runs = false;
  }

  // One question, held by the server until there is something; the seconds until the next.
  async ask() {
    this.asking = new AbortController();
    const timer = setTimeout(() => this.asking.abort(), HOLDS_MS);
    const from = this.after === null ? "" : `?after=${this.after}`;
    try {
      const answer = await this.queue.ask(`/api/v1/phone/news${from}`, { signal: this.asking.signal });
      const { seq, what, again_s } = await answer.json();
      // What happened before the first question is on no screen yet.
      const missed = this.after === null;
      this.after = seq;
      if (what || missed) this.hear(what);
      return again_s;
    } finally {
      clearTimeout(timer);
    }
  }
}

const raw = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const isOwn = (other) => other && new Uint8Array(other).toString() === raw(key).toString();

// Let this phone be rung; the browser asks its owner the first time.
export async function letRing(queue) {
  if (!can() || (await Notification.requestPermission()) !== "granted") return false;
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: raw(key) };
  let held = await pushManager.getSubscription();
  // Of a room that has another key by now: it could not ring this phone.
  if (held && !isOwn(held.options?.applicationServerKey)) held = (await held.unsubscribe()) && null;
  const place = held ?? (await pushManager.subscribe(options));
  const { endpoint, keys } = place.toJSON();
  await queue.ask("/api/v1/phone/push", {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ endpoint, keys }),
  });
  return true;
}

// Whoever has agreed once is not asked again: the phone is rung for as long as its crew is on shift.
export async function keepRinging(state, queue) {
  const due = can() && state.route?.on_shift && Notification.permission === "granted";
  const since = due ? `${state.session?.token} ${state.route.on_shift}` : null;
  if (since === state.rings) return;
  state.rings = since;
  if (!due) return;
  try {
    await letRing(queue);
  } catch {
    // Without signal now: the next route tries again.
    state.rings = null;
  }
}

export function ringing(state, actions) {
  if (!can() || !state.route.on_shift) return null;
  if (Notification.permission === "denied") return h("p", { class: "dim" }, t("phone.ring_denied"));
  if (state.rings) return h("p", { class: "dim", id: "rings" }, t("phone.rings"));
  return h(
    "section",
    { class: "notice", id: "ringing" },
    h("p", {}, t("phone.ring_why")),
    state.ringFault && h("p", { class: "fault", role: "alert" }, t("phone.ring_fault")),
    h("button", { type: "button", id: "let-ring", class: "big", onclick: actions.letRing }, t("phone.let_ring")),
  );
}
