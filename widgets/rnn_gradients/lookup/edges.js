// What lies beyond the axes of a figure, marked at their edge.

/** @import { Trace } from "./types.js" */

const [SIZE, LARGER] = [7, 6]; // of a triangle, in pixels, and by how much it is larger than one of another color on it

// Triangles for each of some traces. Where those of several colors coincide, each is seen: those behind are larger.
/** @param {Trace[]} data @param {any} plot @param {number[]} edges @returns {Trace[]} */
export function marks(data, plot, edges) {
  const all = edges.map((index) => beyond(data[index], plot, index));
  /** @type {Record<string, Set<string>>} */
  const colors = {};
  for (const { x, y, xaxis, yaxis, marker } of all.toReversed())
    marker.size = x.map((_, i) => {
      const there = (colors[[x[i], y[i], xaxis, yaxis].join()] ??= new Set());
      return SIZE + LARGER * (there.add(String(marker.color)).size - 1);
    });
  return all;
}

// Triangles at the edge of the axes for the points of a trace that lie beyond them.
/** @param {Trace} trace @param {any} plot @param {number} index @returns {Trace} */
function beyond(trace, plot, index) {
  const [x, y] = [axis(plot, trace.xaxis ?? "x"), axis(plot, trace.yaxis ?? "y")];
  const symbols = trace.y.map((value, i) => {
    const [across, up] = [x.place(trace.x[i]), y.place(value)];
    if (!Number.isFinite(across) || !Number.isFinite(up)) return; // plotly does not draw it
    const sides = { up: up > y.high, down: up < y.low, right: across > x.high, left: across < x.low };
    return Object.entries(sides).find(([, beyond]) => beyond)?.[0];
  });
  // never empty (the last point is no point): plotly forgets to show hidden points again for an empty trace
  const out = [...symbols.flatMap((symbol, i) => (symbol ? [i] : [])), symbols.length];
  /** @param {any} value */
  const each = (value) => (Array.isArray(value) ? out.map((i) => value[i]) : value);
  const { line, marker, visible } = plot._fullData?.[index] ?? {};
  const color = trace.line?.color ?? trace.marker?.color ?? line?.color ?? marker?.color;
  return {
    type: "scatter", mode: "markers", name: `${trace.name}, beyond the axes`, showlegend: false,
    xaxis: trace.xaxis, yaxis: trace.yaxis, cliponaxis: false,
    visible: visible === "legendonly" ? visible : trace.visible,
    x: out.map((i) => x.within(trace.x[i] ?? null)),
    y: out.map((i) => y.within(trace.y[i] ?? null)),
    text: each(trace.text), // without it, plotly would write the template's own letters
    customdata: out.map((i) => [trace.x[i], trace.y[i], trace.customdata?.[i]]),
    marker: { color: each(color), symbol: out.map((i) => `triangle-${symbols[i]}`), opacity: 1, line: { width: 0 } },
    hovertemplate: trace.hovertemplate
      ?.replaceAll("%{customdata}", "%{customdata[2]}")
      .replaceAll("%{x", "%{customdata[0]").replaceAll("%{y", "%{customdata[1]"),
  };
}

// An axis as plotly last drew it: the place of a value on it, in plotly's own measure (that of a logarithmic axis is
// log10), its ends, and a value brought within them. An end that follows the data has nothing beyond it.
/** @param {any} plot @param {string} name */
function axis(plot, name) {
  const drawn = plot._fullLayout?.[name.replace(/^[xy]/, "$&axis")];
  if (!drawn?.range) return { place: () => NaN, low: NaN, high: NaN, within: (/** @type {any} */ value) => value };
  const place = (/** @type {any} */ value) => (value === null || value === undefined ? NaN : drawn.r2l(drawn.d2r(value)));
  const [low, high] = ends(drawn);
  const hair = Math.abs(drawn.r2l(drawn.range[1]) - drawn.r2l(drawn.range[0])) * 1e-6; // plotly hides what is rounded out
  const [least, most] = /category/.test(drawn.type) ? [Math.ceil(low), Math.floor(high)] : [low + hair, high - hair];
  const within = (/** @type {any} */ value) => {
    const at = place(value);
    return at < low ? drawn.l2d(least) : at > high ? drawn.l2d(most) : value;
  };
  return { place, low, high, within };
}

// Of an axis that follows the data: the limits that it keeps to (of several that match, plotly heeds none).
/** @param {any} axis */
function ends({ range, autorange, minallowed, maxallowed, autorangeoptions: options, r2l, d2l }) {
  const [low, high] = [r2l(range[0]), r2l(range[1])].sort((a, b) => a - b);
  if (!autorange) return [low, high];
  const nearly = (high - low) * 1e-9;
  // of what is not set, undefined, which is neither more nor less than any number
  const limits = (/** @type {any} */ allowed, /** @type {any} */ inside, /** @type {any} */ clip) =>
    [r2l(allowed), r2l(inside), d2l(clip)];
  const least = limits(minallowed, options?.minallowed, options?.clipmin).filter((end) => end <= low + nearly);
  const most = limits(maxallowed, options?.maxallowed, options?.clipmax).filter((end) => end >= high - nearly);
  return [Math.max(...least), Math.min(...most)]; // of none: infinite
}
