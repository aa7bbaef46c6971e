// Every tap goes into this queue first and leaves it when the server has answered for it. The phone's
// database keeps order; the tap's own id makes sending it twice harmless.
import { secret } from "./parts.js";

const NAME = "gridcrew-phone";
const MOST_AT_ONCE = 40;
const LONGEST_PAUSE_MS = 30_000;

let opened;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("queue", { keyPath: "nr", autoIncrement: true });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function inStore(name, mode, work) {
  const transaction = (await database()).transaction(name, mode, { durability: "strict" });
  const asked = work(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const kept = (key) => inStore("kept", "readonly", (store) => store.get(key));
export const keep = (key, value) => inStore("kept", "readwrite", (store) => store.put(value, key));
export const forget = (key) => inStore("kept", "readwrite", (store) => store.delete(key));
export const queued = () => inStore("queue", "readonly", (store) => store.getAll());
const drop = (nr) => inStore("queue", "readwrite", (store) => store.delete(nr));

export class Queue {
  // `onChange` is told whenever the queue or the connection changes, `onSent` after something has arrived.
  constructor({ onChange, onSettled, onSent, onSignedOut }) {
    this.onChange = onChange;
    this.onSettled = onSettled;
    this.onSent = onSent;
    this.onSignedOut = onSignedOut;
    this.session = null;
    this.reached = navigator.onLine;
    this.pauseMs = 0;
    this.timer = 0;
    addEventListener("online", () => this.soon(0));
    addEventListener("offline", () => this.found(false));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.soon(0));
  }

  async add(tap, blob = null) {
    const entry = {
      tap: { id: secret(16), at: new Date().toISOString(), ...tap },
      crew: this.session.crew,
      state: "waiting",
    };
    if (blob) entry.blob = blob;
    await inStore("queue", "readwrite", (store) => store.add(entry));
    this.onChange();
    this.soon(0);
  }

  async dismiss(nr) {
    await drop(nr);
    this.onChange();
  }

  soon(afterMs) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), afterMs);
  }

  found(reached) {
    if (this.reached !== reached) {
      this.reached = reached;
      this.onChange();
    }
  }

  // One sender at a time, over all windows of this phone.
  async send() {
    if (!this.session) return;
    const lock = navigator.locks
      ? (work) => navigator.locks.request(NAME, { ifAvailable: true }, (got) => got && work())
      : (work) => this.alone(work);
    await lock(() => this.drain());
  }

  async alone(work) {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } finally {
      this.busy = false;
    }
  }

  async drain() {
    let sent = false;
    try {
      for (;;) {
        const waiting = (await queued()).filter(
          (entry) => entry.state === "waiting" && entry.crew === this.session?.crew,
        );
        if (!waiting.length) break;
        await this.deliver(waiting);
        sent = true;
        this.pauseMs = 0;
        this.found(true);
        this.onChange();
      }
    } catch (error) {
      if (error.signedOut) return this.onSignedOut();
      this.found(false);
      this.pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(1000, this.pauseMs * 2));
      this.soon(this.pauseMs * (0.75 + Math.random() / 2));
    } finally {
      if (sent) this.onSent();
    }
  }

  async deliver(waiting) {
    if (waiting[0].blob) return this.settle([waiting[0]], [await this.sendPhoto(waiting[0])]);
    const end = waiting.findIndex((entry) => entry.blob);
    const batch = waiting.slice(0, Math.min(end < 0 ? waiting.length : end, MOST_AT_ONCE));
    const body = JSON.stringify({ sent_at: new Date().toISOString(), taps: batch.map((entry) => entry.tap) });
    const answer = await this.ask("/api/v1/phone/taps", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    await this.settle(batch, (await answer.json()).heard);
  }

  async sendPhoto({ tap, blob }) {
    const query = new URLSearchParams({ job: tap.job, at: tap.at, sent_at: new Date().toISOString() });
    for (const name of ["moment", "signer"]) if (tap[name]) query.set(name, tap[name]);
    try {
      const answer = await this.ask(`/api/v1/phone/photos/${tap.id}?${query}`, {
        method: "PUT",
        body: blob,
        headers: { "Content-Type": "image/jpeg" },
      });
      return await answer.json();
    } catch (error) {
      if (![400, 404, 409, 413].includes(error.status)) throw error;
      return error.said?.status === "conflict" ? error.said : { status: "conflict", code: "refused", by: null };
    }
  }

  async settle(entries, heard) {
    this.onSettled(entries.filter((_, at) => heard[at].status !== "conflict").map((entry) => entry.tap));
    await inStore("queue", "readwrite", (store) => {
      for (const [at, entry] of entries.entries()) {
        const { status, code, by } = heard[at];
        // A place that nobody wants any more is nothing to tell a crew about.
        if (status === "conflict" && entry.tap.kind !== "position")
          store.put({ ...entry, state: "conflict", code, by });
        else store.delete(entry.nr);
      }
    });
  }

  // Answers other than success end a round; what was to be sent stays in the queue.
  async ask(path, options = {}) {
    const headers = { ...options.headers, Authorization: `Bearer ${this.session.token}` };
    const signal = options.signal ?? AbortSignal.timeout(20_000);
    // What has not changed since is not sent again: the server answers that it has not.
    const answer = await fetch(path, { cache: "no-cache", ...options, headers, signal });
    if (!answer.ok) {
      const said = answer.status === 409 ? await answer.json().catch(() => null) : null;
      throw Object.assign(new Error(`${answer.status}`), {
        status: answer.status,
        signedOut: answer.status === 401,
        said,
      });
    }
    return answer;
  }
}
