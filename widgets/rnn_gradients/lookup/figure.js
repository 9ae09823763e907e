// The view of a LookupFigure: position -> slices of tables -> plotly. figure.py joins it to table.js.

/** @import { FigureTraits, Model, Plan, Spec, Table, Trace } from "./types.js" */
import { beyond } from "./edges.js";
import { add, slice, text, unpackAll } from "./table.js";

const REST = 1000; // milliseconds without a change before the sentence is read aloud
const PATIENCE = 20_000; // milliseconds before a figure that has not arrived says so
const LATE = "A part of it has not arrived yet. Check the connection, and load the page again.";

export default { initialize: (/** @type {{ model: any }} */ { model }) => model.send({}), render };

/** @param {{ model: Model<FigureTraits>, el: HTMLElement, signal?: AbortSignal }} props */
async function render({ model, el, signal }) {
  el.classList.add("lookup-figure");
  /** @type {(() => void)[]} */
  const stops = [];
  const late = setTimeout(() => fail(el, new Error(LATE)), PATIENCE); // what comes later is drawn all the same
  try {
    const [Plotly, table] = await Promise.all([
      shared(model, "_plotly", plotly),
      shared(model, "_table", unpackAll),
    ]);
    el.replaceChildren();
    if (!signal?.aborted) start(Plotly, table, model, el, stops);
  } catch (error) {
    if (!signal?.aborted) fail(el, error);
  } finally {
    clearTimeout(late);
  }
  return () => stops.forEach((stop) => stop());
}

/**
 * @param {typeof import("plotly.js")} Plotly
 * @param {Record<string, Table>} table
 * @param {Model<FigureTraits>} model
 * @param {HTMLElement} el
 * @param {(() => void)[]} stops
 */
function start(Plotly, table, model, el, stops) {
  const plan = model.get("_plan");
  const presets = addPresets(el, model, plan);
  const caption = el.appendChild(element("p", "lookup-caption"));
  const plot = /** @type {any} */ (el.appendChild(element("div", "lookup-plot"))); // plotly adds to it
  const say = announcer(el);
  caption.setAttribute("aria-hidden", "true"); // the plot's name says the same
  plot.setAttribute("role", "img");
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;
  let drawnWidth = 0;
  /** @type {Spec | null} */
  let layout = null;

  const draw = () => {
    frame = 0;
    try {
      if (!el.isConnected || !el.clientWidth) return;
      drawnWidth = el.clientWidth;
      layout ??= dress(model.get("_figure").layout, plan, plot);
      const { data, sentence } = look(table, model, plan, reduced.matches);
      const first = !plot.on;
      paint(Plotly, plot, data, layout, plan.edges);
      // what is zoomed has other points beyond its axes; what is hidden has none
      if (first) for (const event of ["plotly_relayout", "plotly_restyle"]) plot.on(event, ask);
      if (caption.textContent !== sentence) say((caption.textContent = sentence));
      plot.setAttribute("aria-label", sentence || layout.title?.text || "figure");
      presets();
      nameControls(model).catch(() => {}); // a control that has been closed needs no name
    } catch (error) {
      fail(el, error); // first: a stop may fail too
      stops.splice(0).forEach((stop) => stop());
    }
  };
  const ask = () => (frame ||= requestAnimationFrame(draw));
  const renew = async () => {
    const id = model.get("_table");
    const renewed = await shared(model, "_table", unpackAll).catch(() => null); // replaced meanwhile, and closed
    if (renewed && model.get("_table") === id) (table = renewed), ask();
  };
  const redress = () => ((layout = null), ask());

  // JupyterLab takes plain keys for its own (the arrows of a list, say) unless the focused element forbids it.
  /** @param {KeyboardEvent} event */
  const keepKeys = ({ target, ctrlKey, metaKey, altKey, shiftKey }) => {
    if (target instanceof Element && target.closest(".lookup-control, .lookup-figure"))
      target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey || shiftKey));
  };
  const names = [...plan.dimensions, "reveal_frame"].map((name) => `change:${name}`).join(" ");
  model.on(names, ask);
  model.on("change:_table", renew);
  const size = new ResizeObserver(() => el.clientWidth === drawnWidth || redress());
  size.observe(el);
  const theme = new MutationObserver(redress);
  theme.observe(document.body, { attributes: true });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redress);
  window.addEventListener("keydown", keepKeys, true);
  stops.push(
    () => (model.off(names, ask), model.off("change:_table", renew)),
    () => size.disconnect(),
    () => theme.disconnect(),
    () => dark.removeEventListener("change", redress),
    () => window.removeEventListener("keydown", keepKeys, true),
    () => cancelAnimationFrame(frame),
    () => Plotly.purge(plot),
  );
  ask();
}

// --- what travels -----------------------------------------------------------------------------------------

// Find the model that a trait refers to, and unpack its content once a page, for all views of all figures.
/**
 * @template T
 * @param {Model<FigureTraits>} model
 * @param {"_plotly" | "_table"} trait
 * @param {(content: any) => Promise<T>} unpack
 * @returns {Promise<T>}
 */
async function shared(model, trait, unpack) {
  const other = await model.widget_manager.get_model(model.get(trait).replace("IPY_MODEL_", ""));
  other.lookup_unpacked ??= unpack(other.get("content"));
  other.lookup_unpacked.catch(() => delete other.lookup_unpacked);
  return other.lookup_unpacked;
}

// Plotly comes with the widget; a site has it in a file that all its pages share.
/** @param {{ js?: BufferSource, src: string }} content @returns {Promise<typeof import("plotly.js")>} */
async function plotly({ js, src }) {
  return evaluate(await (js ? text(js) : load(src)));
}

// A page in a folder may run a file but not read it: so the file is a script that hands over gzip as base64.
/** @param {string} src */
async function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  await new Promise((done, fail) => {
    script.onload = done;
    script.onerror = () => fail(new Error(`${src} is not there. Check the connection, and load the page again.`));
    document.head.append(script);
  });
  try {
    const given = /** @type {any} */ (globalThis).lookupPlotly;
    return await text(Uint8Array.fromBase64?.(given) ?? Uint8Array.from(atob(given), (/** @type {string} */ letter) => letter.charCodeAt(0)));
  } catch (cause) {
    const help = "Load the page again, or ask whoever keeps it to put the file there anew.";
    throw new Error(`${src} is damaged, or something else. ${help}`, { cause });
  }
}

// As a CommonJS module, whatever loaders (require.js, say) the page has.
/** @param {string} source */
function evaluate(source) {
  /** @type {{ exports: any }} */
  const module = { exports: {} };
  try {
    new Function("module", "exports", "define", source)(module, module.exports, undefined);
    if (typeof module.exports.react !== "function") throw new Error("no plotly");
  } catch (cause) {
    throw new Error("Its plotly.js is damaged, or something else. Load the page again, or get a new copy of it.", { cause });
  }
  return module.exports;
}

// --- looking up ---------------------------------------------------------------------------------------------

/**
 * @param {Record<string, Table>} table
 * @param {Model<FigureTraits>} model
 * @param {Plan} plan
 * @param {boolean} reduced
 */
function look(table, model, plan, reduced) {
  const position = Object.fromEntries(plan.dimensions.map((name) => [name, Number(model.get(name))]));
  /** @param {string[]} names @param {string | null} along */
  const sum = (names, along) => names.map((name) => slice(table[name], position, along)).reduce(add);
  const data = model.get("_figure").data.map((trace) => ({ ...trace }));
  for (const { trace, attribute, points, along } of plan.show)
    set(data[trace], attribute, points.flatMap((names) => sum(names, along)));
  reveal(data, plan, model.get("reveal_frame"), reduced);
  const sentence = plan.caption.map((name) => slice(table[name], position, null)[0]).filter(Boolean).join(" ");
  return { data, sentence };
}

/** @param {Spec} trace @param {string} attribute @param {unknown[]} values */
function set(trace, attribute, values) {
  const path = attribute.split(".");
  const last = /** @type {string} */ (path.pop());
  let target = trace;
  for (const name of path) target = target[name] = { ...target[name] };
  target[last] = values;
}

// Leave out what is not drawn yet. Who asked for less motion sees four stills.
/** @param {Trace[]} data @param {Plan} plan @param {number} frame @param {boolean} reduced */
function reveal(data, { reveal, reveal_frames }, frame, reduced) {
  const now = reduced ? (Math.ceil((frame * 4) / reveal_frames) * reveal_frames) / 4 : frame;
  if (now === 0 || now >= reveal_frames) return; // stopped, or at the end
  for (const [trace, from, to] of reveal) {
    const there = data[trace].y.flatMap((value, i) => (value === null || Number.isNaN(value) ? [] : [i]));
    const fraction = Math.min(1, Math.max(0, (now - Math.min(from, to)) / Math.abs(to - from)));
    const count = Math.round(fraction * there.length);
    const drawn = new Set(from < to ? there.slice(0, count) : there.slice(there.length - count));
    data[trace].y = data[trace].y.map((value, i) => (drawn.has(i) ? value : typeof value === "number" ? NaN : null));
  }
}

// Draw, with triangles for what lies beyond the axes. Where these end only plotly knows, once it has drawn them:
// so what moves them is drawn again.
/**
 * @param {any} Plotly
 * @param {any} plot
 * @param {Trace[]} data
 * @param {Spec} layout
 * @param {number[]} edges
 */
function paint(Plotly, plot, data, layout, edges) {
  const mark = () => edges.map((/** @type {number} */ trace) => beyond(data[trace], plot, trace));
  let due = mark();
  /** @type {Trace[] | null} */
  let drawn = null;
  for (let times = 0; times < 3 && JSON.stringify(due) !== JSON.stringify(drawn); times++) {
    // a copy: plotly writes the ranges it finds into it, and would take them for given the next time
    Plotly.react(plot, [...data, ...due], structuredClone(layout), { displayModeBar: false });
    [due, drawn] = [mark(), due];
  }
}

// --- how it looks -------------------------------------------------------------------------------------------

// Ink from the page's own text, so that light and dark themes both read; nothing the figure sets is overruled.
/** @param {Spec} layout @param {Plan} plan @param {HTMLElement} plot */
function dress(layout, { narrow }, plot) {
  const ink = getComputedStyle(plot).color;
  const [red, green, blue] = ink.match(/[\d.]+/g) ?? [];
  const faint = `rgba(${red}, ${green}, ${blue}, 0.15)`;
  const width = plot.clientWidth;
  const [, ...changes] = narrow.find(([below]) => width < below) ?? [];
  const dressed = structuredClone([layout, ...changes]).reduce(merge);
  const clear = "rgba(0, 0, 0, 0)";
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

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {string} [content]
 */
function element(tag, className, content = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

/** @param {HTMLElement} el @param {any} error */
function fail(el, error) {
  const alert = element("pre", "lookup-failure", `This figure can't be drawn.\n${error?.message ?? error}`);
  alert.setAttribute("role", "alert");
  el.replaceChildren(alert);
  console.error(error);
}

// Read aloud what the figure says, once it has come to rest; but not what it says first, when the page opens.
/** @param {HTMLElement} el */
function announcer(el) {
  const region = el.appendChild(element("p", "lookup-said"));
  region.setAttribute("role", "status");
  let [timer, opened] = [0, false];
  /** @param {string} sentence */
  return (sentence) => {
    clearTimeout(timer);
    if (opened) timer = setTimeout(() => (region.textContent = sentence), REST);
    opened = true;
  };
}

// --- controls -----------------------------------------------------------------------------------------------

/** @param {HTMLElement} el @param {Model<FigureTraits>} model @param {Plan} plan */
function addPresets(el, model, { presets, reveal_frames }) {
  const bar = el.appendChild(element("div", "lookup-presets"));
  const buttons = Object.entries(presets).map(([label, position]) => {
    const button = bar.appendChild(element("button", "", label));
    button.type = "button";
    button.onclick = () => (model.set({ ...position, reveal_frame: reveal_frames }), model.save_changes());
    return { button, entries: Object.entries(position) };
  });
  return () => {
    for (const { button, entries } of buttons)
      button.setAttribute("aria-pressed", String(entries.every(([name, value]) => model.get(name) == value)));
  };
}

// ipywidgets gives sliders and Play no accessible names, and a slider of choices tells its index, not its value.
/** @param {Model<FigureTraits>} model */
async function nameControls(model) {
  for (const id of model.get("controls")) {
    const control = await model.widget_manager.get_model(id.replace("IPY_MODEL_", ""));
    const name = control.get("description") || control.get("tooltip");
    for (const promise of Object.values(control.views ?? {})) {
      const { el } = await promise;
      el.classList.add("lookup-control");
      const handle = el.querySelector("[role=slider]");
      handle?.setAttribute("aria-label", name);
      handle?.setAttribute("aria-valuetext", el.querySelector(".widget-readout")?.textContent ?? "");
      el.querySelectorAll(".widget-play button, button").forEach((button, i) =>
        button.setAttribute("aria-label", [`${name}: play or pause`, `${name}: stop`, `${name}: repeat`][i]));
    }
  }
}
