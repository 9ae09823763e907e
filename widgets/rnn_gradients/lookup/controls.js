// Buttons for presets, what the reader is told aloud, and controls that can be told apart and keep their keys.

/** @import { FigureTraits, Model, Plan } from "./types.js" */

const REST = 1000; // milliseconds without a change before the sentence is read aloud

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} className
 * @param {string} [content]
 */
export function element(tag, className, content = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

/** @param {HTMLElement} el @param {any} error */
export function fail(el, error) {
  const alert = element("pre", "lookup-failure", `This figure can't be drawn.\n${error?.message ?? error}`);
  alert.setAttribute("role", "alert");
  el.replaceChildren(alert);
  console.error(error);
}

// Read aloud what the figure says, once it has come to rest; but not what it says first, when the page opens.
/** @param {HTMLElement} el */
export function announcer(el) {
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

/** @param {HTMLElement} el @param {Model<FigureTraits>} model @param {Plan} plan */
export function addPresets(el, model, { dimensions, presets, reveal_frames }) {
  const bar = el.appendChild(element("div", "lookup-presets"));
  const buttons = Object.entries(presets).map(([label, position]) => {
    const button = bar.appendChild(element("button", "", label));
    button.type = "button";
    const all = dimensions.some((name) => name in position) && { reveal_frame: reveal_frames };
    button.onclick = () => (model.set({ ...position, ...all }), model.save_changes());
    return { button, entries: Object.entries(position) };
  });
  return () => {
    for (const { button, entries } of buttons)
      button.setAttribute("aria-pressed", String(entries.every(([name, value]) => model.get(name) == value)));
  };
}

// ipywidgets gives sliders and Play no accessible names, and a slider of choices tells its index, not its value. What
// is returned names each control that has another value, or another view, than when it was named last.
/** @param {Model<FigureTraits>} model */
export function namer(model) {
  /** @type {Record<string, Promise<Model | null>>} */
  const controls = {};
  /** @type {Record<string, string>} */
  const named = {};
  return async () => {
    for (const id of model.get("controls")) {
      const isOverruled = Boolean(model.get(model.get("overruled")[id.replace("IPY_MODEL_", "")]));
      controls[id] ??= model.widget_manager.get_model(id.replace("IPY_MODEL_", "")).catch(() => null);
      const control = await controls[id];
      if (!control) continue; // it has been closed
      const views = control.views ?? {};
      const state = JSON.stringify([Object.keys(views), control.get("index"), control.get("value"), isOverruled]);
      if (state === named[id]) continue;
      named[id] = state;
      const name = control.get("description") || control.get("tooltip");
      for (const view of Object.values(views)) label((await view).el, name, isOverruled);
    }
  };
}

/** @param {HTMLElement} el @param {string} name @param {boolean} isOverruled */
function label(el, name, isOverruled) {
  el.classList.add("lookup-control");
  el.classList.toggle("lookup-overruled", isOverruled);
  el.title = isOverruled ? "Overruled by another control" : "";
  const handle = el.querySelector("[role=slider]");
  handle?.setAttribute("aria-label", name);
  handle?.setAttribute("aria-valuetext", el.querySelector(".widget-readout")?.textContent ?? "");
  el.querySelectorAll(".widget-play button").forEach((button, i) =>
    button.setAttribute("aria-label", [`${name}: play or pause`, `${name}: stop`, `${name}: repeat`][i]));
}

// JupyterLab takes plain keys for its own (the arrows of a list, say) unless the focused element forbids it.
/** @param {KeyboardEvent} event */
export function keepKeys({ target, ctrlKey, metaKey, altKey, shiftKey }) {
  if (target instanceof Element && target.closest(".lookup-control, .lookup-figure"))
    target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey || shiftKey));
}
