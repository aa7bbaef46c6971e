// Keeps the page itself on the phone, so that it opens in a tunnel. The day and the taps are none of its business.
const SHELL = `gridcrew-phone-${VERSION}`;
const PATIENCE_MS = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => cache.addAll(["/phone", ...KEPT]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("gridcrew-phone-") && name !== SHELL;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
      .then(() => keepLater()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && (url.pathname === "/phone" || url.pathname === "/phone/enter"))
    event.respondWith(page(event.request));
  else if (KEPT.includes(url.pathname + url.search)) event.respondWith(part(event.request));
  else if (LATER.includes(url.pathname)) event.respondWith(later(event.request, url.pathname));
});

// The newest page if the network is quick, else the one that is kept.
async function page(request) {
  const cache = await caches.open(SHELL);
  const fresh = fetch(request).then((answer) => {
    if (answer.ok) cache.put("/phone", answer.clone());
    return answer;
  });
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)).then(() => cache.match("/phone"));
  try {
    return (await Promise.race([fresh, patience])) ?? (await fresh);
  } catch {
    return (await cache.match("/phone")) ?? Response.error();
  }
}

async function part(request) {
  return (await (await caches.open(SHELL)).match(request.url)) ?? fetch(request);
}

// The map's scripts follow the page; if they do not come now, they are kept the first time they are asked for.
const keepLater = () =>
  caches
    .open(SHELL)
    .then((cache) => cache.addAll(LATER))
    .catch(() => {});

async function later(request, path) {
  const cache = await caches.open(SHELL);
  const have = await cache.match(path);
  if (have) return have;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(path, answer.clone());
  return answer;
}

// A push says a word and a number and nothing else; what it means is said here, and read on the page.
self.addEventListener("push", (event) => event.waitUntil(rung(event.data)));

async function rung(data) {
  const { what, n } = read(data);
  const danger = what === "danger";
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ news: what, n });
  await self.registration.showNotification(WORDS[`phone.push.${what}`] ?? WORDS["phone.push.route"], {
    body: WORDS["phone.push.look"],
    tag: "gridcrew",
    renotify: true,
    requireInteraction: danger,
    vibrate: danger ? [500, 150, 500, 150, 500] : [300, 120, 300],
    icon: "/static/icon-512.png",
    data: { n },
  });
}

function read(data) {
  try {
    const told = data.json();
    return { what: String(told.what), n: Number(told.n) || 0 };
  } catch {
    return { what: "route", n: 0 };
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const page = pages.find((each) => new URL(each.url).pathname.startsWith("/phone"));
      return page ? page.focus() : self.clients.openWindow("/phone");
    }),
  );
});
