// A crew's day: signs in, fetches the route, shows it with what is still to be sent on top.
import { forget, keep, kept, Queue, queued } from "./queue.js";
import { secret, t, useZone } from "./parts.js";
import { smaller } from "./photo.js";
import { keepRinging, letRing, Listening } from "./ringing.js";
import { leftMs, remembered } from "./undo.js";
import { drawDay, drawSignIn, drawTop } from "./view.js";

// What concerns the crew is told at once; this is for the rest.
const REFRESH_MS = 120_000;
const POSITION_MS = 60_000;
const MAP_AFTER_MS = 3000;
const CALLED_MS = 4000;
const state = {
  session: null,
  route: null,
  entries: [],
  settled: [],
  chosen: null,
  open: null,
  armed: null,
  note: "",
  fault: null,
};

const queue = new Queue({
  onChange: () => refreshQueue(),
  // What the server has taken is shown on top of the route until the route itself shows it.
  onSettled: (taps) => state.settled.push(...taps),
  onSent: () => refreshRoute(),
  onSignedOut: () => signedOut(),
});

// An open page hears of another route, a danger, an answer or a ticket as it happens.
const listening = new Listening(queue, async (what) => {
  await refreshRoute();
  if (what) callOut();
});

async function start() {
  const code = location.pathname === "/phone/enter" ? location.hash.slice(1) : "";
  if (code) history.replaceState(null, "", "/phone");
  state.session = (await kept("session")) ?? null;
  state.route = (await kept("route")) ?? null;
  chooseByCode();
  state.code = code || ((await kept("code")) ?? "");
  if (code) {
    state.session = null;
    await keep("code", code);
  }
  if ("serviceWorker" in navigator)
    navigator.serviceWorker.register("/phone/sw.js", { scope: "/phone" }).catch(() => {});
  navigator.storage?.persist?.();
  queue.session = state.session;
  await refreshQueue();
  if (state.session) {
    refreshRoute();
    queue.soon(0);
  }
  // After the page stands, as the map does.
  setTimeout(() => listening.start(), MAP_AFTER_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refreshRoute());
  setInterval(() => state.session && document.visibilityState === "visible" && refreshRoute(), REFRESH_MS);
  if (document.body.dataset.shares === "1") setInterval(sharePosition, POSITION_MS);
}

// A code on the paper sheet names the order of a stop: "/phone#stop=W-12".
function chooseByCode() {
  const order = new URLSearchParams(location.hash.slice(1)).get("stop");
  if (order && location.pathname === "/phone") change({ order, chosen: null, open: null, armed: null });
}
addEventListener("hashchange", chooseByCode);

async function refreshQueue() {
  state.entries = await queued();
  draw();
}

// One question at a time: an older answer that comes late would take back what a newer one has said.
let refreshing = null;
let again = false;
function refreshRoute() {
  if (refreshing) again = true;
  else
    refreshing = fetchRoute().finally(() => {
      refreshing = null;
      const due = again;
      again = false;
      return due ? refreshRoute() : undefined;
    });
  return refreshing;
}

async function fetchRoute() {
  if (!state.session) return;
  try {
    const taken = state.settled.length;
    const answer = await queue.ask("/api/v1/phone/route");
    const before = state.route;
    state.route = await answer.json();
    if (before && state.route.changes && state.route.plan !== before.plan) callOut();
    state.settled.splice(0, taken);
    queue.found(true);
    await keep("route", state.route);
    await keepRinging(state, queue);
    soonMap();
  } catch (error) {
    if (error.signedOut) return signedOut();
    queue.found(false);
  }
  await refreshQueue();
}

// The map comes when everything else is there, once for every route.
let mapTimer;
function soonMap() {
  clearTimeout(mapTimer);
  mapTimer = setTimeout(async () => {
    try {
      state.map ??= await import("./area.js");
      if (await state.map.keepArea(queue, state.route)) draw();
    } catch {
      // Without signal now: the next route tries again.
    }
  }, MAP_AFTER_MS);
}

// News is felt and heard while the page is open, once for all that says it.
let calledAt = 0;
function callOut() {
  if (Date.now() - calledAt < CALLED_MS) return;
  calledAt = Date.now();
  navigator.vibrate?.([300, 120, 300]);
  try {
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    tone.frequency.value = 740;
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.5);
    tone.onended = () => sound.close();
  } catch {
    // A phone without sound still shows what has changed.
  }
}

// The day is over or the office has closed this phone: what is not sent yet stays here.
async function signedOut() {
  await forget("session");
  state.session = queue.session = null;
  state.fault = t("phone.ended");
  draw();
}

async function signIn(pin) {
  let device = await kept("device");
  if (!device) await keep("device", (device = secret(16)));
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${state.code}` };
  state.fault = null;
  try {
    const answer = await fetch("/phone/enter", { method: "POST", headers, body: JSON.stringify({ pin, device }) });
    const body = await answer.json();
    if (!answer.ok)
      throw Object.assign(new Error(), { text: answer.status === 401 ? t("phone.wrong") : body.error.text });
    const before = state.route?.crew.id;
    state.session = queue.session = { token: body.token, crew: body.crew, until: body.until };
    await keep("session", state.session);
    await forget("code");
    if (before !== body.crew) state.route = null;
    queue.soon(0);
    setTimeout(() => listening.start(), MAP_AFTER_MS);
    return refreshRoute();
  } catch (error) {
    state.fault = error.text ?? t("phone.no_network");
  }
  draw();
}

async function say(tap, stop = null) {
  Object.assign(state, { armed: null, open: null });
  const made = { id: secret(16), at: new Date().toISOString(), ...tap };
  const last = remembered(made, stop);
  if (last) {
    state.last = last;
    setTimeout(draw, leftMs(last) + 100);
  }
  await note(made);
}

// The report is taken back on this screen at once, and at the office as soon as the tap arrives.
async function undo(last) {
  state.undone = { ...state.undone, [last.id]: last.back };
  state.last = null;
  await note({ kind: "undo", job: last.job, of: last.id });
}

async function note(tap, blob = null) {
  navigator.vibrate?.(30);
  await queue.add(tap, blob);
  document.getElementById("said").textContent = t("phone.noted");
}

// With the place where the crew stands, if the utility wants places and the phone knows it soon.
async function sayHere(tap) {
  const shares = document.body.dataset.shares === "1" && navigator.geolocation;
  const place =
    shares &&
    (await new Promise((found) =>
      navigator.geolocation.getCurrentPosition(found, () => found(null), { maximumAge: POSITION_MS, timeout: 5000 }),
    ));
  return say(place ? { ...tap, lon: place.coords.longitude, lat: place.coords.latitude } : tap);
}

async function addPhoto(job, file, moment = null) {
  try {
    const blob = await smaller(file);
    // A picture takes a while to make smaller: what was opened meanwhile stays open.
    if (blob) return await note({ kind: "photo", job, ...(moment ? { moment } : {}) }, blob);
  } catch {
    // Falls through to the same message: the file is no picture, or too large for this phone.
  }
  state.fault = t("phone.bad_photo");
  draw();
}

const addShot = (job, blob, told) => note({ kind: "photo", job, ...told }, blob);

// Asked for when it is looked at; without signal the last one is shown.
async function askHours() {
  change({ open: "hours" });
  try {
    state.hours = await (await queue.ask("/api/v1/phone/hours")).json();
    await keep("hours", state.hours);
  } catch {
    state.hours ??= (await kept("hours")) ?? null;
  }
  draw();
}

function sharePosition() {
  if (!state.session || !state.route?.on_shift) return;
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => queue.add({ kind: "position", lon: coords.longitude, lat: coords.latitude }),
    () => {},
    { maximumAge: POSITION_MS, timeout: 10_000 },
  );
}

async function download(kind) {
  try {
    const answer = await queue.ask(`/api/v1/phone/route.${kind}`);
    const address = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href: address, download: `${state.route.crew.id}.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch {
    change({ fault: t("phone.no_network") });
  }
}

async function startRinging() {
  try {
    state.rings = (await letRing(queue)) ? `${state.session.token} ${state.route.on_shift}` : null;
    state.ringFault = false;
  } catch {
    state.ringFault = true;
  }
  draw();
}

async function openMap() {
  if (state.map) return;
  try {
    state.map = await import("./area.js");
    draw();
  } catch {
    change({ open: null, fault: t("phone.map_missing") });
  }
}

function change(changes) {
  Object.assign(state, changes);
  if (state.open === "map") openMap();
  else state.map?.closeArea();
  draw();
}

// Nothing is redrawn under a finger: a tap that began on a button ends on it. On a slow phone the
// click comes long after the finger has left, so it is waited for; a swipe has none.
const finger = { down: false, waits: false, lifting: 0 };
const NO_CLICK_MS = 400;

function lift() {
  clearTimeout(finger.lifting);
  finger.down = false;
  if (finger.waits) draw();
}

addEventListener(
  "pointerdown",
  () => {
    clearTimeout(finger.lifting);
    finger.down = true;
  },
  true,
);
addEventListener("pointerup", () => (finger.lifting = setTimeout(lift, NO_CLICK_MS)), true);
addEventListener("pointercancel", lift, true);
addEventListener("click", () => setTimeout(lift));

function draw() {
  finger.waits = finger.down;
  if (finger.down) return;
  if (state.route) useZone(state.route.zone);
  const actions = {
    say,
    undo,
    released: lift,
    sayHere,
    shares: document.body.dataset.shares === "1",
    addPhoto,
    addShot,
    askHours,
    change,
    signIn,
    dismiss: (nr) => queue.dismiss(nr),
    again: () => queue.soon(0),
    download,
    letRing: startRinging,
  };
  const focus = document.activeElement?.id;
  const place = document.activeElement?.selectionStart;
  drawTop(document.getElementById("top"), state, queue.reached, actions);
  const main = document.getElementById("main");
  if (!state.session) drawSignIn(main, state, actions);
  else if (!state.route)
    main.replaceChildren(
      Object.assign(document.createElement("p"), {
        className: "wait",
        textContent: t(queue.reached ? "phone.loading" : "phone.no_network"),
      }),
    );
  else drawDay(main, state, actions);
  const again = focus && document.getElementById(focus);
  if (again) {
    again.focus();
    if (place !== undefined && again.setSelectionRange) again.setSelectionRange(place, place);
  }
}

start();
