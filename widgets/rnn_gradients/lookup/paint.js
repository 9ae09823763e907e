// From values to a picture: plotly moves what it can where it stands, and lays out anew what it must.

/** @import { Shown, Spec, Trace, Values } from "./types.js" */
import { marks } from "./edges.js";
import { changed, filled } from "./look.js";

const MOVABLE = /^(?:(?:error_)?([xy])(?:\.array(?:minus)?)?|marker\.(color|size|symbol)|text|hovertext|customdata)$/;
const STILL = /^(heatmap|contour|surface|scatter3d)$/; // what can stay as it is while points are moved
const TURNED = /\.(camera|uirevision)$/; // of a scene, which plotly turns by itself
/** @type {any} */
const AT_ONCE = { frame: { redraw: false, duration: 0 }, transition: { duration: 0 }, mode: "immediate" };

/**
 * @param {any} Plotly
 * @param {any} plot
 * @param {Trace[]} traces
 * @param {number[]} edges
 * @returns {(shown: Shown, dressed: Spec) => void}
 */
export function painter(Plotly, plot, traces, edges) {
  /** @type {{ values: Values[], words: Values, dressed: Spec | null }} */
  let before = { values: [], words: {}, dressed: null };
  return ({ looked, layout: words }, dressed) => {
    const data = traces.map((trace, i) => filled(trace, looked[i]));
    const mark = () => marks(data, plot, edges);
    const due = mark();
    const values = [...looked, ...due.map(looks)];
    const changes = values.map((each, i) => changed(each, before.values[i]));
    const turned = changed(words, before.words);
    const isLaidOut = dressed === before.dressed && Object.keys(turned).every((name) => TURNED.test(name));
    if (!isLaidOut || !changes.every((each, i) => moves(plot, i, i >= traces.length, each, before.values[i])))
      values.splice(traces.length, due.length, ...redraw(Plotly, plot, data, due, filled(dressed, words), mark).map(looks));
    else {
      if (some(turned)) Plotly.relayout(plot, turned);
      if (changes.some(some)) move(Plotly, plot, changes);
    }
    before = { values, words, dressed };
  };
}

/** @param {Values} values */
const some = (values) => Object.keys(values).length > 0;

/** @param {any} Plotly @param {any} plot @param {Values[]} changes */
function move(Plotly, plot, changes) {
  const traces = handed(plot, changes);
  Plotly.animate(plot, { data: traces.map((i) => changes[i]), traces }, AT_ONCE).catch(() => {}); // if overtaken
}

// With triangles for what lies beyond the axes. Where these end only plotly knows, once it has drawn them: so what
// moves them is drawn again.
/**
 * @param {any} Plotly
 * @param {any} plot
 * @param {Trace[]} data
 * @param {Trace[]} due
 * @param {Spec} layout
 * @param {() => Trace[]} mark
 */
function redraw(Plotly, plot, data, due, layout, mark) {
  const isFirst = !plot.on;
  plot._transitioning = false; // while it takes itself to be moving, plotly finds no ranges
  /** @type {Trace[] | null} */
  let drawn = null;
  for (let times = 0; times < 3 && JSON.stringify(due) !== JSON.stringify(drawn); times++) {
    // a copy: plotly writes the ranges it finds into it, and would take them for given the next time
    Plotly.react(plot, [...data, ...due], structuredClone(layout), { displayModeBar: false, scrollZoom: false });
    [due, drawn] = [mark(), due];
  }
  if (isFirst) keep(plot);
  return drawn ?? due;
}

// The traces that plotly is to draw again. In every panel it takes out of the picture what it is not handed: all bars,
// and points and lines if it gets none; and what it gets of these it sets side by side. So it is handed all bars; and
// of points and lines those from the first that has changed to the last, for none may come to lie above another, or one
// if none has changed. But all that are areas, or have few of their markers shown: these look at each other.
/** @param {any} plot @param {Values[]} changes @returns {number[]} */
function handed({ _fullData: full }, changes) {
  const all = changes.map((_, i) => i);
  const seen = all.filter((i) => full[i].visible === true && !STILL.test(full[i].type));
  const layer = (/** @type {number} */ i) => [full[i].type, full[i].xaxis, full[i].yaxis, full[i].zorder].join();
  const due = [...new Set(seen.map(layer))].flatMap((name) => {
    const there = seen.filter((i) => layer(i) === name);
    const isWhole = there.some((i) => joined(full[i]));
    const isDue = (/** @type {number} */ i) => isWhole || some(changes[i]);
    return there.slice(there.findIndex(isDue), there.findLastIndex(isDue) + 1 || undefined); // of none: the last
  });
  return all.filter((i) => some(changes[i]) || due.includes(i));
}
/** @param {any} trace */
const joined = ({ type, fill, stackgroup, marker }) => type === "bar" || fill !== "none" || stackgroup || marker?.maxdisplayed;

// Plotly makes anew what it knows of every trace, drawn again or not; but the elements of one that is not are bound to
// what it knew before, and it finds them by that when it styles or selects them.
/** @param {any} plot */
function keep(plot) {
  /** @type {[any[], number[]]} */
  let [known, again] = [[], []];
  plot.on("plotly_animatingframe", (/** @type {any} */ { frame: { data = [], traces = [...data.keys()] } }) => {
    [known, again] = [plot.calcdata, traces];
  });
  plot.on("plotly_transitioning", () => {
    if (!known.length) return; // what plotly moves by itself, it draws whole
    known.forEach((each, i) => again.includes(i) || ((each[0].trace = plot._fullData[i]), (plot.calcdata[i] = each)));
    known = [];
    // of maps it is handed nothing; it would take their layers, which it finds by this class, out of the picture
    const maps = plot.querySelectorAll(".heatmaplayer, .contourlayer");
    const toggle = () => maps.forEach((/** @type {Element} */ map) => map.classList.toggle("mlayer"));
    toggle(), queueMicrotask(toggle);
  });
}

/** @param {Trace} triangles @returns {Values} */
const looks = ({ x, y, text, customdata, visible, marker }) =>
  ({ x, y, text, customdata, visible, "marker.color": marker.color, "marker.size": marker.size, "marker.symbol": marker.symbol });

// Whether plotly shows the changes of a trace right by moving its points, with axes, legend and colour bar as they are:
// in a figure of nothing but points and bars, where no axis follows what has changed.
/** @param {any} plot @param {number} index @param {boolean} isMark @param {Values} changes @param {Values} before */
function moves(plot, index, isMark, changes, before) {
  const { type, visible, showlegend, marker, error_x, error_y, ...trace } = plot._fullData[index];
  const layout = plot._fullLayout;
  const isBar = type === "bar";
  if (STILL.test(type) || visible === false) return !some(changes); // of what is empty, say, nothing is there to be moved
  if (type !== "scatter" && !(isBar && !layout.uniformtext?.mode)) return false;
  const [x, y] = ["x", "y"].map((letter) => layout[trace[`${letter}axis`].replace(letter, `${letter}axis`)]);
  const sorts = (/** @type {any} */ axis) => axis.rangeslider?.visible || / (a|de)scending$/.test(axis.categoryorder);
  if (some(changes) && (sorts(x) || sorts(y))) return false;
  // the marks of a trace are at categories that it has, and so that are there
  /** @param {any} axis */
  const follows = ({ autorange, type }) => autorange || !(isMark || /^(linear|log|date)$/.test(type));
  return Object.entries(changes).every(([name, values]) => {
    const movable = MOVABLE.exec(name);
    if (!movable || !Array.isArray(values) || !values.length) return false;
    const [, letter, look] = movable;
    const last = before[name];
    if (letter && (isBar || error_x?.visible || error_y?.visible) && !alike(letter === "x" ? x : y, values, last)) return false;
    if (look && (isBar || marker?.showscale || marker?.coloraxis)) return false;
    // a legend shows the first point's look; what color stands for a number depends on the others
    const isScaled = look === "size" || (look === "color" && typeof values[0] === "number");
    if (look && showlegend && layout.showlegend && (isScaled || values[0] !== last?.[0])) return false;
    const alone = letter && !isBar && values.length === last?.length; // then the other axis does not follow
    const axes = alone ? [letter === "x" ? x : y] : letter || look === "size" ? [x, y] : [];
    return !axes.some(follows);
  });
}

// Whether all points are there that were there before, and no others: new bars and error bars would have no colour.
/** @param {any} axis @param {any[]} values @param {any[]} before */
const alike = (axis, values, before) =>
  values.length === before?.length &&
  values.every((value, i) => Number.isFinite(axis.d2l(value)) === Number.isFinite(axis.d2l(before[i])));
