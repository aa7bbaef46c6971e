// Dividers between the three views, by mouse or arrow keys; sizes are remembered.
const KEPT = "gridcrew-sizes";
const LIMITS = { list: [300, 900], lower: [120, 900] };
const root = document.documentElement;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

function apply(name, pixels) {
  const [least, most] = LIMITS[name];
  const room = name === "list" ? innerWidth - 320 : innerHeight - 300;
  const size = Math.round(Math.max(least, Math.min(pixels, most, room)));
  root.style.setProperty(`--${name}-size`, `${size}px`);
  return size;
}

function current(divider) {
  const box = divider.dataset.size === "list" ? divider.previousElementSibling : divider.nextElementSibling;
  return divider.dataset.size === "list" ? box.offsetWidth : box.offsetHeight;
}

/** Make the dividers work; `changed` runs after each change. */
export function dividers(changed) {
  const sizes = read();
  for (const [name, size] of Object.entries(sizes)) if (name in LIMITS) apply(name, size);
  for (const divider of document.querySelectorAll(".divider")) {
    const name = divider.dataset.size;
    const say = () => {
      divider.setAttribute("aria-valuemin", LIMITS[name][0]);
      divider.setAttribute("aria-valuemax", LIMITS[name][1]);
      divider.setAttribute("aria-valuenow", current(divider));
    };
    say();
    const settle = (pixels) => {
      sizes[name] = apply(name, pixels);
      localStorage.setItem(KEPT, JSON.stringify(sizes));
      say();
      changed();
    };
    divider.addEventListener("pointerdown", (down) => {
      const start = current(divider);
      divider.setPointerCapture(down.pointerId);
      divider.onpointermove = (move) => {
        settle(name === "list" ? start + move.clientX - down.clientX : start - (move.clientY - down.clientY));
      };
      divider.onpointerup = () => (divider.onpointermove = null);
    });
    divider.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -24, ArrowRight: 24, ArrowUp: 24, ArrowDown: -24 }[event.key];
      if (!step) return;
      event.preventDefault();
      settle(current(divider) + step);
    });
  }
}
