"""The anchor as a program of its own, signed in to a relay and pointed at a codex home."""

import json
import os
import signal
import subprocess
from pathlib import Path

from .p256 import Key
from .processes import Process, eventually
from .tools import codex, codex_remote

NAME = "workbench"


class Anchor:
    """`relay` is the pinned origin. Its app-server lives on when it is killed, as on a person's machine."""

    def __init__(self, folder: Path, workspace: Path, relay: str):
        self.folder = folder
        self.workspace = workspace
        self.relay = relay
        self.home = folder / "home"
        self.key = Key()
        self.process: Process | None = None

    @property
    def record(self) -> Path:
        """The folder of what it keeps about this relay."""
        return self.home / "relays" / self.relay.removeprefix("http://").replace(":", "_")

    @property
    def registration(self) -> dict:
        return {"name": NAME, "jwk": self.key.jwk}

    def sign_in(self, user: str, machine: str):
        """Keeps what a relay answered to the registration, as `up` does."""
        for folder in (self.home, self.home / "relays", self.record):
            folder.mkdir(mode=0o700, exist_ok=True)
        for name, data in (("key.der", self.key.pkcs8),
                           ("machine.json", json.dumps({"origin": self.relay, "user": user, "machine": machine,
                                                        "name": NAME}).encode())):
            (self.record / name).write_bytes(data)
            (self.record / name).chmod(0o600)

    @property
    def environment(self) -> dict:
        # Commands run in login shells: what a person's own profile does, and a kill leaves half done, is no matter here.
        return {"CODEX_REMOTE_HOME": str(self.home), "CODEX_HOME": str(self.folder / "codex"),
                "HOME": str(self.folder), "NO_COLOR": "1"}

    async def start(self) -> "Anchor":
        self.process = await Process.start(
            "anchor", codex_remote(), "anchor", "--relay", self.relay, "--codex", codex(),
            folder=self.folder, cwd=self.workspace, env=self.environment)
        return self

    async def kill(self):
        """kill -9: app-server lives on, and the next anchor adopts it."""
        await self.process.kill()

    @property
    def app_server(self) -> int | None:
        """The process id of its app-server."""
        try:
            return json.loads((self.record / "app-server.json").read_text())["process"]["pid"]
        except (OSError, KeyError, ValueError):
            return None

    async def kill_app_server(self):
        """kill -9 of codex; the anchor starts it again."""
        before = self.app_server
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: self.app_server not in (before, None), "app-server is started again")

    def memory(self) -> int:
        """Resident bytes of the anchor."""
        return 1024 * int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)]))

    async def clean(self):
        if self.process:
            await self.process.clean()
        if pid := self.app_server:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
