"""A connection to app-server's own socket, past anchor and relay: the floor, and a witness."""

import asyncio
import json
import time

from websockets.asyncio.client import unix_connect
from websockets.exceptions import ConnectionClosed

from .codex import Codex


class Direct(Codex):
    def __init__(self, socket):
        super().__init__()
        self.socket = socket
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, path: str) -> "Direct":
        self = cls(await unix_connect(path, uri="ws://localhost/", max_size=None, compression=None,
                                      ping_interval=None))
        await self.initialize()
        return self

    async def _read(self):
        try:
            while True:
                text = await self.socket.recv()
                self.watch(text, time.perf_counter())
                await self.arrived(json.loads(text))
        except ConnectionClosed:
            pass

    async def send(self, message: dict):
        await self.socket.send(json.dumps(message))

    async def clean(self):
        await self.socket.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
