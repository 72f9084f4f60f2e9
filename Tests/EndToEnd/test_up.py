"""`codex-remote up --demo` as a person runs it: the program's own bundle, relay, anchor, codex and model."""

import asyncio
import os
import re
import signal

import pytest

from support.browser import Chromium
from support.client import Client, expect
from support.processes import Process, eventually
from support.stack import free_port
from support.tools import codex, codex_remote, deno


class Up:
    """One home, in which `up --demo` is run again and again."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.origin = f"http://codex-remote.localhost:{self.port}"
        path = os.pathsep.join([os.path.dirname(codex()), os.path.dirname(deno()), os.environ["PATH"]])
        self.environment = {"CODEX_REMOTE_HOME": str(folder / "home"), "PATH": path, "NO_COLOR": "1",
                            "HOME": str(folder / "user"), "BROWSER": "true", "DISPLAY": ""}
        (folder / "user").mkdir(exist_ok=True)
        self.process: Process | None = None

    async def run(self, *options: str) -> Process:
        self.process = await Process.start(
            "up", codex_remote(), "up", "--demo", "--port", str(self.port), *options, folder=self.folder,
            env=self.environment)
        return self.process

    async def link(self, pattern: str) -> str:
        """The address that is printed once everything runs."""
        found = await self.process.line(lambda line: re.search(rf"^ *({re.escape(self.origin)}{pattern})$", line),
                                        "the link to open")
        return found[1]

    async def children(self) -> list[int]:
        """Every process below `up`."""
        output = await asyncio.create_subprocess_exec("ps", "-eo", "pid=,ppid=", stdout=asyncio.subprocess.PIPE)
        pairs = [tuple(map(int, line.split())) for line in (await output.communicate())[0].decode().splitlines()]
        found, parents = [], {self.process.pid}
        while parents:
            parents = {pid for pid, parent in pairs if parent in parents}
            found += sorted(parents)
        return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


@pytest.fixture(scope="module")
def up(run, folder):
    up = Up(folder)
    yield up
    if up.process:
        run(up.process.clean())


@pytest.fixture(scope="module")
def chromium(run, up):
    chromium = run(Chromium.start(up.origin))
    yield chromium
    run(chromium.clean())


@pytest.mark.limit(180)
async def test_claim_use_end_and_go_on(up, chromium):
    await up.run()
    link = await up.link(r"/#link=claim\.\S+")
    ada = Client(await chromium.tab(), up)
    await ada.open_link(link, "Ada")
    await up.process.line(lambda line: "Ada" in line, "who claimed")
    await ada.start("Show me around")
    card = ada.card("May I run greet.sh")
    await ada.decide(card, "Approve")
    await ada.is_done()
    written = list((up.folder / "home").rglob("greeting.txt"))
    assert len(written) == 1 and "from your machine" in written[0].read_text()
    assert not (up.folder / "user" / ".codex").exists(), "the demo never touches one's own codex"

    children = await up.children()
    assert len(children) >= 3
    assert await up.process.stop(signal.SIGINT) == 0
    await eventually(lambda: not any(map(alive, children)), "everything that was started has ended")

    # The next run goes on with the same account, machine and threads.
    await up.run()
    await up.link("")
    await ada.page.reload()
    await ada.is_connected()
    await ada.open("Show me around")
    await expect(ada.main.get_by_role("heading", name="Done")).to_be_visible()
    await up.process.stop(signal.SIGTERM)
    assert ada.tab.problems == []


@pytest.fixture
def fresh(run, tmp_path):
    """A home of its own for a run that is to fail."""
    up = Up(tmp_path)
    yield up
    if up.process:
        run(up.process.clean())


async def complains(up: Up, *words: str):
    """The run ends with one sentence that has these words in it."""
    process = await up.run()
    async with asyncio.timeout(30):
        assert await process.child.wait() == 1
    sentences = [line for line in process.lines if line.startswith("codex-remote: ")]
    assert len(sentences) == 1 and all(word in sentences[0] for word in words), process.lines


async def test_a_port_in_use_is_said(fresh):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", fresh.port)
    try:
        await complains(fresh, str(fresh.port))
    finally:
        server.close()


@pytest.mark.parametrize("missing", ["deno", "codex"])
async def test_a_missing_program_is_said(fresh, tmp_path, missing):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, path in (("deno", deno()), ("codex", codex())):
        if name != missing:
            (programs / name).symlink_to(path)
    fresh.environment["PATH"] = str(programs)
    await complains(fresh, missing)


async def test_an_unwritable_home_is_said(fresh, tmp_path):
    (tmp_path / "blocked").write_text("a file")
    fresh.environment["CODEX_REMOTE_HOME"] = str(tmp_path / "blocked" / "home")
    await complains(fresh, str(tmp_path / "blocked"))
