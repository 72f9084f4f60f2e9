"""The anchor's own share: unix socket in to TCP out, against a blocking relay in C, pair by pair in turn."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from results import Result, median, of
from support.anchor import Anchor
from support.processes import Process
from support.stack import free_port
from support.tools import codex_remote

HERE = Path(__file__).parent
PAIRS, COUNT, SIZE, GAP = 3, 1500, 300, 500  # messages, bytes, us between two


async def _compile(folder: Path) -> dict[str, Path]:
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not compiler:
        raise RuntimeError("there is no C compiler (cc, clang or gcc) to build the floor with")
    made = {}
    for name in ("pipe", "crelay", "ends"):
        made[name] = folder / name
        child = await asyncio.create_subprocess_exec(
            compiler, "-O2", "-o", made[name], HERE / f"{name}.c", "-lcrypto",
            stderr=asyncio.subprocess.PIPE)
        said = (await child.communicate())[1]
        if child.returncode:
            raise RuntimeError(f"{name}.c does not compile: {said.decode()[:300]}")
    return made


async def _floor(programs: dict[str, Path], folder: Path) -> dict:
    port = free_port()
    ends = await Process.start("pipe", programs["pipe"], folder / "s", port, "latency", COUNT, SIZE, GAP, folder=folder)
    return await _carried(ends, folder, programs["crelay"], folder / "s", port)


async def _anchor(programs: dict[str, Path], folder: Path) -> dict:
    port = free_port()
    anchor = Anchor(folder, folder, f"http://codex-remote.localhost:{port}")
    anchor.sign_in("u_bench", "m_1")
    ends = await Process.start("ends", programs["ends"], folder / "s", port, COUNT, SIZE, GAP, folder=folder)
    return await _carried(ends, folder, codex_remote(), "anchor", "--relay", anchor.relay, "--attach", folder / "s",
                          env=anchor.environment)


async def _carried(ends: Process, folder: Path, *command, env: dict | None = None) -> dict:
    while not (folder / "s").exists() and ends.running:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)  # it listens on the port right after the socket
    carrier = await Process.start("carrier", *command, folder=folder, cwd=folder, env=env)
    try:
        return json.loads(await ends.line(lambda line: line.startswith("{") and line, "its figures", timeout=20))
    except AssertionError as error:
        raise RuntimeError(f"{error}\n{chr(10).join(carrier.lines[-3:])}") from None
    finally:
        await carrier.clean()
        await ends.clean()
        (folder / "s").unlink(missing_ok=True)


async def anchor_pipe() -> list[Result]:
    folder = Path(tempfile.mkdtemp(prefix="cr-bench-", dir="/var/tmp")).resolve()
    try:
        programs = await _compile(folder)
        floor, own = [], []
        for _ in range(PAIRS):
            floor.append((await _floor(programs, folder))["p50"])
            own.append((await _anchor(programs, folder))["p50"])
        return [of("anchor-pipe-p50", "us", own, median(floor))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
