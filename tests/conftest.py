"""What tests share: settings of hypothesis, a browser, and a JupyterLab to open in it."""

import collections
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

pytest.register_assert_rewrite("tests.readers")  # so that it tells what it has found

from .browser import Watch, launch, open_notebook, run_all  # noqa: E402
from .readers.clipping import dashboard  # noqa: E402

settings.register_profile("rnn_gradients", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("rnn_gradients")

ROOT = pathlib.Path(__file__).parent.parent
NOTEBOOK = "01-should-you-clip-the-output-layer.ipynb"
SCREEN = {"width": 1280, "height": 800}
EXPLORE = "from rnn_gradients import explore_clipping; explore_clipping()"
LONGEST = (
    *("test_site", "test_pages", "test_binder", "test_lab", "test_desk", "test_painting", "test_share"),
    *("test_living", "test_composition", "test_explorer", "test_project", "test_any_figure", "test_ensemble"),
    *("test_results", "test_links", "test_runs", "test_sweep", "test_sight", "test_finished_runs"),
    *("test_powers", "test_activations_explorer", "test_activations_story"),
)


def pytest_collection_modifyitems(items):
    """Begin with the files that last the longest, so that all workers end together."""
    place = {file: nth for nth, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


# Anywidget complains of models not loaded in two seconds; a busy page may take four times as long.
PATIENCE = """{
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, 4 * ms);
}"""


class Pages:
    """Opens pages that know nothing of each other, and notes what goes wrong on them.

    What a test provokes on purpose it names by `forgive(words)`. A page that is done with is emptied and lent
    again, for its process has compiled plotly.js already; who will change it for good asks for a `fresh` one.
    """

    def __init__(self, chromium, idle):
        self._chromium, self._idle, self._lent, self._forgiven = chromium, idle, [], []
        self.forgive = self._forgiven.append

    def __call__(self, packages=False, fresh=False, viewport=SCREEN, color_scheme="light", **options):
        kind = None if fresh else json.dumps([packages, options])
        if self._idle[kind]:
            page, watch = self._idle[kind].pop()
        else:
            page = self._chromium.new_context(**options).new_page()
            page.add_init_script(PATIENCE)
            watch = Watch(page, packages)
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        self._lent.append((page, watch, kind))
        return page

    def hand_over(self):
        """Give what has gone wrong, and forget it, and what was forgiven."""
        faults = [fault for _, watch, _ in self._lent for fault in watch.hand_over()]
        faults = [fault for fault in faults if not any(words in fault for words in self._forgiven)]
        self._forgiven.clear()
        return faults

    def close(self):
        for page, watch, kind in self._lent:
            if kind is None or page.is_closed():
                page.context.close()
                continue
            origin = "/".join(page.url.split("/")[:3])
            page.goto("about:blank")
            session = page.context.new_cdp_session(page)
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
            session.detach()
            watch.hand_over()
            self._idle[kind].append((page, watch))


@pytest.fixture(scope="session")
def idle_pages():
    """Pages that are not lent at the moment, by what they were opened with."""
    return collections.defaultdict(list)


@pytest.fixture
def open_page(chromium, idle_pages):
    """`Pages` of this test alone; at the end nothing must have gone wrong on any of them."""
    pages = Pages(chromium, idle_pages)
    yield pages
    faults = pages.hand_over()
    pages.close()
    assert not faults


@pytest.fixture(scope="session")
def shared_pages(chromium, idle_pages):
    """`Pages` that several tests use in turn."""
    pages = Pages(chromium, idle_pages)
    yield pages
    pages.close()


@pytest.fixture(autouse=True)
def nothing_goes_wrong_on_shared_pages(request):
    yield
    if "shared_pages" in request.fixturenames:
        assert not request.getfixturevalue("shared_pages").hand_over()


class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    address : str
    folder : pathlib.Path
        Where its notebooks are: copies of the project's.
    """

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def url(self, notebook):
        return f"{self.address}/lab/tree/{notebook}?reset"

    def write(self, *sources):
        """Write a notebook of code cells; gives its name."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        name = f"test-{len(list(self.folder.iterdir()))}.ipynb"
        nbformat.write(notebook, self.folder / name)
        return name

    def kernels(self):
        with urllib.request.urlopen(f"{self.address}/api/kernels", timeout=30) as answer:
            return {kernel["id"] for kernel in json.load(answer)}

    def end_kernels(self, but=frozenset()):
        """End all kernels but some; one that is just restarting may have to be asked again."""
        for _ in range(100):
            kernels = self.kernels() - but
            for kernel in kernels:
                end = urllib.request.Request(f"{self.address}/api/kernels/{kernel}", method="DELETE")
                with contextlib.suppress(urllib.error.HTTPError):
                    urllib.request.urlopen(end, timeout=30).close()
            if not kernels:
                return
            time.sleep(0.1)
        raise RuntimeError(f"kernels that do not end: {kernels}")

    @contextlib.contextmanager
    def own_kernels(self):
        """End the kernels that are started meanwhile."""
        before = self.kernels()
        yield
        self.end_kernels(but=before)


JUPYTER_LAB = (sys.executable, "-m", "jupyter", "lab", "--no-browser", "--port={port}")


@contextlib.contextmanager
def serve_lab(folder, notebooks, command=JUPYTER_LAB, **more):
    """Run a JupyterLab in a folder of notebooks; all that it remembers goes into `folder`.

    `more` of the environment can be given, say ``JUPYTER_DATA_DIR``, which knows the trusted notebooks.
    """
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    (folder / "config").mkdir()
    server = {"allow_root": True, "disable_check_xsrf": True, "ip": "127.0.0.1"}
    config = json.dumps({"ServerApp": server, "IdentityProvider": {"token": ""}})
    (folder / "config" / "jupyter_server_config.json").write_text(config)
    environment = {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [word.format(port=port) for word in command]
    options = {"cwd": notebooks, "env": os.environ | environment | more, "start_new_session": True}
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **options)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/status", server, folder / "log")
        yield Lab(address, notebooks)
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # make, and what it has started
        server.wait(30)


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    with serve_lab(folder, folder / "notebooks") as lab:
        yield lab


@pytest.fixture(scope="session")
def plain_notebooks(tmp_path_factory):
    """The notebooks without what running them has written: `make lab` runs those of the work tree."""
    folder = tmp_path_factory.mktemp("plain") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    subprocess.run([sys.executable, "-m", "nbstripout", *folder.glob("*.ipynb")], check=True)
    return folder


@pytest.fixture
def lab(running_lab, plain_notebooks):
    """JupyterLab with fresh copies of the notebooks; the kernels of this test end with it."""
    shutil.copytree(plain_notebooks, running_lab.folder, dirs_exist_ok=True)
    with running_lab.own_kernels():
        yield running_lab


@pytest.fixture(scope="session")
def one_explorer(shared_pages, running_lab):
    """A page of JupyterLab with a notebook of one cell, which opens the dashboard."""
    page = shared_pages()
    open_notebook(page, running_lab.url(running_lab.write(EXPLORE)))
    return page


@pytest.fixture
def explorer(one_explorer):
    """The dashboard, whose cell has just been run, in JupyterLab."""
    one_explorer.set_viewport_size(SCREEN)
    run_all(one_explorer)
    return dashboard(one_explorer)


def _wait_for(url, server, log):
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
