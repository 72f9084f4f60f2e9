"""A TCP proxy that breaks connections as networks do.

Every fault can be given to one connection, or to all that are open; it may come at once, or after so many bytes have
passed in one direction, which puts it at any place inside a message.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from random import Random

UP, DOWN = "up", "down"  # from the client to the server, and back


class Pipe:
    """One direction of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader = reader
        self.writer = writer
        self.passed = 0
        self.lost = 0
        self.blackhole = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        # Called once `passed` reaches the number.
        self.at: tuple[int, Callable[[], None]] | None = None

    async def run(self):
        while data := await self.reader.read(65_536):
            while data:
                await self.flowing.wait()
                part = data
                if self.at and self.passed + len(data) >= self.at[0]:
                    part = data[: max(0, self.at[0] - self.passed)]
                data = data[len(part):]
                self.passed += len(part)
                if self.blackhole:
                    self.lost += len(part)
                else:
                    self.writer.write(part)
                    await self.writer.drain()
                if self.at and self.passed >= self.at[0]:
                    call, self.at = self.at[1], None
                    call()
        if not self.blackhole and self.writer.can_write_eof():
            self.writer.write_eof()


class Connection:
    def __init__(self, up: Pipe, down: Pipe):
        self.pipes = {UP: up, DOWN: down}
        self.open = True
        self.task: asyncio.Task | None = None

    def after(self, direction: str, count: int, call: Callable[[], None]):
        """Calls once `count` more bytes have passed in this direction."""
        pipe = self.pipes[direction]
        pipe.at = (pipe.passed + count, call)

    def cut(self, reset: bool = True):
        """Ends both sides, as a crash (reset) or an orderly close without a word of the protocol."""
        self.open = False
        for pipe in self.pipes.values():
            pipe.flowing.set()
            if reset:
                with contextlib.suppress(OSError):
                    raw = pipe.writer.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                pipe.writer.transport.abort()
            else:
                pipe.writer.close()
        if self.task:
            self.task.cancel()

    def blackhole(self, *directions: str):
        """Half-open: bytes vanish, nothing closes. Both directions if none is named."""
        for direction in directions or (UP, DOWN):
            self.pipes[direction].blackhole = True
            self.pipes[direction].flowing.set()

    def stall(self, *directions: str):
        """The receiver stops reading: bytes wait in the sockets' buffers, then the sender must wait."""
        for direction in directions or (UP, DOWN):
            self.pipes[direction].flowing.clear()


class Proxy:
    """Listens on 127.0.0.1 and passes on to `target`, a port there."""

    def __init__(self, target: int):
        self.target = target
        self.port = 0
        self.refusing = False
        self.accepted = 0
        self.connections: list[Connection] = []
        # Called with each new connection, to plan its fault.
        self.plan: Callable[[Connection], None] = lambda connection: None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self, port: int = 0) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def open(self) -> list[Connection]:
        return [connection for connection in self.connections if connection.open]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(Pipe(reader, far_writer), Pipe(far_reader, writer))
        connection.task = task
        self.accepted += 1
        self.connections.append(connection)
        self.plan(connection)
        try:
            # An end of one direction is passed on; an error of either ends both.
            await asyncio.gather(*(pipe.run() for pipe in connection.pipes.values()))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            connection.open = False
            for pipe in connection.pipes.values():
                if not pipe.blackhole:
                    pipe.writer.close()

    def cut(self, reset: bool = True):
        for connection in self.open:
            connection.cut(reset)

    @contextlib.contextmanager
    def down(self):
        """Cuts what is open and refuses what comes, until the end of the block."""
        self.refusing = True
        self.cut()
        try:
            yield
        finally:
            self.refusing = False

    async def clean(self):
        if self._server:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Breaker:
    """Breaks the connections of one proxy again and again, each at a random byte, `enough` times in all."""

    def __init__(self, proxy: Proxy, random: Random, least: int, most: int, half_open: float = 0.05,
                 enough: int | None = None):
        self.random = random
        self.enough = enough
        self.least, self.most, self.half_open = least, most, half_open
        self.active = True
        self.cuts = 0
        proxy.plan = self.plan

    def plan(self, connection: Connection):
        direction = DOWN if self.random.random() < 0.85 else UP
        count = self.random.randint(self.least, self.most)
        connection.after(direction, count if direction == DOWN else count // 16, lambda: self.break_(connection))

    def break_(self, connection: Connection):
        if not self.active or self.cuts == self.enough:
            return
        self.cuts += 1
        kind = self.random.random()
        if kind < self.half_open:
            connection.blackhole()
        else:
            # Not from within the pipe that is just writing.
            asyncio.get_running_loop().call_soon(connection.cut, kind < 0.6)
