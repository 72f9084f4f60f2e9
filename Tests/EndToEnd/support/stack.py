"""Everything that a person has, in parts: relay, anchor, codex, model; with a place to break each link.

    browsers ──▶ `browsers` proxy ──▶ relay (Orbit on Deno) ◀── `anchors` proxy ◀── anchor ──▶ codex app-server ──▶ model
"""

import contextlib
from pathlib import Path

from .account import Account
from .anchor import Anchor
from .model import Model
from .orbit import Orbit
from .page import Page
from .ports import free_port
from .processes import eventually
from .proxy import Proxy


class Stack:
    def __init__(self, folder: Path, workspace: Path, model: Model):
        self.folder = folder
        self.workspace = workspace
        self.model = model
        self.orbit: Orbit
        self.anchor: Anchor
        self.account: Account
        self.link: str
        self.browsers: Proxy
        self.anchors: Proxy

    @classmethod
    async def start(cls, folder: Path, workspace: Path, model: Model, claimed: bool = True) -> "Stack":
        self = cls(folder, workspace, model)
        try:
            await self._start(claimed)
        except BaseException:
            await self.clean()
            raise
        return self

    async def _start(self, claimed: bool):
        self.model.configure(self.folder / "codex")
        # The relay's origin has the port of the anchor's proxy; what a browser dials is mapped to the other one.
        port = free_port()
        self.orbit = Orbit(self.folder / "relay", port, free_port())
        await self.orbit.start()
        self.anchors = await Proxy(self.orbit.port).start(port)
        self.browsers = await Proxy(self.orbit.port).start()
        self.account = Account(self.orbit.origin, self.browsers.port)
        self.anchor = Anchor(self.folder, self.workspace, self.orbit.origin)
        self.link, said = self.orbit.claim(self.anchor.registration)
        self.anchor.sign_in(said["user"], said["machine"])
        await self.anchor.start()
        if claimed:
            await self.account.use(self.link)
            await self.online()

    async def online(self):
        """Awaits that the relay sees the machine."""
        async def online():
            return any(machine["online"] for machine in await self.account.machines())
        await eventually(online, "the machine is online")

    @property
    def origin(self) -> str:
        return self.orbit.origin

    @property
    def port(self) -> int:
        """The relay's own port, without a proxy."""
        return self.orbit.port

    @contextlib.asynccontextmanager
    async def page(self, account: Account | None = None):
        """A further page of the same sign-in, closed at the end."""
        page = await Page(account or self.account).start()
        try:
            yield page
        finally:
            await page.stop()

    def guest(self) -> Account:
        """A browser of somebody else."""
        return Account(self.origin, self.browsers.port)

    async def clean(self):
        for part in ("anchor", "browsers", "anchors", "orbit"):
            if part := getattr(self, part, None):
                await part.clean()
