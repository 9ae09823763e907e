// The desk's line of words. That its kernel is gone, the kernel cannot say: the page does.

const GONE = ["restarting", "autorestarting", "terminating", "dead"];

export default { initialize: (/** @type {{ model: any }} */ { model }) => model.send({}), render };

/** @param {{ model: any, el: HTMLElement }} props */
function render({ model, el }) {
  const inLab = document.querySelector(".jp-LabShell, .jp-NotebookShell") && !document.body.dataset.voila;
  const kernel = model.widget_manager.kernel; // none in a page of its own
  let lost = "";
  if (el.classList.contains("jupyter-widgets-disconnected"))
    lost = `Training needs a running kernel: ${inLab ? "run this cell" : "open this notebook in Jupyter"}.`;

  const tell = () => {
    el.textContent = lost || model.get("value");
    if (lost) el.setAttribute("role", "alert");
  };
  const lose = () => {
    lost ||= `This desk's kernel is gone, and its networks with it: ${inLab ? "run this cell again" : "load this page anew"}.`;
    tell();
  };
  const follow = (/** @type {unknown} */ _, /** @type {string} */ status) => GONE.includes(status) && lose();
  kernel?.statusChanged?.connect(follow);
  kernel?.disposed?.connect(lose);
  model.on("comm_live_update", lose); // ipywidgets says it of a restart only
  model.on("change:value", tell);
  tell();
  return () => {
    kernel?.statusChanged?.disconnect(follow);
    kernel?.disposed?.disconnect(lose);
    model.off("comm_live_update", lose);
    model.off("change:value", tell);
  };
}
