// The view of a ShareBar: position <-> address, and a button that copies it.

/** @import { Model, ShareTraits } from "./types.js" */

const WRITE = "lookup-write"; // asks every figure of the page to write its part of the address
const KNOWN = "lookup-known"; // tells that a figure of the page has said which keys are its own
const GATHERED = 30; // milliseconds without another figure before the address is read: they arrive in any order
const SETTLED = 150; // milliseconds without a change before the address is written: browsers allow few a second

export default { initialize: (/** @type {{ model: any }} */ { model }) => model.send({}), render };

// What all figures of the page share: which keys are whose, and the entries of the address.
const page = (globalThis.lookupPage ??= { views: new Set(), entries: new URLSearchParams() });
const isKnown = (/** @type {string} */ key) => [...page.views].some(({ keys }) => keys.includes(key));

// A figure that shares a name with one made before it has keys of its own; a second view of one figure has the first's.
function assign() {
  const [taken, prefixes] = [new Set(), new Map()];
  for (const view of [...page.views].sort((one, other) => one.order - other.order)) {
    let prefix = prefixes.get(view.figure) ?? view.base;
    const isTaken = () => !prefixes.has(view.figure) && view.names.some((name) => taken.has(prefix + name));
    for (let number = 2; isTaken(); number++) prefix = `${number}.${view.base}`;
    prefixes.set(view.figure, prefix);
    Object.assign(view, { prefix, keys: view.names.map((name) => prefix + name) });
    for (const key of view.keys) taken.add(key);
  }
}

/** @param {{ model: Model<ShareTraits>, el: HTMLElement }} props */
async function render({ model, el }) {
  const figure = await model.widget_manager.get_model(model.get("_figure").replace("IPY_MODEL_", ""));
  const words = model.get("_words");
  const names = Object.keys(words);
  const inLab = document.querySelector(".jp-LabShell, .jp-NotebookShell") && !document.body.dataset.voila;
  /** @param {string} name */
  const index = (name) => Number(figure.get(name));

  el.classList.add("lookup-share");
  const button = el.appendChild(document.createElement("button"));
  button.type = "button";
  button.textContent = inLab ? "Copy as code" : "Copy link";
  button.hidden = location.protocol === "about:"; // written into another page: there is nothing to link to
  const note = el.appendChild(document.createElement("span"));
  note.setAttribute("role", "status");
  button.onclick = async () => {
    const text = inLab ? code() : link();
    say((await copy(text)) ? "Copied." : text);
  };
  /** @param {string} words @param {boolean} [refused] */
  const say = (words, refused = false) => {
    note.textContent = words;
    note.classList.toggle("lookup-refused", refused);
  };

  const code = () => {
    const defaults = model.get("_defaults");
    const told = names.filter((name) => index(name) !== defaults[name]);
    const position = told.map((name) => `${name}=${model.get("_code")[name][index(name)]}`);
    return `${model.get("_call")}(${[...model.get("_arguments"), ...position].join(", ")})`;
  };
  if (inLab) return;

  const view = { figure, names, base: model.get("_prefix"), order: model.get("_order"), prefix: "", keys: [""] };
  const opening = Object.fromEntries(names.map((name) => [name, figure.get(name)]));
  let [timer, reading, first] = [0, false, 0];
  /** @type {string | null} */
  let settled = null; // the prefix with which the address has been read
  /** @type {string[]} */
  let refused = [];

  // The figure's own entries, last, for that is where a link leads; those of other figures on the page are kept.
  const write = () => {
    for (const name of names) {
      page.entries.delete(view.prefix + name);
      page.entries.append(view.prefix + name, words[name][index(name)]);
    }
    page.entries = new URLSearchParams([...page.entries].filter(([key]) => isKnown(key)));
    try {
      history.replaceState(history.state, "", address());
    } catch {
      // browsers forbid it in some frames, and too often in a row: the link is whole all the same
    }
  };
  const link = () => (window.dispatchEvent(new Event(WRITE)), write(), address());
  // Keys that no figure of the page has are named once, by the first.
  const isFirst = () => document.querySelector(".lookup-share") === el;
  const tell = () => {
    const unknown = isFirst() ? [...given().keys()].filter((key) => !isKnown(key)) : [];
    const all = [...new Set([...refused, ...unknown])].join(", ");
    say(all ? `Not in this figure: ${all.slice(0, 120)}` : "", all !== "");
  };
  // What is written here is found as it stands. Of a number written otherwise (4.50) only those are found that
  // are exact: above, one is several integers.
  /** @param {string} name @param {string} word */
  const find = (name, word) => {
    const [at, number] = [words[name].indexOf(word), word.trim() ? Number(word) : NaN];
    const isExact = model.get("_numbers").includes(name) && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
    return at < 0 && isExact ? words[name].findIndex((each) => Number(each) === number) : at;
  };
  const read = () => {
    if (/^#[^=&]+$/.test(location.hash)) return; // a place in the page
    page.entries = given();
    const { prefix, keys } = view;
    settled = prefix;
    refused = [];
    /** @type {Record<string, number | boolean>} */
    const found = {};
    for (const [key, word] of page.entries) {
      if (!keys.includes(key)) continue;
      const name = key.slice(prefix.length);
      const at = find(name, word);
      if (at < 0) refused.push(`${key}=${word}`);
      else found[name] = typeof figure.get(name) === "boolean" ? Boolean(at) : at;
    }
    tell();
    // as where a reader moves on: what has been moved no longer waits for Play
    const plan = figure.get("_plan");
    const isMoved = plan?.dimensions.some((/** @type {string} */ name) => name in found && found[name] !== opening[name]);
    reading = true; // the address is there already; other figures of the page may not be
    figure.set({ ...opening, ...found, ...(isMoved && { reveal_frame: plan.reveal_frames }) }), figure.save_changes();
    reading = false;
    const last = [...page.entries.keys()].filter(isKnown).at(-1) ?? "";
    const block = isFirst() ? "nearest" : "start"; // of the first the heading may be seen, too, where there is room
    if (keys.includes(last) && Object.keys(found).length) el.parentElement?.scrollIntoView({ block });
  };

  const follow = () => {
    if (reading) return;
    say("");
    clearTimeout(timer), (timer = setTimeout(write, SETTLED));
  };
  const changes = names.map((name) => `change:${name}`).join(" ");
  const meet = () => {
    if (settled === null) clearTimeout(first), (first = setTimeout(read, GATHERED));
    else if (settled !== view.prefix) read();
    else tell();
  };
  window.addEventListener(KNOWN, meet);
  page.views.add(view);
  assign();
  window.dispatchEvent(new Event(KNOWN));
  figure.on(changes, follow);
  window.addEventListener("hashchange", read);
  window.addEventListener(WRITE, write);
  return () => {
    clearTimeout(timer), clearTimeout(first);
    page.views.delete(view);
    figure.off(changes, follow);
    window.removeEventListener("hashchange", read);
    window.removeEventListener(WRITE, write);
    window.removeEventListener(KNOWN, meet);
  };
}

// The entries of the page's address.
function given() {
  return new URLSearchParams(location.hash.slice(1));
}

// The page's address with all entries; without the token that lets one into a server.
function address() {
  const url = new URL(location.href);
  url.searchParams.delete("token");
  url.hash = String(page.entries);
  return url.href;
}

// Without a secure page there is no clipboard but that of a selected field.
/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}
