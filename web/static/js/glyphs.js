// One shape, one colour, one figure per class: told apart without colour too.
import { s } from "./dom.js";

export const SHAPES = {
  P1: "M0-10 10 8H-10Z",
  P2: "M0-10 10 0 0 10-10 0Z",
  P3: "M-8-8H8V8H-8Z",
  P4: "M-9 0A9 9 0 1 1 9 0A9 9 0 1 1-9 0Z",
  P5: "M-9 0-4.5-7.800H4.5L9 0 4.5 7.800H-4.5Z",
};
export const CLASSES = Object.keys(SHAPES);

const shape = (cls) => SHAPES[cls] ?? SHAPES.P5;
const figure = (cls) => (cls ? String(cls).replace(/^P/, "") : "");

/** The mark of a class as a small picture beside text that names it. */
export function mark(cls, size = 18) {
  const lower = cls === "P1" ? 5.5 : 4;
  return s(
    "svg",
    { viewBox: "-11 -11 22 22", width: size, height: size, class: `glyph ${cls}`, "aria-hidden": "true" },
    s("path", { d: shape(cls) }),
    s("text", { y: lower, "text-anchor": "middle" }, figure(cls)),
  );
}

const paths = new Map();

/** Draw the mark of a class on a canvas. */
export function drawMark(g, cls, x, y, scale, colours) {
  if (!paths.has(cls)) paths.set(cls, new Path2D(shape(cls)));
  g.save();
  g.translate(x, y);
  g.scale(scale, scale);
  g.lineJoin = "round";
  g.lineWidth = 3 / scale;
  g.strokeStyle = colours.ground;
  g.stroke(paths.get(cls));
  g.fillStyle = colours[cls] ?? colours.P5;
  g.fill(paths.get(cls));
  if (scale < 0.55) return g.restore();
  g.fillStyle = colours.onclass;
  g.font = "700 11px system-ui, sans-serif";
  g.textAlign = "center";
  g.fillText(figure(cls), 0, cls === "P1" ? 5.5 : 4);
  return g.restore();
}

/** Read the colours of the theme that is on. */
export function themeColours() {
  const style = getComputedStyle(document.documentElement);
  const names = [
    "ground",
    "ink",
    "dim",
    "road",
    "road-main",
    "water",
    "grid",
    "dead",
    "onclass",
    "pick",
    "panel",
    "raised",
    "font",
    "wrong",
  ];
  const colours = Object.fromEntries(
    [...names, ...CLASSES].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
  return colours;
}
