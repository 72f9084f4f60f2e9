"""codex app-server on stdio: the shortest way to the real thing, for what needs no link."""

import asyncio
import json
import os
from pathlib import Path

from .codex import Codex
from .tools import codex


class StdioCodex(Codex):
    def __init__(self, child: asyncio.subprocess.Process):
        super().__init__()
        self.child = child
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, home: Path, cwd: Path) -> "StdioCodex":
        child = await asyncio.create_subprocess_exec(
            codex(), "app-server", cwd=cwd, env={**os.environ, "CODEX_HOME": str(home), "HOME": str(home)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=1 << 26)
        self = cls(child)
        await self.initialize()
        return self

    async def _read(self):
        while line := await self.child.stdout.readline():
            await self.arrived(json.loads(line))

    async def send(self, message: dict):
        self.child.stdin.write(json.dumps(message).encode() + b"\n")

    async def answer(self, request: dict, result: dict):
        await self.send({"id": request["id"], "result": result})

    async def clean(self):
        self.child.kill()
        await self.child.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
