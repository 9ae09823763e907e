"""What tests share: settings of hypothesis, a browser, and a JupyterLab to open in it."""

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

from .browser import Watch, launch

settings.register_profile("rnn_gradients", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("rnn_gradients")

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Return a function that opens a page; at the end nothing must have gone wrong on any of them.

    What a test provokes on purpose it names by `open_page.forgive(words)`.
    """
    contexts, watches, forgiven = [], [], []

    def open_one(packages=False, **options):
        contexts.append(chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options))
        page = contexts[-1].new_page()
        watches.append(Watch(page, packages))
        return page

    open_one.forgive = forgiven.append
    yield open_one
    faults = [fault for watch in watches for fault in watch.faults if not any(f in fault for f in forgiven)]
    for context in contexts:
        context.close()
    assert not faults


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

    def end_kernels(self):
        """End all kernels; one that is just restarting may have to be asked again."""
        for _ in range(20):
            with urllib.request.urlopen(f"{self.address}/api/kernels") as answer:
                kernels = json.load(answer)
            for kernel in kernels:
                url = f"{self.address}/api/kernels/{kernel['id']}"
                with contextlib.suppress(urllib.error.HTTPError):
                    urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()
            if not kernels:
                return
            time.sleep(0.5)
        raise RuntimeError(f"kernels that do not end: {kernels}")


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
    """JupyterLab with fresh copies of the notebooks and no kernel running yet."""
    shutil.copytree(plain_notebooks, running_lab.folder, dirs_exist_ok=True)
    yield running_lab
    running_lab.end_kernels()


def _wait_for(url, server, log):
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
