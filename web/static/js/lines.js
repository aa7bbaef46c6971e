// Roads and grid as canvas tiles: thousands of lines without a GPU. Format: web/map_data.py.
const BASE = 2 ** 12 * 256; // the world at zoom 12, in pixels
const BIN = 64;

/** Read packed lines into world pixels at zoom 12. */
export function unpack(buffer) {
  const [west, south, stepLon, stepLat, n, chains] = new Float64Array(buffer, 0, 6);
  const bytes = new Uint8Array(buffer, 48);
  const dx = planes(bytes, 0, n);
  const dy = planes(bytes, 2 * n, n);
  const lengths = planes(bytes, 4 * n, chains);
  const ranks = bytes.subarray(4 * n + 2 * chains);
  const m = n - chains;
  const lines = { m, x: new Float32Array(2 * m), y: new Float32Array(2 * m), rank: new Uint8Array(m), x0: 0, y0: 0 };
  let [x, y, i, line] = [0, 0, 0, 0];
  for (let chain = 0; chain < chains; chain++) {
    for (let k = 0; k < lengths[chain]; k++, i++) {
      x = (x + dx[i]) & 65535;
      y = (y + dy[i]) & 65535;
      const [px, py] = worldPixel(west + x * stepLon, south + y * stepLat);
      // Offsets from a corner, so that 32 bits are precise to a few centimetres.
      if (i === 0) [lines.x0, lines.y0] = [Math.floor(px), Math.floor(py)];
      if (k > 0) end(lines, line++, px, py, ranks[chain]);
      if (k < lengths[chain] - 1) begin(lines, line, px, py);
    }
  }
  lines.bins = intoBins(lines);
  return lines;
}

function begin(lines, line, px, py) {
  lines.x[2 * line] = px - lines.x0;
  lines.y[2 * line] = py - lines.y0;
}

function end(lines, line, px, py, rank) {
  lines.x[2 * line + 1] = px - lines.x0;
  lines.y[2 * line + 1] = py - lines.y0;
  lines.rank[line] = rank;
}

/** A place in world pixels at zoom 12. */
export function worldPixel(lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [((lon + 180) / 360) * BASE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * BASE];
}

/** Paths in world pixels, each with a rank, as lines; what several paths share is drawn once per rank. */
export function linesOf(paths) {
  const seen = new Set();
  const ends = [];
  const ranks = [];
  const [x0, y0] = paths.length ? [Math.floor(paths[0].x[0]), Math.floor(paths[0].y[0])] : [0, 0];
  for (const { x, y, rank } of paths) {
    for (let i = 1; i < x.length; i++) {
      const key = `${rank} ${x[i - 1].toFixed(2)} ${y[i - 1].toFixed(2)} ${x[i].toFixed(2)} ${y[i].toFixed(2)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      ends.push(x[i - 1] - x0, y[i - 1] - y0, x[i] - x0, y[i] - y0);
      ranks.push(rank);
    }
  }
  const m = ranks.length;
  const lines = { m, x: new Float32Array(2 * m), y: new Float32Array(2 * m), rank: Uint8Array.from(ranks), x0, y0 };
  for (let i = 0; i < m; i++) {
    lines.x.set([ends[4 * i], ends[4 * i + 2]], 2 * i);
    lines.y.set([ends[4 * i + 1], ends[4 * i + 3]], 2 * i);
  }
  lines.bins = intoBins(lines);
  return lines;
}

/** Two bytes per number, the low ones first and the high ones after them. */
function planes(bytes, at, count) {
  const numbers = new Uint16Array(count);
  for (let i = 0; i < count; i++) numbers[i] = bytes[at + i] | (bytes[at + count + i] << 8);
  return numbers;
}

function intoBins({ m, x, y }) {
  const bins = new Map();
  for (let i = 0; i < m; i++) {
    const [a, b] = ordered(Math.floor(x[2 * i] / BIN), Math.floor(x[2 * i + 1] / BIN));
    const [c, d] = ordered(Math.floor(y[2 * i] / BIN), Math.floor(y[2 * i + 1] / BIN));
    for (let column = a; column <= b; column++) {
      for (let row = c; row <= d; row++) {
        const key = column * 1e6 + row;
        const bin = bins.get(key);
        if (bin) bin.push(i);
        else bins.set(key, [i]);
      }
    }
  }
  return bins;
}

const ordered = (a, b) => (a < b ? [a, b] : [b, a]);

/** A layer of lines; `pens(zoom)` gives per rank {colour, width} or null, drawn in that order. */
export function linesLayer(lines, pens, options = {}) {
  const Layer = L.GridLayer.extend({
    createTile(place) {
      const ratio = Math.min(devicePixelRatio || 1, 2);
      const size = this.getTileSize().x;
      const tile = L.DomUtil.create("canvas", "leaflet-tile");
      tile.width = tile.height = size * ratio;
      const g = tile.getContext("2d");
      g.scale(ratio, ratio);
      draw(g, lines, place, size, pens(place.z));
      return tile;
    },
  });
  return new Layer({ tileSize: 512, keepBuffer: 1, updateWhenZooming: false, ...options });
}

function draw(g, lines, place, size, pens) {
  const scale = 2 ** (place.z - 12);
  const x0 = (place.x * size) / scale - lines.x0;
  const y0 = (place.y * size) / scale - lines.y0;
  const found = inside(lines.bins, x0, y0, size / scale, 4 / scale);
  g.lineCap = "round";
  pens.forEach((pen, rank) => {
    if (!pen) return;
    g.strokeStyle = pen.colour;
    g.lineWidth = pen.width;
    g.setLineDash(pen.dash ?? []);
    g.beginPath();
    for (const i of found) {
      if (lines.rank[i] !== rank) continue;
      g.moveTo((lines.x[2 * i] - x0) * scale, (lines.y[2 * i] - y0) * scale);
      g.lineTo((lines.x[2 * i + 1] - x0) * scale, (lines.y[2 * i + 1] - y0) * scale);
    }
    g.stroke();
  });
}

function inside(bins, x0, y0, width, margin) {
  const found = new Set();
  const [a, b] = [Math.floor((x0 - margin) / BIN), Math.floor((x0 + width + margin) / BIN)];
  const [c, d] = [Math.floor((y0 - margin) / BIN), Math.floor((y0 + width + margin) / BIN)];
  for (let column = a; column <= b; column++) {
    for (let row = c; row <= d; row++) for (const i of bins.get(column * 1e6 + row) ?? []) found.add(i);
  }
  return found;
}
