// How a figure looks on the page that it is on.

/** @import { Plan, Spec } from "./types.js" */

const TALL = 450; // pixels: plotly's own height

// The layout for a width, and the height that it takes there.
/** @param {Spec} layout @param {Plan} plan @param {number} width @returns {Spec} */
export function fitted(layout, { narrow }, width) {
  const [, ...changes] = narrow.find(([below]) => width < below) ?? [];
  return structuredClone([layout, ...changes]).reduce(merge);
}
/** @param {Spec} layout */
export const height = ({ height, template }) => `${height ?? template?.layout?.height ?? TALL}px`;

// Ink from the page's own text, so that light and dark themes both read; nothing the figure sets is overruled.
/** @param {Spec} layout @param {Plan} plan @param {HTMLElement} plot */
export function dress(layout, plan, plot) {
  const ink = getComputedStyle(plot).color;
  const [red, green, blue] = ink.match(/[\d.]+/g) ?? [];
  const faint = `rgba(${red}, ${green}, ${blue}, 0.15)`;
  const width = plot.clientWidth;
  const dressed = fitted(layout, plan, width);
  const clear = "transparent";
  const axis = { gridcolor: faint, zerolinecolor: faint, linecolor: faint, tickcolor: faint };
  const axes = (/** @type {Spec | undefined} */ layout) => Object.keys(layout ?? {}).filter((name) => /^[xy]axis\d*$/.test(name));
  for (const name of axes(dressed)) dressed[name] = { ...axis, ...dressed[name] };
  for (const told of [dressed, dressed.template?.layout])
    for (const name of axes(told)) told[name] = openEnded(told[name] ?? {});
  const plain = { paper_bgcolor: clear, plot_bgcolor: clear, font: { color: ink }, uirevision: "kept", width };
  return merge(plain, dressed);
}

// A range with one open end, in words that plotly takes in the same way when it draws the figure anew; dates it takes
// in these alone.
/** @param {Spec} axis @returns {Spec} */
function openEnded({ range, ...axis }) {
  const open = range?.indexOf(null) ?? -1;
  const end = range?.[1 - open];
  const allowed = [undefined, ...(open === 0 ? ["min", "max reversed"] : ["max", "min reversed"])];
  if (open < 0 || end === null || !allowed.includes(axis.autorange)) return { range, ...axis };
  const reversed = /reversed/.test(axis.autorange);
  const side = (open === 0) === reversed ? "min" : "max";
  const closed = typeof end === "string" ? { include: end, [`clip${side}`]: end } : { [`${side}allowed`]: end };
  const autorangeoptions = { ...axis.autorangeoptions, ...closed };
  return { ...axis, autorange: reversed ? "reversed" : true, autorangeoptions };
}

/** @param {Spec} target @param {Spec} changes @returns {Spec} */
function merge(target, changes) {
  for (const [key, value] of Object.entries(changes))
    target[key] = isPlain(value) && isPlain(target[key]) ? merge({ ...target[key] }, value) : value;
  return target;
}

/** @param {unknown} value @returns {value is Spec} */
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
