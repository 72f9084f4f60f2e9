"""What the anchor costs: its start, and its memory with idle sessions."""

import asyncio
import contextlib
import json
import re
import signal
import time
from pathlib import Path

from results import Result, of
from place import stack
from support.processes import Process
from support.tools import codex_remote

ROUNDS, SESSIONS, MORE = 5, 3, 12
READY, RESIDENT, ANONYMOUS, EACH = 30.0, 20.0, 4.0, 256.0  # ms, MB, MB, KB: the limits


def memory(pid: int, field: str) -> float:
    """Bytes of a field of /proc/PID/smaps_rollup."""
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


async def footprint() -> list[Result]:
    ready, resident, anonymous, each = [], [], [], []
    async with stack() as whole:
        socket = json.loads((whole.anchor.record / "app-server.json").read_text())["socket"]
        # The anchor alone: app-server runs on, and those that follow find it there.
        await whole.anchor.process.stop(signal.SIGTERM)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            process = await Process.start(
                "anchor", codex_remote(), "anchor", "--relay", whole.origin, "--attach", socket,
                folder=whole.folder, cwd=whole.workspace, env=whole.anchor.environment)
            try:
                await process.line(lambda line: line.startswith("Connected"), "that it is connected")
                ready.append((time.perf_counter() - start) * 1000)
                async with contextlib.AsyncExitStack() as pages:
                    for _ in range(SESSIONS):
                        await pages.enter_async_context(whole.page())
                    await asyncio.sleep(0.5)  # what opening them left behind is acknowledged and freed
                    resident.append(memory(process.pid, "Rss") / 1e6)
                    before = memory(process.pid, "Anonymous")
                    anonymous.append(before / 1e6)
                    for _ in range(MORE):
                        await pages.enter_async_context(whole.page())
                    await asyncio.sleep(0.5)
                    each.append(max(0, memory(process.pid, "Anonymous") - before) / MORE / 1e3)
                await process.stop(signal.SIGTERM)
            finally:
                await process.clean()
    return [of("anchor-ready", "ms", ready, READY), of("anchor-idle-rss", "MB", resident, RESIDENT),
            of("anchor-idle-anonymous", "MB", anonymous, ANONYMOUS), of("anchor-per-session", "KB", each, EACH)]
