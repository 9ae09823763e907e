// What is shown at a position: looked up in the table, with no plotly and no page.

/** @import { Along, Plan, Position, Shown, Spec, Table, Trace, Values } from "./types.js" */
import { add, slice } from "./table.js";

const WORDS = /^(text|hovertext|customdata)$/; // where numbers are read
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const ZERO = -320; // and below: beyond the smallest number that Python can hold
const FORMATS = [1, 2, 3].map((maximumSignificantDigits) => new Intl.NumberFormat("en-US", { maximumSignificantDigits }));

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
    const values = points.flatMap((names) => {
      const sums = sum(table, names, position, along);
      const isRead = WORDS.test(attribute) && names.some((name) => table[name].isLog10);
      return isRead ? sums.map((value) => written(value, digits(table, names))) : sums;
    });
    (trace === null ? layout : looked[trace])[attribute] = single ? values[0] : values;
  }
  for (const scene of plan.scenes)
    Object.assign(layout, { [`${scene}.camera`]: plan.cameras[position.camera], [`${scene}.uirevision`]: position.camera });
  for (const [trace, from, to] of plan.reveal) {
    const { y, z } = { ...traces[trace], ...looked[trace] };
    const show = (/** @type {any[]} */ values) => revealed(values, from, to, frame, plan.reveal_frames, plan.latest[trace]);
    Object.assign(looked[trace], z?.[0]?.map ? { z: z.map(show) } : { y: show(y) }); // of a grid column by column
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

// How many digits are to be told: of what travels in steps of a hundredth of a decade fewer than of what is more exact.
/** @param {Record<string, Table>} table @param {string[]} names */
function digits(table, names) {
  const steps = names.map((name) => table[name].resolution ?? 0);
  return steps.some((step) => step > 0.002) && !steps.some((step) => step > 0 && step < 0.002) ? 2 : 3;
}

// A number as people write it, of its log10: 0.04, 698,000, 4×10⁹; or each of a row.
/** @param {any} log10 @param {number} digits @returns {any} */
export function written(log10, digits) {
  if (Array.isArray(log10)) return log10.map((each) => written(each, digits));
  if (Number.isNaN(log10)) return "";
  if (log10 <= ZERO) return "0";
  if (log10 >= -3 && log10 < 6) return FORMATS[digits - 1].format(10 ** log10);
  const [first, exponent] = (10 ** (log10 - Math.floor(log10))).toExponential(0).split("e");
  const power = String(Math.floor(log10) + Number(exponent)).replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]);
  return `${first === "1" ? "" : `${first}×`}10${power}`;
}

// Leave out what is not drawn yet, or anything but the `latest` points that were drawn last, which come together.
/** @param {any[]} y @param {number} from @param {number} to @param {number} frame @param {number} last @param {number} latest */
function revealed(y, from, to, frame, last, latest = 0) {
  if (frame >= last && !latest) return y;
  const there = y.flatMap((value, i) => (value === null || Number.isNaN(value) ? [] : [i]));
  if (from > to) there.reverse();
  const fraction = frame < last ? Math.min(1, Math.max(0, (frame - Math.min(from, to)) / Math.abs(to - from))) : 1;
  const each = latest || 1;
  const count = Math.round((fraction * there.length) / each) * each;
  const drawn = new Set(there.slice(0, Math.max(latest, count)).slice(-latest));
  return y.map((value, i) => (drawn.has(i) ? value : typeof value === "number" ? NaN : null));
}

// Where a click goes: to the coordinates of the point that it hit, of a trace that can be clicked on.
/** @param {Plan} plan @param {{ curveNumber: number, pointNumber: number | number[] }[]} points @returns {Position} */
export function clicked({ clicks }, points) {
  for (const { curveNumber, pointNumber } of points)
    for (const [trace, dimensions] of clicks)
      if (trace === curveNumber) return Object.fromEntries([pointNumber].flat().map((at, i) => [dimensions[i], at]));
  return {};
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
