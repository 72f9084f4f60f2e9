"""`codex-remote up` as a program of its own, and what it started."""

import contextlib
import json
import os
from pathlib import Path

from .processes import Process
from .tools import codex, codex_remote, deno


class Up:
    """One home in `folder`. Each `start` is a run of its own, one after another."""

    def __init__(self, folder: Path, port: int, *options: str, demo: bool = True):
        self.folder = folder
        self.port = port
        self.options = ("--demo", *options) if demo else options
        self.home = folder / "home"
        self.state = self.home / "demo" if demo else self.home
        self.person = folder / "person"
        self.person.mkdir(parents=True, exist_ok=True)
        self.process: Process | None = None

    @property
    def origin(self) -> str:
        return f"http://codex-remote.localhost:{self.port}"

    @property
    def environment(self) -> dict:
        return {"CODEX_REMOTE_HOME": str(self.home), "HOME": str(self.person), "CODEX_HOME": "", "DENO": deno()}

    async def run(self, *options: str, **environment: str) -> Process:
        return await Process.start(
            "up", codex_remote(), "up", "--port", self.port, "--no-open", "--codex", codex(), *self.options, *options,
            folder=self.folder, cwd=self.folder, env={**self.environment, **environment})

    async def start(self, **environment: str) -> str:
        """Starts it and awaits the link that it prints."""
        self.process = await self.run(**environment)
        return await self.process.line(lambda line: line.startswith("http") and line, "the link")

    async def says(self, words: str) -> str:
        return await self.process.line(lambda line: words in line and line, words)

    @property
    def children(self) -> dict[str, int]:
        """The process ids of what runs, by name."""
        records = {"relay": self.state / "relay/process.json", "model": self.state / "model/process.json"}
        found = {}
        # A record may go at any moment, with what it tells of.
        for name, record in records.items():
            with contextlib.suppress(FileNotFoundError):
                if pid := json.loads(record.read_text())["pid"]:
                    found[name] = pid
        for record in self.state.glob("relays/*/app-server.json"):
            with contextlib.suppress(FileNotFoundError):
                found["app-server"] = json.loads(record.read_text())["process"]["pid"]
        return {name: pid for name, pid in found.items() if runs(pid)}

    async def clean(self):
        children = self.children
        if self.process:
            await self.process.clean()
        for pid in {**children, **self.children}.values():
            try:
                os.killpg(pid, 9)
            except ProcessLookupError:
                pass


def runs(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
