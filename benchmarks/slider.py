"""How long a slider takes to move the figure, against bare plotly.js, in headless Chromium.

Run as ``python -m benchmarks.slider`` (or ``make benchmarks``). The pages are exported ones, with the first
figure or the whole dashboard and ipywidgets' own controls, so no kernel and no network takes part. Another
page draws the same states, key by key in turns, by ``Plotly.react`` alone: no lookup, no controls. An empty
frame is measured beside them.
"""

import pathlib
import statistics
import tempfile

from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs
from rnn_gradients.site import QUESTION

from tests.browser import Watch, export_explorer, launch

FIGURES = {
    "the first figure": f"explore_clipping('chain', 'weights', controls={QUESTION})",
    "the dashboard": "explore_clipping()",
}
KEYS = [key for _ in range(2) for key in ["ArrowRight"] * 15 + ["ArrowLeft"] * 15]
SLIDER = '[role=slider][aria-label="Eigenvalue of W"]'
TOOLS = """
const painted = () => new Promise(done => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel(); // its message comes once the frame is painted
  port1.onmessage = () => done(performance.now());
  port2.postMessage(0);
}));
// From the change to the paint, and the part of it that the frame itself took.
globalThis.timed = async change => {
  let frame;
  const start = performance.now();
  requestAnimationFrame(() => (frame = performance.now()));
  change();
  const end = await painted();
  return { "key to painted plot": end - start, "work of one draw": end - frame };
};
// Changes at the pace at which they are drawn, one a frame; gives the frames per second.
globalThis.dragged = async changes => {
  const start = performance.now();
  for (const change of changes) {
    await new Promise(requestAnimationFrame);
    change();
  }
  return (1000 * changes.length) / ((await painted()) - start);
};
globalThis.press = key => document.querySelector(SLIDER)
  .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
globalThis.redraw = ([data, layout]) => Plotly.react("bare", data, layout, { displayModeBar: false });
globalThis.timedRedraw = text => {
  const state = JSON.parse(text);
  return timed(() => requestAnimationFrame(() => redraw(state)));
};
"""
STATE = """() => {
  const { data, layout } = document.querySelector(".lookup-plot");
  return JSON.stringify([data, layout]);
}"""


def open_pages(browser, folder, code):
    """Open an explorer, and a page of bare plotly.js."""
    ours, bare = (browser.new_page(viewport={"width": 1280, "height": 800}) for _ in range(2))
    Watch(ours, packages=True)
    ours.goto(export_explorer(folder / "page.html", code))
    ours.locator(SLIDER).wait_for(timeout=60_000)
    ours.locator(".lookup-plot .main-svg").first.wait_for()
    bare.set_content('<div id="bare"></div>')
    bare.add_script_tag(content=get_plotlyjs())
    for page in (ours, bare):
        page.evaluate(TOOLS.replace("SLIDER", repr(SLIDER)))
    return ours, bare


def main():
    for figure, code in FIGURES.items():
        print(f"{figure}:")
        measure(code)


def measure(code):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        ours, bare = open_pages(launch(playwright), pathlib.Path(folder), code)
        bare.evaluate("text => redraw(JSON.parse(text))", ours.evaluate(STATE))
        states, times = [], {"ours": [], "Plotly.react": [], "an empty frame": []}
        for key in KEYS:
            times["ours"].append(ours.evaluate("key => timed(() => press(key))", key))
            states.append(ours.evaluate(STATE))
            times["Plotly.react"].append(bare.evaluate("timedRedraw", states[-1]))
            times["an empty frame"].append(bare.evaluate("() => timed(() => {})"))
        for what in ("key to painted plot", "work of one draw"):
            medians = {name: statistics.median(each[what] for each in some) for name, some in times.items()}
            for name, median in medians.items():
                print(f"{what:22} {name:16} median {median:6.1f} ms")
            print(f"{what:22} ours / Plotly.react {medians['ours'] / medians['Plotly.react']:.2f}")
        rates = {"ours": [], "Plotly.react": []}
        for _ in range(5):
            rates["ours"].append(ours.evaluate("keys => dragged(keys.map(key => () => press(key)))", KEYS))
            burst = "texts => dragged(texts.map(text => JSON.parse(text)).map(state => () => redraw(state)))"
            rates["Plotly.react"].append(bare.evaluate(burst, states))
        rates = {name: statistics.median(some) for name, some in rates.items()}
        for name, rate in rates.items():
            print(f"{'while dragging':22} {name:16} median {rate:6.1f} frames a second")
        print(f"{'while dragging':22} ours / Plotly.react {rates['ours'] / rates['Plotly.react']:.2f}")


if __name__ == "__main__":
    main()
