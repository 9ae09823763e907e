// The view of a LookupFigure: position -> slices of tables -> plotly. figure.py joins it to the modules beside it.

/** @import { FigureTraits, Model, Shown, Spec, Table } from "./types.js" */
import { addPresets, announcer, element, fail, keepKeys, namer } from "./controls.js";
import { dress, fitted, height } from "./dress.js";
import { clicked, filled, look } from "./look.js";
import { painter } from "./paint.js";
import { plotly, shared } from "./shared.js";
import { unpackAll } from "./table.js";

const NEAR = "100%"; // of a screen: how far from it a figure is drawn
const TURN = "change:reveal_frame change:camera"; // of a scene: to look, not to move on, so what waits for Play still waits
const PATIENCE = 20_000; // milliseconds before a figure that has not arrived says so
const LATE = "A part of it has not arrived yet. Check the connection, and load the page again.";

export default { initialize: (/** @type {{ model: any }} */ { model }) => model.send({}), render };

/** @param {{ model: Model<FigureTraits>, el: HTMLElement, signal?: AbortSignal }} props */
async function render({ model, el, signal }) {
  el.classList.add("lookup-figure");
  /** @type {(() => void)[]} */
  const stops = [];
  const late = setTimeout(() => fail(el, new Error(LATE)), PATIENCE); // what comes later is drawn all the same
  const parts = furnish(model, el);
  const places = [...el.children];
  try {
    const [Plotly, table] = await Promise.all([
      shared(model, "_plotly", plotly),
      shared(model, "_table", unpackAll),
    ]);
    el.replaceChildren(...places);
    if (!signal?.aborted) start(Plotly, table, model, el, parts, stops);
  } catch (error) {
    if (!signal?.aborted) fail(el, error);
  } finally {
    clearTimeout(late);
  }
  return () => stops.forEach((stop) => stop());
}

// What has its place before anything has arrived, so that nothing jumps.
/** @param {Model<FigureTraits>} model @param {HTMLElement} el */
function furnish(model, el) {
  const [plan, figure] = [model.get("_plan"), model.get("_figure")];
  const presets = addPresets(el, model, plan);
  const caption = el.appendChild(element("p", "lookup-caption"));
  const plot = /** @type {any} */ (el.appendChild(element("div", "lookup-plot"))); // plotly adds to it
  caption.setAttribute("aria-hidden", "true"); // the plot's name says the same
  caption.hidden = !plan.caption.length;
  plot.classList.toggle("lookup-clickable", plan.clicks.length > 0);
  plot.setAttribute("role", "img");
  plot.style.minHeight = height(fitted(figure.layout, plan, el.clientWidth || Infinity));
  return { plan, figure, presets, caption, plot, say: announcer(el) };
}

/**
 * @param {typeof import("plotly.js")} Plotly
 * @param {Record<string, Table>} table
 * @param {Model<FigureTraits>} model
 * @param {HTMLElement} el
 * @param {ReturnType<typeof furnish>} parts
 * @param {(() => void)[]} stops
 */
function start(Plotly, table, model, el, { plan, figure, presets, caption, plot, say }, stops) {
  const nameControls = namer(model);
  const paint = painter(Plotly, plot, figure.data, plan.edges);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let [frame, drawnWidth, isNear, isPrinted] = [0, 0, false, false];
  /** @type {Spec | null} */
  let dressed = null;

  const draw = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    try {
      if (!el.isConnected || !el.clientWidth) return;
      if (el.clientWidth !== drawnWidth) dressed = null; // a draw may come before the observer of sizes
      drawnWidth = el.clientWidth;
      dressed ??= dress(figure.layout, plan, plot);
      const shown = look(table, plan, figure.data, position(), revealed());
      tell(shown);
      plot.style.overflow = isNear ? "" : "hidden"; // out of sight it is as wide as it was
      if (!isNear && !isPrinted) return sight.observe(plot); // now that it has its height
      const first = !plot.on;
      paint(shown, dressed);
      // what is zoomed has other points beyond its axes; what is hidden has none
      if (!first) return;
      for (const event of ["plotly_relayout", "plotly_restyle"]) plot.on(event, ask);
      plot.on("plotly_click", go);
    } catch (error) {
      fail(el, error); // first: a stop may fail too
      stops.splice(0).forEach((stop) => stop());
    }
  };
  const ask = () => (frame ||= requestAnimationFrame(draw));
  /** @param {any} event */
  const go = ({ points }) => {
    for (const [name, at] of Object.entries(clicked(plan, points)))
      model.set({ [name]: typeof model.get(name) === "boolean" ? Boolean(at) : at });
    model.save_changes();
  };
  const position = () => Object.fromEntries([...plan.dimensions, "camera"].map((name) => [name, Number(model.get(name))]));
  // Who asked for less motion sees four stills.
  const revealed = () => {
    const last = plan.reveal_frames;
    const now = isPrinted ? last : model.get("reveal_frame");
    return reduced.matches ? (Math.ceil((now * 4) / last) * last) / 4 : now;
  };
  /** @param {Shown} shown */
  const tell = ({ caption: sentence, layout: words }) => {
    const layout = filled(/** @type {Spec} */ (dressed), words);
    plot.style.minHeight = height(layout);
    // what becomes of it is not told before it has
    caption.style.visibility = plan.reveal.length && revealed() < plan.reveal_frames ? "hidden" : "";
    if (caption.textContent !== sentence) say((caption.textContent = sentence));
    plot.setAttribute("aria-label", sentence || layout.title?.text || "figure");
    presets();
    nameControls().catch(() => {}); // a view that has failed needs no name
  };
  const print = () => {
    isPrinted = true; // all of it, though it is out of sight, or waits for Play
    draw();
    isPrinted = false;
    ask();
  };
  const renew = async () => {
    const id = model.get("_table");
    const renewed = await shared(model, "_table", unpackAll).catch(() => null); // replaced meanwhile, and closed
    if (renewed && model.get("_table") === id) (table = renewed), ask();
  };
  // whoever moves on before Play has begun sees the whole at once
  const leap = () => {
    if (model.get("reveal_frame") === 0) model.set({ reveal_frame: plan.reveal_frames }), model.save_changes();
    ask();
  };
  const redress = () => ((dressed = null), ask());
  const moves = plan.dimensions.map((name) => `change:${name}`).join(" ");
  model.on(moves, leap);
  model.on(TURN, ask);
  model.on("change:_table", renew);
  const margin = "scrollMargin" in IntersectionObserver.prototype ? "scrollMargin" : "rootMargin"; // a notebook's too
  const sight = new IntersectionObserver((seen) => {
    isNear = seen[seen.length - 1].isIntersecting;
    if (isNear) draw();
  }, { [margin]: NEAR });
  const size = new ResizeObserver(() => el.clientWidth === drawnWidth || ask());
  size.observe(el);
  const theme = new MutationObserver(redress);
  theme.observe(document.body, { attributes: true });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const listening = new AbortController();
  const { signal } = listening;
  dark.addEventListener("change", redress, { signal });
  addEventListener("keydown", keepKeys, { signal, capture: true });
  addEventListener("beforeprint", print, { signal });
  stops.push(
    () => [leap, ask, renew].forEach((each) => model.off(null, each)),
    ...[sight, size, theme].map((observer) => () => observer.disconnect()),
    () => listening.abort(),
    () => cancelAnimationFrame(frame),
    () => Plotly.purge(plot),
  );
  ask();
}
