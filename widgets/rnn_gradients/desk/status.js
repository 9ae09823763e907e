// The desk's line of words. That its kernel is gone, the kernel cannot say: the page does, and plays a recording.

const GONE = ["restarting", "autorestarting", "terminating", "dead"];
const BETWEEN = 120; // milliseconds from one frame of the recording to the next

export default { initialize: (/** @type {{ model: any }} */ { model }) => model.send({}), render };

/** @param {{ model: any, el: HTMLElement }} props */
function render({ model, el }) {
  const inLab = document.querySelector(".jp-LabShell, .jp-NotebookShell") && !document.body.dataset.voila;
  const kernel = model.widget_manager.kernel; // none in a page of its own
  const isAlone = el.classList.contains("jupyter-widgets-disconnected");
  const player = isAlone && model.get("recording") ? play(model, el) : null;
  const where = inLab ? "run this cell" : "open this notebook in Jupyter";
  let lost = "";
  if (player) lost = `This is a recording: Train plays it again. To train anew, ${where}.`;
  else if (isAlone) lost = `Training needs a running kernel: ${where}.`;

  const tell = () => {
    el.textContent = lost || model.get("value");
    if (lost && !player) el.setAttribute("role", "alert");
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
    player?.stop();
    kernel?.statusChanged?.disconnect(follow);
    kernel?.disposed?.disconnect(lose);
    model.off("comm_live_update", lose);
    model.off("change:value", tell);
  };
}

// Show the recording in place of the figure that waits for a kernel, and let Train play it.
/** @param {any} model @param {HTMLElement} el */
function play(model, el) {
  const figure = model.widget_manager.get_model(model.get("recording").replace("IPY_MODEL_", ""));
  const desk = () => el.closest(".training-desk");
  let timer = 0;

  const start = async () => {
    const [recording, last] = [await figure, model.get("frames") - 1];
    const step = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? Math.ceil(last / 4) : 1;
    let frame = 0;
    const show = () => {
      recording.set("done", frame);
      if (frame === last) return clearInterval(timer);
      frame = Math.min(last, frame + step);
    };
    clearInterval(timer);
    timer = setInterval(show, BETWEEN);
    show();
  };
  const press = (/** @type {MouseEvent} */ { target }) => {
    const button = target instanceof Element && target.closest(".training-train");
    if (button && button.closest(".training-desk") === desk()) start();
  };
  el.classList.add("training-recorded"); // which the style sheet heeds
  desk()?.querySelector(".training-train")?.removeAttribute("disabled");
  document.addEventListener("click", press); // the button may come, and go, later than these words
  return { stop: () => (clearInterval(timer), document.removeEventListener("click", press)) };
}
