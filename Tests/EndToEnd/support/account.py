"""A person at the relay: HTTP with a cookie and a soft passkey."""

import asyncio
import http.client
import json
from urllib.parse import urlsplit

from .passkey import Passkey
from .processes import PATIENCE


class Answered(Exception):
    """The relay refused: `status` and the error's `code`."""

    def __init__(self, status: int, body: dict):
        error = body.get("error", {})
        super().__init__(f"{status} {error}")
        self.status = status
        self.code = error.get("code") if isinstance(error, dict) else error
        self.body = body


class Account:
    """One browser of one person. `port` is where to connect to, if not the origin's own."""

    def __init__(self, origin: str, port: int | None = None):
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.port = port or urlsplit(origin).port
        self.cookie: str | None = None
        self.passkey = Passkey(origin)
        self.user: dict = {}

    def raw(self, method: str, path: str, body: bytes | None, headers: dict) -> tuple[int, dict, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers={"Host": self.host, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _post(self, path: str, body: dict) -> dict:
        headers = {"Origin": self.origin, "Content-Type": "application/json"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        status, received, data = self.raw("POST", path, json.dumps(body).encode(), headers)
        answer = json.loads(data)
        if status != 200:
            raise Answered(status, answer)
        for name, value in received.items():
            if name.lower() == "set-cookie":
                self.cookie = value.split(";")[0]
        return answer

    async def post(self, path: str, **body) -> dict:
        return await asyncio.to_thread(self._post, path, body)

    async def use(self, link: str, name: str = "Ada") -> dict:
        """Opens a claim or an invite link: makes the account and its passkey."""
        secret = link.partition("#link=")[2] or link
        options = await self.post("/api/link/options", link=secret, name=name)
        answer = await self.post("/api/link/use", link=secret, ticket=options["ticket"], name=name, device="Tests",
                                 passkey=self.passkey.create(options["publicKey"]))
        self.user = answer["user"]
        return self.user

    async def sign_in(self) -> dict:
        options = await self.post("/api/signin/options")
        answer = await self.post("/api/signin", ticket=options["ticket"], device="Tests",
                                 assertion=self.passkey.get(options["publicKey"]))
        self.user = answer["user"]
        return self.user

    async def machines(self) -> list[dict]:
        return (await self.post("/api/me"))["machines"]

    async def invite(self) -> str:
        return (await self.post("/api/invites/create"))["link"]

    def another(self, port: int | None = None) -> "Account":
        """A further browser of the same person, with the same passkey and no sign-in yet."""
        other = Account(self.origin, port or self.port)
        other.passkey = self.passkey
        return other
