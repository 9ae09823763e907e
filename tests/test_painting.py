"""What is moved where it stands looks just as if it had been drawn anew: the same SVG, to the last path."""

import random
import urllib.parse

import pytest
from plotly.offline import get_plotlyjs
from rnn_gradients import explore_clipping, explore_forecasts, explore_training, save_page

SAME = """async hashes => {
  const twoFrames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const plot = document.querySelector(".lookup-plot");
  const layout = structuredClone(plot.layout);
  const twin = document.body.appendChild(document.createElement("div"));
  const tidy = each => {
    const attributes = Array.from(each.attributes ?? [], ({ name, value }) => `${name}=${value}`)
      .filter(text => text !== "style=opacity: 1;").toSorted(); // as it is anyway
    return each.nodeName === "#text" ? each.data
      : [`<${each.nodeName}`, ...attributes, ">", ...Array.from(each.childNodes, tidy)].join(" ");
  };
  const svg = ({ _fullLayout, _fullData, children }) => [_fullLayout._uid, ..._fullData.map(({ uid }) => uid)]
    .reduce((text, uid, i) => text.replaceAll(uid, `(${i})`), tidy(children[0]));
  const drawn = { changed: 0, moved: 0, anew: 0 };
  plot.on("plotly_animatingframe", () => drawn.moved++);
  plot.on("plotly_react", () => drawn.anew++);
  for (const hash of hashes) {
    const before = svg(plot);
    if (location.hash.slice(1) === hash) continue;
    location.hash = hash;
    await new Promise(done => addEventListener("hashchange", done, { once: true }));
    await twoFrames();
    const now = svg(plot);
    drawn.changed += now !== before;
    const data = plot.data.map(({ uid, ...trace }) => structuredClone(trace));
    await Plotly.react(twin, data, structuredClone(layout), { displayModeBar: false });
    const anew = svg(twin);
    if (now !== anew) {
      const [one, other] = [now, anew].map(all => all.split(/(?=<)/));
      const at = one.findIndex((tag, i) => tag !== other[i]);
      return [hash, one.slice(at - 3, at + 2).join(), other.slice(at - 3, at + 2).join()];
    }
  }
  return drawn;
}"""


def positions(explorer, count):
    """Give addresses of random positions of an explorer; each differs from the last along some dimensions."""
    choose, words = random.Random(0), explorer.children[-1]._words
    here = {name: choose.choice(some) for name, some in words.items()}
    for _ in range(count):
        for name in choose.sample(sorted(words), choose.randint(1, len(words))):
            here[name] = choose.choice(words[name])
        prefix = explorer.children[-1]._prefix
        yield urllib.parse.urlencode({prefix + name: word for name, word in here.items()})


@pytest.mark.parametrize(
    "explore, count", [(explore_clipping, 200), (explore_forecasts, 20), (explore_training, 20)]
)
def test_what_is_moved_looks_as_if_drawn_anew(open_page, tmp_path, explore, count):
    explorer = explore()
    save_page(explorer, tmp_path / "page.html")
    page = open_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator(".lookup-plot:has(.main-svg)").wait_for()
    page.add_script_tag(content=get_plotlyjs())
    hashes = list(positions(explorer, count))
    drawn = page.evaluate(SAME, hashes)
    assert drawn["changed"] > 0.8 * count and drawn["moved"] > 0.5 * drawn["changed"]
