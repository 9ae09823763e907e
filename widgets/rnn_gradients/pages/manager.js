// A small widget manager: what ipywidgets' state holds comes alive in a page with no kernel and no other script.

/**
 * @import { Model as Shown } from "../lookup/types.js"
 * @typedef {{ path: string[], data: string }} Bytes
 * @typedef {{ model_name: string, state: Record<string, any>, buffers?: Bytes[] }} Described
 * @typedef {(reference: string) => Model} Find
 * @typedef {{ min: number, max: number, step: number }} Range
 * @typedef {HTMLButtonElement | HTMLInputElement | HTMLSelectElement} Control
 */

const REFERENCE = "IPY_MODEL_";

/** @implements {Shown} */
class Model {
  /** @param {{ get_model(id: string): Promise<Model>, draws: (() => void)[] }} manager @param {Described} described */
  constructor(manager, { model_name, state, buffers = [] }) {
    this.kind = model_name.replace(/Model$/, "");
    this.widget_manager = manager;
    this.views = {};
    this.joined = false;
    this.values = structuredClone(state);
    /** @type {{ event: string, act: () => void }[]} */
    this.listeners = [];
    for (const { path, data } of buffers) {
      const bytes = Uint8Array.fromBase64?.(data) ?? Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const last = /** @type {string} */ (path.pop());
      path.reduce((inner, key) => inner[key], this.values)[last] = bytes;
    }
  }
  /** @param {string} name */
  get(name) {
    return this.values[name];
  }
  /** @param {string | Record<string, unknown>} name @param {unknown} [value] */
  set(name, value) {
    const changes = typeof name === "object" ? name : { [name]: value };
    const changed = Object.keys(changes).filter((each) => this.values[each] !== changes[each]);
    Object.assign(this.values, changes);
    for (const each of changed)
      for (const { event, act } of [...this.listeners]) if (event === `change:${each}`) act();
  }
  /** @param {string} events @param {() => void} act */
  on(events, act) {
    for (const event of events.split(" ")) this.listeners.push({ event, act });
  }
  /** @param {string} events @param {() => void} act */
  off(events, act) {
    const names = events.split(" ");
    this.listeners = this.listeners.filter((each) => !(names.includes(each.event) && each.act === act));
  }
  save_changes() {}
}

// Show the widgets of a state in their places: {id of an element: id of a model}. Sources of code stand in it by number.
/** @param {{ state: Record<string, Described>, places: Record<string, string>, sources: string[] }} page */
export async function show({ state, places, sources }) {
  /** @type {Record<string, Model>} */
  const models = {};
  /** @type {(() => void)[]} */
  const draws = [];
  const find = (/** @type {string} */ reference) => {
    const model = models[reference.replace(REFERENCE, "")];
    if (model) return model;
    throw new Error(`The page is damaged: a part of it is missing, ${reference}. Get a new copy of it.`);
  };
  const manager = { get_model: async (/** @type {string} */ id) => find(id), draws };
  for (const [id, described] of Object.entries(state)) {
    for (const key of ["_esm", "_css"]) if (key in described.state) described.state[key] = sources[described.state[key]];
    models[id] = new Model(manager, described);
  }
  for (const model of Object.values(models)) if (model.kind === "Link") link(model, find);
  for (const [place, id] of Object.entries(places)) {
    const there = /** @type {HTMLElement} */ (document.getElementById(place));
    const shown = async () => view(find(id), find);
    await shown().then(
      (element) => there.replaceChildren(element),
      (error) => there.replaceChildren(make("pre", `This figure can't be drawn.\n${error}`)),
    );
  }
  for (const draw of draws) draw(); // now that all have their places in the page
}

/** @param {Model} model @param {Find} find */
function link(model, find) {
  const [[source, from], [target, to]] = ["source", "target"].map((end) => {
    const [reference, name] = model.get(end);
    return [find(reference), name];
  });
  // a control that moves nothing to be seen, as at a desk, waits for a kernel
  if (target.get("layout")) source.joined = target.joined = true;
  const forth = () => target.set(to, source.get(from));
  source.on(`change:${from}`, forth);
  target.on(`change:${to}`, () => source.set(from, target.get(to)));
  forth();
}

/** @param {Model} model @param {Find} find @returns {Promise<HTMLElement>} */
async function view(model, find) {
  const element = await (VIEWS[model.kind] ?? missing)(model, find);
  const layout = model.get("layout") && find(model.get("layout"));
  for (const [name, value] of Object.entries(layout?.values ?? {}))
    if (typeof value === "string" && !name.startsWith("_")) element.style.setProperty(name.replaceAll("_", "-"), value);
  element.classList.add(...(model.get("_dom_classes") ?? []));
  model.views = { ...model.views, [Object.keys(model.views).length]: { el: element } };
  return element;
}

/** @type {Record<string, (model: Model, find: Find) => HTMLElement | Promise<HTMLElement>>} */
export const VIEWS = {
  VBox: (model, find) => box(model, find, "widget-vbox"),
  Box: (model, find) => box(model, find, "widget-box"),
  HBox: (model, find) => box(model, find, "widget-box"),
  Label: (model) => following(make("span"), model, "value", (span, value) => (span.textContent = value)),
  Dropdown: (model) => {
    const select = make("select");
    for (const label of model.get("_options_labels")) select.append(make("option", label));
    select.onchange = () => model.set("index", select.selectedIndex);
    following(select, model, "index", (_, index) => (select.selectedIndex = index));
    return labelled(model, select);
  },
  Checkbox: (model) => {
    const input = make("input");
    input.type = "checkbox";
    input.onchange = () => model.set("value", input.checked);
    following(input, model, "value", (_, value) => (input.checked = value));
    const label = make("label");
    label.append(input, model.get("description"));
    return label;
  },
  SelectionSlider: (model) => {
    const labels = model.get("_options_labels");
    return slider(model, "index", { min: 0, max: labels.length - 1, step: 1 }, (index) => labels[index]);
  },
  IntSlider: (model) => {
    const { min, max, step } = model.values;
    return slider(model, "value", { min, max, step }, String);
  },
  Play: play,
  Button: (model) => {
    const button = make("button", model.get("description"));
    button.disabled = true; // unless a widget of the page lets it be pressed
    button.title = "It needs a running kernel";
    return button;
  },
  FloatProgress: () => Object.assign(make("span"), { hidden: true }),
  Any: async (model) => {
    const element = make("div");
    element.classList.add("jupyter-widgets-disconnected"); // as ipywidgets tells a widget that it has no kernel
    const { default: widget } = await code(model.get("_esm"));
    style(model.get("_css"));
    const { signal } = new AbortController();
    model.widget_manager.draws.push(() => widget.render({ model, el: element, signal }));
    return element;
  },
};

/** @param {Model} model @param {Find} find @param {string} name */
async function box(model, find, name) {
  const element = make("div");
  element.classList.add(name);
  /** @type {Model[]} */
  const children = model.get("children").map(find);
  element.append(...(await Promise.all(children.map((child) => view(child, find)))));
  return element;
}

/** @param {Model} model @param {string} trait @param {Range} range @param {(value: number) => string} words */
function slider(model, trait, range, words) {
  const ariaLabel = model.get("description"); // alone: of its label the buttons are a part, too
  const input = Object.assign(make("input"), { type: "range", ...range, ariaLabel });
  const told = Object.assign(make("span"), { className: "told", ariaHidden: "true" }); // the slider says it itself
  told.hidden = model.get("readout") === false;
  input.oninput = () => model.set(trait, Number(input.value));
  following(input, model, trait, (_, value) => {
    input.value = value;
    told.textContent = words(value);
    input.setAttribute("aria-valuetext", words(value));
  });
  return labelled(model, input, ...(told.hidden ? [] : steps(input, model)), told);
}

// For a thumb, to which a step of a long slider is less than two pixels. A style shows them.
/** @param {HTMLInputElement} input @param {Model} model */
function steps(input, model) {
  const step = (/** @type {string} */ sign, /** @type {string} */ says, /** @type {() => void} */ act) => {
    const ariaLabel = `${model.get("description")}: ${says}`;
    const button = Object.assign(make("button", sign), { className: "step", ariaLabel });
    button.onclick = () => (act(), input.dispatchEvent(new Event("input")));
    return button;
  };
  return [
    step("\u2212", "one step less", () => input.stepDown()),
    step("+", "one step more", () => input.stepUp()),
  ];
}

/** @param {Model} model */
function play(model) {
  const [start, stop] = [make("button"), make("button", "\u25A0")];
  let timer = 0;
  const pause = () => {
    clearInterval(timer);
    timer = 0;
    start.textContent = "\u25B6\uFE0E";
  };
  const tick = () => {
    const next = model.get("value") + model.get("step");
    model.set("value", Math.min(next, model.get("max")));
    if (next >= model.get("max")) pause();
  };
  start.onclick = () => {
    if (timer) return pause();
    if (model.get("value") >= model.get("max")) model.set("value", model.get("min"));
    start.textContent = "\u2759\u2759";
    timer = setInterval(tick, model.get("interval"));
  };
  stop.onclick = () => (pause(), model.set("value", model.get("min")));
  start.setAttribute("aria-label", `${model.get("description")}: play or pause`);
  stop.setAttribute("aria-label", `${model.get("description")}: stop`);
  pause();
  const element = make("span");
  element.append(start, stop);
  return element;
}

/** @param {Model} model */
function missing(model) {
  return make("em", `(${model.kind} is not shown here)`);
}

// --- small things -------------------------------------------------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} [text]
 */
function make(tag, text = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (element instanceof HTMLButtonElement) element.type = "button";
  return element;
}

/**
 * @template {HTMLElement} T
 * @param {T} element
 * @param {Model} model
 * @param {string} name
 * @param {(element: T, value: any) => void} act
 */
function following(element, model, name, act) {
  const follow = () => act(element, model.get(name));
  model.on(`change:${name}`, follow);
  follow();
  return element;
}

// A control that is joined to nothing in the page waits for a kernel.
/** @param {Model} model @param {Control} control @param {...HTMLElement} more */
function labelled(model, control, ...more) {
  const label = make("label", `${model.get("description")} `);
  label.append(control, ...more);
  /** @type {NodeListOf<Control>} */
  const controls = label.querySelectorAll("input, select, button");
  for (const each of controls) each.disabled = !model.joined;
  return label;
}

/** @type {Record<string, any>} */
const loaded = {};

// The same source is one module, however many widgets have it.
/** @param {string} source */
function code(source) {
  const address = () => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  return (loaded[source] ??= import(address()));
}

/** @param {string} source */
function style(source) {
  if (!source || loaded[source]) return;
  loaded[source] = document.head.appendChild(make("style", source));
}
