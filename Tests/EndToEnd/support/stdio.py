"""codex app-server on stdio: the shortest way to the real thing, for what needs no link."""

import asyncio
import json
import os
from pathlib import Path

from .processes import PATIENCE
from .tools import codex


class Refused(Exception):
    """A JSON-RPC error."""


class StdioCodex:
    def __init__(self, child: asyncio.subprocess.Process):
        self.child = child
        self.messages: list[dict] = []
        self._next = 0
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, home: Path, cwd: Path) -> "StdioCodex":
        child = await asyncio.create_subprocess_exec(
            codex(), "app-server", cwd=cwd, env={**os.environ, "CODEX_HOME": str(home)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=1 << 26)
        self = cls(child)
        await self.request("initialize", clientInfo={"name": "tests", "version": "1"},
                           capabilities={"experimentalApi": True})
        self.send({"method": "initialized"})
        return self

    async def _read(self):
        while line := await self.child.stdout.readline():
            async with self._news:
                self.messages.append(json.loads(line))
                self._news.notify_all()

    def send(self, message: dict):
        self.child.stdin.write(json.dumps(message).encode() + b"\n")

    async def request(self, method: str, **params) -> dict:
        self._next += 1
        number = self._next
        self.send({"id": number, "method": method, "params": params})
        answer = await self.wait(lambda m: m.get("id") == number and "method" not in m)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def wait(self, wanted, after: int = 0) -> dict:
        """The first message since `after` (a count of messages) that is wanted, old or new."""
        async def search():
            seen = after
            async with self._news:
                while True:
                    for message in self.messages[seen:]:
                        if wanted(message):
                            return message
                    seen = len(self.messages)
                    await self._news.wait()
        return await asyncio.wait_for(search(), PATIENCE)

    def of(self, method: str) -> list[dict]:
        return [m["params"] for m in self.messages if m.get("method") == method]

    async def turn(self, thread: str, text: str) -> str:
        answer = await self.request("turn/start", threadId=thread, input=[{"type": "text", "text": text}])
        return answer["turn"]["id"]

    async def ended(self, turn: str) -> dict:
        done = await self.wait(lambda m: m.get("method") == "turn/completed" and m["params"]["turn"]["id"] == turn)
        return done["params"]["turn"]

    async def clean(self):
        self.child.kill()
        await self.child.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
