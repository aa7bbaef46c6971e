// A customer's signature: drawn with a finger, kept as a small picture beside the job's photos.
import { h, t } from "./parts.js";

const SIZE = { width: 640, height: 240 };
const pad = { canvas: null, job: null, drawn: false };

export function signPanel(stop, state, actions) {
  if (pad.job !== stop.job || !pad.canvas) fresh(stop.job);
  const name = h("input", {
    id: "text-signer",
    maxlength: 120,
    autocomplete: "off",
    value: state.signer ?? "",
    oninput: (event) => (state.signer = event.target.value),
  });
  const keep = () => {
    const signer = (state.signer ?? "").trim();
    if (!signer || !pad.drawn) return actions.change({ fault: t("phone.sign.empty") });
    pad.canvas.toBlob(
      (blob) => {
        state.signer = "";
        pad.canvas = null;
        actions.addShot(stop.job, blob, { moment: "signature", signer });
        actions.change({ open: null, fault: null });
      },
      "image/jpeg",
      0.8,
    );
  };
  return h(
    "div",
    { class: "sign" },
    h("label", { for: "text-signer" }, t("phone.sign.who")),
    name,
    h("p", { class: "dim" }, t("phone.sign.here")),
    pad.canvas,
    h(
      "div",
      { class: "pair" },
      h("button", { type: "button", class: "big", id: "sign-clear", onclick: blank }, t("phone.sign.clear")),
      h("button", { type: "button", class: "big go", id: "sign-keep", onclick: keep }, t("phone.sign.keep")),
    ),
  );
}

function fresh(job) {
  pad.job = job;
  pad.canvas = h("canvas", { class: "pad", ...SIZE, role: "img", "aria-label": t("phone.sign.here") });
  let last = null;
  const at = (event) => {
    const box = pad.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * SIZE.width) / box.width,
      ((event.clientY - box.top) * SIZE.height) / box.height,
    ];
  };
  pad.canvas.addEventListener("pointerdown", (event) => {
    pad.canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  pad.canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const now = at(event);
    const g = pad.canvas.getContext("2d");
    g.lineWidth = 4;
    g.lineCap = "round";
    g.beginPath();
    g.moveTo(...last);
    g.lineTo(...now);
    g.stroke();
    last = now;
    pad.drawn = true;
  });
  for (const end of ["pointerup", "pointercancel"]) pad.canvas.addEventListener(end, () => (last = null));
  blank();
}

// White paper, day and night: the picture is printed.
function blank() {
  const g = pad.canvas.getContext("2d");
  g.fillStyle = "#fff";
  g.fillRect(0, 0, SIZE.width, SIZE.height);
  g.strokeStyle = "#14191d";
  pad.drawn = false;
}
