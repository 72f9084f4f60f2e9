"""Fixtures. Tests may be coroutines: all of them, and all fixtures, share one event loop."""

import asyncio
import inspect
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from support.browser import Chromium, failed
from support.client import Client
from support.model import Model
from support.page import Page
from support.stack import Stack
from support.stdio import StdioCodex

# No single test may hang the run; the long ones say so with @pytest.mark.limit(seconds).
LIMIT = 300.0


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): how long this test may take at most")
    # Whoever ends the run wants its children to end too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    yield loop
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.fixture(scope="session")
def run(loop):
    """Runs a coroutine to its end: for fixtures."""
    return loop.run_until_complete


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    loop = pyfuncitem._request.getfixturevalue("loop")
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    mark = pyfuncitem.get_closest_marker("limit")
    limit = mark.args[0] if mark else LIMIT

    async def limited():
        # Not asyncio.wait_for: in Python 3.11 a cancellation can get lost in it.
        async with asyncio.timeout(limit):
            await pyfuncitem.obj(**arguments)
    loop.run_until_complete(limited())
    return True


@pytest.fixture(scope="session")
def base():
    """Where the tests' homes and workspaces lie. Not under the temporary directory: codex makes no helper
    programs in a home there, and so has no sandbox. Short: a unix socket's path has 104 bytes at most."""
    folder = Path(tempfile.mkdtemp(prefix="cr-", dir="/var/tmp")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def folder(base):
    """A folder of the module's own."""
    return Path(tempfile.mkdtemp(dir=base))


@pytest.fixture(scope="module")
def model(run, folder):
    model = run(Model.start(folder))
    yield model
    run(model.process.clean())


@pytest.fixture(scope="module")
def workspace(folder):
    workspace = folder / "workspace"
    workspace.mkdir()
    return workspace


@pytest.fixture(scope="module")
def stdio(run, model, folder, workspace):
    model.configure(folder / "codex")
    codex = run(StdioCodex.start(folder / "codex", workspace))
    yield codex
    run(codex.clean())


@pytest.fixture(scope="module")
def stack(run, model, folder, workspace):
    stack = run(Stack.start(folder, workspace, model))
    yield stack
    run(stack.clean())


@pytest.fixture
def page(run, stack):
    page = run(Page(stack.account).start())
    yield page
    run(page.stop())


@pytest.fixture(scope="module")
def unclaimed(run, model, folder, workspace):
    """A stack whose claim link nobody used yet."""
    stack = run(Stack.start(folder, workspace, model, claimed=False))
    yield stack
    run(stack.clean())


@pytest.fixture(scope="module")
def chromium(run, unclaimed):
    chromium = run(Chromium.start(unclaimed.origin, unclaimed.browsers.port))
    yield chromium
    run(chromium.clean())


@pytest.fixture(scope="module")
def ada(run, chromium, unclaimed):
    """The owner's phone."""
    return run(Client.claim(chromium, unclaimed))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and "chromium" in item.fixturenames:
        look = item._request.getfixturevalue
        look("run")(failed(look("chromium"), item.name))
    return report
