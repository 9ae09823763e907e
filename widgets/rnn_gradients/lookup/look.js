// What is shown at a position: looked up in the table, with no plotly and no page.

/** @import { Along, Plan, Position, Shown, Spec, Table, Trace, Values } from "./types.js" */
import { add, slice } from "./table.js";

/**
 * @param {Record<string, Table>} table
 * @param {Plan} plan
 * @param {Trace[]} traces
 * @param {Position} position
 * @param {number} frame
 * @returns {Shown}
 */
export function look(table, plan, traces, position, frame) {
  /** @type {Values[]} */
  const looked = traces.map(() => ({}));
  /** @type {Values} */
  const layout = {};
  for (const { trace, attribute, points, along, single } of plan.show) {
    const values = points.flatMap((names) => sum(table, names, position, along));
    (trace === null ? layout : looked[trace])[attribute] = single ? values[0] : values;
  }
  for (const scene of plan.scenes)
    Object.assign(layout, { [`${scene}.camera`]: plan.cameras[position.camera], [`${scene}.uirevision`]: position.camera });
  for (const [trace, from, to] of plan.reveal) {
    const { y } = { ...traces[trace], ...looked[trace] };
    looked[trace].y = revealed(y, from, to, frame, plan.reveal_frames);
  }
  const caption = plan.caption.map((name) => slice(table[name], position, null)[0]).filter(Boolean).join(" ");
  return { looked, layout, caption };
}

// The values of one point, along a dimension, or in rows along two. What has not a dimension is the same all along it.
/**
 * @param {Record<string, Table>} table
 * @param {string[]} names
 * @param {Position} position
 * @param {Along} along
 * @returns {any[]}
 */
function sum(table, names, position, along) {
  if (!Array.isArray(along)) return names.map((name) => slice(table[name], position, along)).reduce(add);
  const [down, across] = along;
  const rows = Math.max(...names.map((name) => table[name].shape[table[name].dims.indexOf(down)] ?? 1));
  return Array.from({ length: rows }, (_, row) => sum(table, names, { ...position, [down]: row }, across));
}

// Leave out what is not drawn yet.
/** @param {any[]} y @param {number} from @param {number} to @param {number} frame @param {number} last */
function revealed(y, from, to, frame, last) {
  if (frame === 0 || frame >= last) return y; // stopped, or at the end
  const there = y.flatMap((value, i) => (value === null || Number.isNaN(value) ? [] : [i]));
  const fraction = Math.min(1, Math.max(0, (frame - Math.min(from, to)) / Math.abs(to - from)));
  const count = Math.round(fraction * there.length);
  const drawn = new Set(from < to ? there.slice(0, count) : there.slice(there.length - count));
  return y.map((value, i) => (drawn.has(i) ? value : typeof value === "number" ? NaN : null));
}

// A part of a figure with values in the places that their names tell: "marker.size", "annotations[0].text". What it
// shares with the part that was given stays untouched.
/** @template {Spec} T @param {T} part @param {Values} values @returns {T} */
export function filled(part, values) {
  const whole = { ...part };
  for (const [attribute, value] of Object.entries(values)) {
    const path = attribute.split(/[.[\]]+/);
    const last = /** @type {string} */ (path.pop());
    /** @type {Spec} */
    let target = whole;
    for (const name of path)
      target = target[name] = Array.isArray(target[name]) ? [...target[name]] : { ...target[name] };
    target[last] = value;
  }
  return whole;
}

// Those of the values that are others than before.
/** @param {Values} values @param {Values} [before] @returns {Values} */
export const changed = (values, before = {}) =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(value, before[name])));

/** @param {any} a @param {any} b @returns {boolean} */
const same = (a, b) =>
  Object.is(a, b) ||
  (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => same(value, b[i])));
