"""Child processes of the tests: their output is kept, and none outlives its test."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

# How long anything that must happen may take before the test fails; generous, since machines are shared.
PATIENCE = 120.0


async def eventually(condition, what: str, timeout: float = PATIENCE, every: float = 0.02):
    """Awaits until `condition` (plain or async) gives something true, and returns it."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"did not happen within {timeout:.0f} s: {what}")
        await asyncio.sleep(every)


class Process:
    """A child in a process group of its own. Its output goes to `log` and is searched line by line."""

    def __init__(self, child: asyncio.subprocess.Process, name: str, log: Path):
        self.child = child
        self.name = name
        self.log = log
        self.lines: list[str] = []
        self._news = asyncio.Condition()
        self._readers = [
            asyncio.create_task(self._read(stream)) for stream in (child.stdout, child.stderr) if stream
        ]

    @classmethod
    async def start(cls, name: str, *command, folder: Path, cwd: Path | None = None, env: dict | None = None):
        folder.mkdir(parents=True, exist_ok=True)
        child = await asyncio.create_subprocess_exec(
            *map(str, command), cwd=cwd, env={**os.environ, **(env or {})}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
            limit=1 << 24)
        return cls(child, name, folder / f"{name}.log")

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def running(self) -> bool:
        return self.child.returncode is None

    async def _read(self, stream: asyncio.StreamReader):
        with self.log.open("a", encoding="utf8") as log:
            while line := await stream.readline():
                text = line.decode(errors="replace").rstrip("\n")
                log.write(text + "\n")
                log.flush()
                async with self._news:
                    self.lines.append(text)
                    self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def line(self, wanted: Callable[[str], object], what: str, timeout: float = PATIENCE):
        """The first true answer of `wanted` for a line of the output, old or new."""
        async def search():
            seen = 0
            async with self._news:
                while True:
                    for text in self.lines[seen:]:
                        if found := wanted(text):
                            return found
                    seen = len(self.lines)
                    if all(reader.done() for reader in self._readers):
                        raise AssertionError(f"{self.name} ended without {what}:\n" + "\n".join(self.lines[-20:]))
                    await self._news.wait()
        try:
            async with asyncio.timeout(timeout):
                return await search()
        except TimeoutError:
            raise AssertionError(f"{self.name} did not print {what}:\n" + "\n".join(self.lines[-20:])) from None

    async def stop(self, sig: int = signal.SIGTERM, timeout: float = 60.0) -> int:
        """Ends the child with `sig`, and with SIGKILL if it does not end in time. Returns its status."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)
        try:
            async with asyncio.timeout(timeout):
                status = await self.child.wait()
        except TimeoutError:
            self.kill_group()
            raise AssertionError(f"{self.name} did not end on signal {sig}") from None
        return status

    async def kill(self):
        """kill -9, as a crash would end it: its own children live on."""
        await self.stop(signal.SIGKILL)

    def kill_group(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def clean(self):
        """The end of the test: nothing of the group is left."""
        self.kill_group()
        await self.child.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
