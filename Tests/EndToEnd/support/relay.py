"""The relay alone with its owner's claim link: for what needs no codex."""

import json
from pathlib import Path

from .account import Account
from .orbit import Orbit
from .p256 import Key
from .ports import free_port


class Relay:
    def __init__(self, orbit: Orbit, link: str):
        self.orbit = orbit
        self.link = link

    @classmethod
    async def start(cls, folder: Path, machine: str | None = "workbench") -> "Relay":
        """`machine` is the name of one that is registered with the claim; it never connects."""
        port = free_port()
        orbit = await Orbit(folder / "relay", port, port).start()
        registration = {"name": machine, "jwk": Key().jwk} if machine else None
        return cls(orbit, orbit.claim(registration)[0])

    @property
    def origin(self) -> str:
        return self.orbit.origin

    @property
    def port(self) -> int:
        return self.orbit.port

    def device_code(self, machine: str) -> str:
        """The user code of a machine that asks to be approved."""
        body = json.dumps({"name": machine, "jwk": Key().jwk}).encode()
        _, _, answer = Account(self.origin).raw("POST", "/device/code", body, {"Content-Type": "application/json"})
        return json.loads(answer)["user_code"]

    async def clean(self):
        await self.orbit.clean()


__all__ = ["Relay"]
