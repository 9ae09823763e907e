// The view of a ShareBar: position <-> address, and a button that copies it.

const LONGEST = 4000; // characters of an address that are looked at
const WRITE = "lookup-write"; // asks every figure of the page to write its part of the address
const KNOWN = "lookup-known"; // tells that a figure of the page has said which keys are its own
const SETTLED = 150; // milliseconds without a change before the address is written: browsers allow few a second

export default { render };

async function render({ model, el }) {
  const figure = await model.widget_manager.get_model(model.get("_figure").replace("IPY_MODEL_", ""));
  const words = model.get("_words");
  const names = Object.keys(words);
  const prefix = model.get("_prefix");
  const keys = names.map((name) => prefix + name);
  const inLab = document.querySelector(".jp-LabShell, .jp-NotebookShell") !== null && !document.body.dataset.voila;
  const index = (name) => Number(figure.get(name));

  el.classList.add("lookup-share");
  const button = el.appendChild(document.createElement("button"));
  button.type = "button";
  button.textContent = inLab ? "Copy as code" : "Copy link";
  const note = el.appendChild(document.createElement("span"));
  note.setAttribute("role", "status");
  button.onclick = async () => {
    const text = inLab ? code() : (window.dispatchEvent(new Event(WRITE)), location.href); // of all figures, now
    note.textContent = (await copy(text)) ? "Copied." : text;
  };

  const code = () => {
    const defaults = model.get("_defaults");
    const told = names.filter((name) => index(name) !== defaults[name]);
    return `${model.get("_call")}(${told.map((name) => `${name}=${model.get("_code")[name][index(name)]}`).join(", ")})`;
  };
  if (inLab) return;

  let [timer, reading, refused] = [0, false, []];
  // The figure's own entries; those of other figures on the page are kept.
  const write = () => {
    const entries = new URLSearchParams(location.hash.slice(1, LONGEST));
    for (const name of names) entries.set(prefix + name, words[name][index(name)]);
    for (const key of [...entries.keys()]) if (!globalThis.lookupKeys.has(key)) entries.delete(key);
    history.replaceState(history.state, "", `#${entries}`);
  };
  // Keys that no figure of the page has are named once, by the first.
  const isFirst = () => document.querySelector(".lookup-share") === el;
  const tell = () => {
    const given = [...new URLSearchParams(location.hash.slice(1, LONGEST)).keys()];
    const unknown = isFirst() ? given.filter((key) => !globalThis.lookupKeys.has(key)) : [];
    const all = [...new Set([...refused, ...unknown])].join(", ");
    note.textContent = all ? `Not in this figure: ${all.slice(0, 120)}` : "";
  };
  const read = () => {
    const entries = new URLSearchParams(location.hash.slice(1, LONGEST));
    refused = location.hash.length > LONGEST ? ["all beyond its first 4000 letters"] : [];
    const found = {};
    for (const [key, word] of entries) {
      if (!keys.includes(key)) continue;
      const name = key.slice(prefix.length);
      const at = words[name].findIndex((each) => each === word || (word.trim() && Number(each) === Number(word)));
      if (at < 0) refused.push(`${key}=${word}`);
      else found[name] = typeof figure.get(name) === "boolean" ? Boolean(at) : at;
    }
    tell();
    reading = true; // the address is there already; other figures of the page may not be
    if (Object.keys(found).length) figure.set(found), figure.save_changes();
    reading = false;
    if (Object.keys(found).length && !isFirst()) el.parentElement.scrollIntoView();
  };

  const follow = () => reading || (clearTimeout(timer), (timer = setTimeout(write, SETTLED)));
  const changes = names.map((name) => `change:${name}`).join(" ");
  globalThis.lookupKeys ??= new Set();
  keys.forEach((key) => globalThis.lookupKeys.add(key));
  window.dispatchEvent(new Event(KNOWN));
  const opening = setTimeout(read, 0); // once all figures of the page have said their names
  figure.on(changes, follow);
  window.addEventListener("hashchange", read);
  window.addEventListener(WRITE, write);
  window.addEventListener(KNOWN, tell);
  return () => {
    clearTimeout(timer), clearTimeout(opening);
    figure.off(changes, follow);
    window.removeEventListener("hashchange", read);
    window.removeEventListener(WRITE, write);
    window.removeEventListener(KNOWN, tell);
  };
}

// Without a secure page there is no clipboard but that of a selected field.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
