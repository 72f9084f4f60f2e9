"""What every connection to codex can do, whatever it goes through."""

import asyncio
import json
from collections.abc import Callable

from .processes import PATIENCE


class Refused(Exception):
    """A JSON-RPC error of codex or of the anchor."""

    @property
    def code(self) -> int:
        return self.args[0]["code"]


class Codex:
    """JSON-RPC and codex's methods. A subclass gives `send` and calls `arrived` with each message."""

    def __init__(self):
        self.messages: list[dict] = []  # everything that arrived, in order
        # Called with each text from the socket and when it was read (time.perf_counter): for measurements.
        self.watch: Callable[[str, float], None] = lambda text, at: None
        self._next = 0
        self._news = asyncio.Condition()
        self._waiting: dict[int | str, asyncio.Future] = {}

    async def send(self, message: dict):
        raise NotImplementedError

    async def arrived(self, message: dict):
        if "method" not in message and message.get("id") in self._waiting:
            future = self._waiting.pop(message["id"])
            if not future.done():
                future.set_result(message)
        async with self._news:
            self.messages.append(message)
            self._news.notify_all()

    def fail(self, error: Exception):
        """Nothing that was asked will be answered."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
        self._waiting.clear()

    async def ask(self, method: str, **params) -> asyncio.Future:
        """Sends a request; the future gives the whole answer."""
        self._next += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._next] = future
        await self.send({"id": self._next, "method": method, "params": params})
        return future

    async def request(self, method: str, **params) -> dict:
        asked = await self.ask(method, **params)
        async with asyncio.timeout(PATIENCE):
            answer = await asked
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    async def wait(self, wanted, what: str = "a message", after: int = 0, timeout: float = PATIENCE) -> dict:
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
        try:
            async with asyncio.timeout(timeout):
                return await search()
        except TimeoutError:
            tail = "\n".join(json.dumps(m)[:200] for m in self.messages[-8:])
            raise AssertionError(f"did not arrive within {timeout:.0f} s: {what}; {self}; last:\n{tail}") from None

    async def initialize(self):
        await self.request("initialize", clientInfo={"name": "tests", "title": None, "version": "1"},
                           capabilities={"experimentalApi": True})
        await self.send({"method": "initialized"})

    # What arrived so far.

    def of(self, method: str, turn: str | None = None) -> list[dict]:
        """The parameters of the notifications of this method, in order."""
        return [m["params"] for m in self.messages if m.get("method") == method
                and (turn is None or m["params"].get("turnId") == turn)]

    def items(self, turn: str, kind: str) -> list[dict]:
        return [p["item"] for p in self.of("item/completed", turn) if p["item"]["type"] == kind]

    def streamed(self, turn: str) -> str:
        return "".join(p["delta"] for p in self.of("item/agentMessage/delta", turn))

    # Threads and turns.

    async def start_thread(self, cwd, **params) -> str:
        return (await self.request("thread/start", cwd=str(cwd), **params))["thread"]["id"]

    async def start_turn(self, thread: str, text: str, **params) -> str:
        answer = await self.request("turn/start", threadId=thread, input=[{"type": "text", "text": text}], **params)
        return answer["turn"]["id"]

    async def ended(self, turn: str, timeout: float = PATIENCE) -> dict:
        done = await self.wait(lambda m: m.get("method") == "turn/completed" and m["params"]["turn"]["id"] == turn,
                               f"the end of turn {turn}", timeout=timeout)
        return done["params"]["turn"]

    async def asked(self, turn: str, after: int = 0, but: tuple = ()) -> dict:
        """A request of the server in this turn; not one whose id is in `but`."""
        return await self.wait(lambda m: "method" in m and "id" in m and m["id"] not in but
                               and m["params"].get("turnId") == turn, f"a request of turn {turn}", after)
