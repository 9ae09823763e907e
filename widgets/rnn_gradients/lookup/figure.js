// The view of a LookupFigure: position -> slices of tables -> plotly. figure.py joins it to table.js.

/** @import { FigureTraits, Model, Plan, Spec, Table, Trace } from "./types.js" */
import { add, slice, text, unpackAll } from "./table.js";

const REST = 1000; // milliseconds without a change before the sentence is read aloud
const PATIENCE = 20_000; // milliseconds before a figure that has not arrived says so
const LATE = "A part of it has not arrived yet. Check the connection, and load the page again.";

export default { render };

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
    fail(el, error);
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
  const plot = el.appendChild(element("div", "lookup-plot"));
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
      const { data, sentence } = look(table, model, plan, layout, reduced.matches);
      Plotly.react(plot, data, layout, { displayModeBar: false });
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
  new Function("module", "exports", "define", source)(module, module.exports, undefined);
  return module.exports;
}

// --- looking up ---------------------------------------------------------------------------------------------

/**
 * @param {Record<string, Table>} table
 * @param {Model<FigureTraits>} model
 * @param {Plan} plan
 * @param {Spec} layout
 * @param {boolean} reduced
 */
function look(table, model, plan, layout, reduced) {
  const position = Object.fromEntries(plan.dimensions.map((name) => [name, Number(model.get(name))]));
  /** @param {string[]} names @param {string | null} along */
  const sum = (names, along) => names.map((name) => slice(table[name], position, along)).reduce(add);
  const data = model.get("_figure").data.map((trace) => ({ ...trace }));
  for (const { trace, attribute, points, along } of plan.show)
    set(data[trace], attribute, points.flatMap((names) => sum(names, along)));
  reveal(data, plan, model.get("reveal_frame"), reduced);
  return {
    data: [...data, ...plan.edges.map((trace) => beyond(data[trace], layout))],
    sentence: plan.caption.map((name) => slice(table[name], position, null)[0]).filter(Boolean).join(" "),
  };
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
    const there = data[trace].y.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
    const fraction = Math.min(1, Math.max(0, (now - Math.min(from, to)) / Math.abs(to - from)));
    const count = Math.round(fraction * there.length);
    const drawn = new Set(from < to ? there.slice(0, count) : there.slice(there.length - count));
    data[trace].y = data[trace].y.map((value, i) => (drawn.has(i) ? value : NaN));
  }
}

// Triangles at the edge of the axes for the points of a trace that lie beyond them.
/** @param {Trace} trace @param {Spec} layout @returns {Trace} */
function beyond(trace, layout) {
  /** @param {string} axis @returns {number[]} */
  const range = (axis) => layout[axis.replace(/^[xy]/, "$&axis")].range ?? [-Infinity, Infinity];
  const [left, right] = range(trace.xaxis ?? "x").toSorted((a, b) => a - b);
  const [low, high] = range(trace.yaxis ?? "y").toSorted((a, b) => a - b);
  const symbols = trace.y.map((y, i) => {
    const x = trace.x[i];
    const sides = { up: y > high, down: y < low, right: x > right, left: x < left };
    return Object.entries(sides).find(([, beyond]) => beyond)?.[0];
  });
  // never empty (the last point is no point): plotly forgets to show hidden points again for an empty trace
  const out = [...symbols.flatMap((symbol, i) => (symbol ? [i] : [])), symbols.length];
  /** @param {unknown} value @param {number} least @param {number} most */
  const within = (value, least, most) =>
    typeof value === "number" ? Math.min(most, Math.max(least, value)) : value ?? NaN;
  return {
    type: "scatter", mode: "markers", name: `${trace.name}, beyond the axes`, showlegend: false,
    xaxis: trace.xaxis, yaxis: trace.yaxis, cliponaxis: false,
    x: out.map((i) => within(trace.x[i], left, right)),
    y: out.map((i) => within(trace.y[i], low, high)),
    customdata: out.map((i) => [trace.x[i], trace.y[i]]),
    marker: { color: trace.line?.color ?? trace.marker?.color, size: 7, symbol: out.map((i) => `triangle-${symbols[i]}`) },
    hovertemplate: trace.hovertemplate?.replaceAll("%{x", "%{customdata[0]").replaceAll("%{y", "%{customdata[1]"),
  };
}

// --- how it looks -------------------------------------------------------------------------------------------

// Ink from the page's own text, so that light and dark themes both read; nothing the figure sets is overruled.
/** @param {Spec} layout @param {Plan} plan @param {HTMLElement} plot */
function dress(layout, { narrow }, plot) {
  const ink = getComputedStyle(plot).color;
  const [red, green, blue] = ink.match(/[\d.]+/g) ?? [];
  const faint = `rgba(${red}, ${green}, ${blue}, 0.15)`;
  const width = plot.clientWidth;
  const [, changes] = narrow.find(([below]) => width < below) ?? [];
  const dressed = merge(structuredClone(layout), changes ?? {});
  const clear = "rgba(0, 0, 0, 0)";
  const axis = { gridcolor: faint, zerolinecolor: faint, linecolor: faint, tickcolor: faint };
  for (const name of Object.keys(dressed).filter((name) => /^[xy]axis\d*$/.test(name)))
    dressed[name] = { ...axis, ...dressed[name] };
  const plain = { paper_bgcolor: clear, plot_bgcolor: clear, font: { color: ink }, uirevision: "kept", width };
  return merge(plain, dressed);
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
