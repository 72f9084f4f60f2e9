"""A page without a browser: the relay's frames and the session layer, over a real WebSocket."""

import asyncio
import contextlib
import json
import random
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from .account import Account
from .codex import Codex
from .processes import PATIENCE
from .session import Broken, Session

FRAME = 61_440  # bytes
SILENCE = 15.0  # seconds until a hop counts as dead
ACK_BYTES, ACK_DELAY = 32_768, 0.05


class Lost(Exception):
    """The session was reset before the answer came."""


class Page(Codex):
    def __init__(self, account: Account, machine: str | None = None, port: int | None = None, seed: int = 1,
                 silence: float = SILENCE):
        super().__init__()
        self.account = account
        self.port = port or account.port
        self.machine = machine
        self.random = random.Random(seed)
        self.silence = silence
        self.session = Session()
        self.incarnation: str | None = None
        self.hello: dict = {}
        self.machines: list[dict] = []
        self.resets: list[str] = []  # why each session that was open ended
        self.frames = 0
        self.dials = 0
        self.errors: list[dict] = []
        self.close_code: int | None = None
        self.duplicates = 0
        self.reading = asyncio.Event()  # cleared: the page stops reading, as one that is frozen
        self.reading.set()
        self.opened = asyncio.Event()
        self._socket = None
        self._connection: str | None = None
        self._attached = False  # this socket's `open` was accepted: the session may speak on it
        self._unacked = 0
        self._ack_due: asyncio.TimerHandle | None = None
        self._task: asyncio.Task | None = None
        self._ended = False

    def __str__(self):
        return f"resets {self.resets}, dials {self.dials}, received {self.session.received}, errors {self.errors}"

    async def start(self) -> "Page":
        await self.dial()
        await self.initialize()
        return self

    async def dial(self) -> "Page":
        """Connects and opens a session, without a word to codex."""
        self._task = asyncio.create_task(self._run())
        opened = asyncio.create_task(self.opened.wait())
        await asyncio.wait([opened, self._task], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        if self._task.done():
            self._task.result()
        assert self.opened.is_set(), f"no session was opened: {self}"
        return self

    # The link.

    async def _run(self):
        pause = 0.05
        while not self._ended:
            self.dials += 1
            try:
                async with connect(
                    f"ws://{self.account.host}/socket?protocol=1", host="127.0.0.1", port=self.port, proxy=None,
                    origin=self.account.origin, additional_headers={"Cookie": self.account.cookie or ""},
                    compression=None, ping_interval=None, max_size=1 << 20, open_timeout=SILENCE, close_timeout=1,
                ) as socket:
                    self._socket, self._attached = socket, False
                    pause = 0.05
                    await self._serve(socket)
            except InvalidStatus as error:
                if error.response.status_code in (401, 403):
                    self._ended = True
            except ConnectionClosed as error:
                self.close_code = error.rcvd.code if error.rcvd else None
                if self.close_code in (4001, 4002):
                    self._ended = True
            except (OSError, TimeoutError, EOFError, InvalidHandshake):
                pass
            finally:
                self._socket = None
            if not self._ended:
                await asyncio.sleep(pause * (0.5 + self.random.random()))
                pause = min(pause * 2, 1.0)

    async def _serve(self, socket):
        async def ping():
            while True:
                await asyncio.sleep(min(5, self.silence / 3))
                await socket.send("ping")
        pinging = asyncio.create_task(ping())
        try:
            while True:
                await self.reading.wait()
                async with asyncio.timeout(self.silence):
                    text = await socket.recv()
                self.watch(text, time.perf_counter())
                if text != "pong":
                    head, _, payload = text.partition("\n")
                    await self._frame(json.loads(head), payload)
        finally:
            pinging.cancel()

    async def _frame(self, header: dict, payload: str):
        self.frames += 1
        kind = header["type"]
        if kind == "hello":
            self.hello = header
            self.machines = header["machines"]
            if self.machine is None and self.machines:
                self.machine = self.machines[0]["id"]
            self._connection = self._connection_of(self.machine)
            await self._open()
        elif kind == "presence":
            self.machines = header["machines"]
            before, self._connection = self._connection, self._connection_of(self.machine)
            if self._connection and self._connection != before:
                await self._open()
        elif kind == "data":
            if header.get("from") != self.machine or header.get("role") != "anchor":
                raise Broken(f"a frame from someone else: {header}")
            head, _, body = payload.partition("\n")
            await self._session(json.loads(head), body.split("\n"))
        elif kind == "error":
            self.errors.append(header)

    def _connection_of(self, machine: str | None) -> str | None:
        return next((m["connection"] for m in self.machines if m["id"] == machine and m["online"]), None)

    async def transmit(self, header: dict, *lines: str):
        """A frame to the machine, if the link is up; lost otherwise."""
        if self._socket is None or self.machine is None:
            return
        if not self._attached and header["type"] != "open":
            return  # another connection than the one of the last `open` may not speak
        frame = "\n".join([json.dumps({"type": "data", "to": self.machine}),
                           json.dumps({"session": self.session.id, **header}), *lines])
        assert len(frame.encode()) <= FRAME
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(frame)

    # The session.

    async def _open(self):
        self._attached = False
        resume = {"resume": True, "received": self.session.received} if self.session.opened else {}
        await self.transmit({"type": "open", "protocol": 1, **resume})

    async def _session(self, header: dict, lines: list[str]):
        session = self.session
        if header["session"] != session.id:
            return  # of a session that is dead already
        kind = header["type"]
        if kind == "opened" and "reset" not in header:
            self.incarnation = header["incarnation"]
            session.opened = self._attached = True
            session.acknowledge(header.get("received", 0))
            await self._send_again()
            self.opened.set()
            return
        if kind in ("opened", "close"):
            await self._reset(header.get("reset") or header["reason"])
            return
        session.acknowledge(header.get("ack", 0))
        if kind == "message":
            before = session.duplicates
            for text in session.take(header, lines):
                await self.arrived(json.loads(text))
            self.duplicates += session.duplicates - before
            self._unacked += sum(map(len, lines))
            await self._acknowledge()
        if header.get("gap"):
            await self._send_again()
        if session.missing(header.get("seq", 0)):
            await self.transmit({"type": "ack", "gap": True, **session.position()})
        if kind == "ping":
            await self.transmit({"type": "pong", "n": header["n"], **session.position()})

    async def _acknowledge(self):
        if self._unacked >= ACK_BYTES:
            await self._ack()
        elif self._ack_due is None:
            self._ack_due = asyncio.get_running_loop().call_later(
                ACK_DELAY, lambda: asyncio.ensure_future(self._ack()))

    async def _ack(self):
        if self._ack_due:
            self._ack_due.cancel()
            self._ack_due = None
        self._unacked = 0
        await self.transmit({"type": "ack", **self.session.position()})

    async def _send_again(self):
        for header, line in self.session.unacknowledged():
            await self.transmit(header, line)

    async def _reset(self, reason: str):
        if self.session.opened:
            self.resets.append(reason)
        self.session = Session()
        self.opened.clear()
        self.fail(Lost(reason))
        if reason == "app-server-down":
            await asyncio.sleep(0.1)  # it is being started
        if reason != "revoked":
            await self._open()

    # JSON-RPC.

    async def send(self, message: dict):
        """Gives a message to the session: it is sent now, or when the link is back."""
        for header, line in self.session.queue(json.dumps(message)):
            if self.session.opened:
                await self.transmit(header, line)

    async def answer(self, request: dict, result: dict, **other) -> dict:
        """Answers a request of the server; `other` replaces parts of what names it."""
        params = request["params"]
        named = {"incarnation": self.incarnation, "requestId": request["id"], "threadId": params.get("threadId"),
                 "turnId": params.get("turnId"), "itemId": params.get("itemId")}
        return await self.request("anchor/answer", **{**named, **other}, result=result)

    async def decide(self, request: dict, decision) -> dict:
        return await self.answer(request, {"decision": decision})

    async def stop(self):
        """Closes the session and the link, as a page that is closed."""
        if self.session.opened:
            await self.transmit({"type": "close", "reason": "left", "message": "The page was closed."})
        await self.clean()

    async def clean(self):
        self._ended = True
        if self._ack_due:
            self._ack_due.cancel()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
