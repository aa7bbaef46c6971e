// Elements out of data; text is always text, never markup.

/** Make an element: h("td", {class: "num", onclick: f}, "12", child, ...). */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Make an SVG element. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else element.setAttribute(key, value === true ? "" : value);
  }
}

/** Say something to those who listen to the page instead of looking at it. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

// A child as wide as its box, or wider, is seen wherever the box stands.
const spans = (a, b, left) => b.left <= a.left + left && b.right >= a.right;

/** Scroll a box by as little as shows a child, without moving the page. */
export function reveal(box, child, { top = 0, left = 0, margin = 8 } = {}) {
  const a = box.getBoundingClientRect();
  const b = child.getBoundingClientRect();
  if (b.top < a.top + top) box.scrollTop -= a.top + top - b.top + margin;
  else if (b.bottom > a.bottom) box.scrollTop += b.bottom - a.bottom + margin;
  if (spans(a, b, left)) return;
  if (b.left < a.left + left) box.scrollLeft -= a.left + left - b.left + margin;
  else if (b.right > a.right) box.scrollLeft += Math.min(b.right - a.right + margin, b.left - a.left - left - margin);
}

/** Scroll a box to the first of some children, unless it shows one of them whole already. */
export function revealAny(box, children, { top = 0, left = 0 } = {}) {
  const a = box.getBoundingClientRect();
  const seen = children.some((child) => {
    const b = child.getBoundingClientRect();
    const across = spans(a, b, left) || (b.left >= a.left + left && b.right <= a.right);
    return across && b.top >= a.top + top && b.bottom <= a.bottom;
  });
  if (children.length && !seen) reveal(box, children[0], { top, left });
}

const CALM_MS = 900;
const touched = new WeakMap();
const put = new WeakMap();

/** Run something that moves what a box shows, not while somebody points into it: at the latest after ten seconds. */
export function calmly(box, run) {
  if (!touched.has(box)) {
    touched.set(box, -Infinity);
    for (const name of ["pointermove", "pointerdown", "wheel"])
      box.addEventListener(name, () => touched.set(box, performance.now()), { passive: true });
    box.addEventListener("pointerleave", () => touched.set(box, -Infinity));
  }
  const first = put.get(box)?.first ?? performance.now();
  clearTimeout(put.get(box)?.timer);
  const now = performance.now();
  if (now - touched.get(box) > CALM_MS || now - first > 10000) {
    put.delete(box);
    run();
  } else put.set(box, { first, timer: setTimeout(() => calmly(box, run), 250) });
}

/** Return a function that runs at most once per frame. */
export function perFrame(run) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      run();
    });
  };
}
