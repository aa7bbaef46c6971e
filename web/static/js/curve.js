// Customers off supply over the shift, as the plan expects it.
import { s } from "./dom.js";
import { dated } from "./format.js";
import { number, t } from "./words.js";

const WIDTH = 220;
const HEIGHT = 34;

/** A small picture of the curve that says in words when half and nine tenths are back. */
export function curvePicture(points) {
  if (points.length < 2 || !points[0][1]) return null;
  const [first, all] = points[0];
  const left = points.at(-1)[1];
  const end = points.at(-1)[0];
  const back = (share) => points.find(([, out]) => out <= all * (1 - share))?.[0];
  const x = (at) => 2 + ((at - first) / Math.max(1, end - first)) * (WIDTH - 4);
  const y = (out) => HEIGHT - 3 - (out / all) * (HEIGHT - 8);
  let path = `M${x(first)} ${y(all)}`;
  for (const [at, out] of points.slice(1)) path += `H${x(at).toFixed(1)}V${y(out).toFixed(1)}`;
  const half = back(0.5);
  const most = back(0.9);
  const words = t("curve.words", { n: all, half: dated(half), most: dated(most), left });
  const svg = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      class: "curve",
      role: "img",
      "aria-label": words,
    },
    s("title", {}, words),
    s("path", { d: `${path}V${HEIGHT - 3}H${x(first)}Z`, class: "area" }),
    s("path", { d: path, class: "line" }),
  );
  for (const at of [half, most]) {
    if (at) svg.append(s("line", { x1: x(at), x2: x(at), y1: 2, y2: HEIGHT - 3, class: "tick" }));
  }
  return {
    svg,
    words,
    half,
    most,
    text: [
      half && t("curve.half", { at: dated(half) }),
      most ? t("curve.most", { at: dated(most) }) : left > 0 && t("curve.left", { n: left }),
    ]
      .filter(Boolean)
      .join(" · "),
    all: number(all),
  };
}
