"""`codex-remote up --demo` in a browser: the program's own bundle, and the first minutes of whoever tries it."""

import signal

import pytest

from support.browser import Chromium
from support.client import Client, expect
from support.ports import free_port
from support.up import Up


@pytest.fixture(scope="module")
def up(run, folder):
    up = Up(folder, free_port())
    yield up
    run(up.clean())


@pytest.fixture(scope="module")
def chromium(run, up):
    chromium = run(Chromium.start(up.origin))
    yield chromium
    run(chromium.clean())


async def test_claim_a_task_an_approval_and_the_next_day(up, chromium):
    ada = Client(await chromium.tab(), up)
    # A proxy of the person's does not know the model that runs here.
    await ada.open_link(await up.start(http_proxy="http://127.0.0.1:9", no_proxy="example.com"), "Ada")
    await up.says("Ada")
    await ada.start("Show me around")
    await ada.decide(ada.card("May I run greet.sh"), "Approve")
    await expect(ada.main.get_by_role("heading", name="Done")).to_be_visible()
    written = list((up.state / "workspace").rglob("greeting.txt"))
    assert len(written) == 1 and "from your machine" in written[0].read_text()
    assert not (up.person / ".codex").exists(), "the demo never touches one's own codex"
    await up.process.stop(signal.SIGINT)

    await up.start()
    await ada.page.reload()
    await ada.is_connected()
    await ada.open("Show me around")
    await expect(ada.main.get_by_role("heading", name="Done")).to_be_visible()
    assert ada.tab.problems == [] and ada.tab.foreign == []
