// One stream of events per browser: the tab that holds the lock listens, the others hear it from there.
import { ask } from "./api.js";

const CHANNEL = "gridcrew-events";
const LOST_AFTER_MS = 3000;
const AGAIN_MS = 3000;

let after = 0;
/** @type {(news: object) => void} */
let tell = () => {};
let channel = null;
let timer = 0;
let connected = true;

/** Hear what became of the state numbered `seq`; `told({kind})` runs in every tab: change, health, up or down. */
export function listen(seq, told) {
  after = seq;
  tell = told;
  channel = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
  if (channel) channel.onmessage = (message) => heard(message.data, false);
  // Without a safe context there are no locks: then every tab has a stream of its own.
  if (navigator.locks && channel) navigator.locks.request(CHANNEL, () => new Promise(open));
  else open();
}

function heard(news, own) {
  if (news.seq) after = Math.max(after, news.seq);
  tell(news);
  if (own) channel?.postMessage(news);
}

function open() {
  const source = new EventSource(`/api/v1/events?as=state&after=${after}`);
  source.addEventListener("hello", () => up());
  source.addEventListener("state", (event) => {
    up();
    heard({ kind: "change", seq: Number(event.lastEventId), change: JSON.parse(event.data) }, true);
  });
  source.addEventListener("health", (event) => {
    up();
    heard({ kind: "health", ...JSON.parse(event.data) }, true);
  });
  source.onerror = () => {
    if (!timer) timer = setTimeout(lost, LOST_AFTER_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    // A server that says no says why to whoever asks: the session may be over.
    ask("/health").catch(() => {});
    setTimeout(open, AGAIN_MS);
  };
}

function up() {
  clearTimeout(timer);
  timer = 0;
  if (!connected) heard({ kind: "up" }, true);
  connected = true;
}

function lost() {
  timer = 0;
  connected = false;
  heard({ kind: "down" }, true);
}
