"""A passkey in software: what a browser and its authenticator send."""

import base64
import hashlib
import json
import secrets
from urllib.parse import urlsplit

from .p256 import Key

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Passkey:
    def __init__(self, origin: str):
        self.origin = origin
        self.rp = urlsplit(origin).hostname
        self.id = secrets.token_bytes(16)
        self.key = Key()
        self.user: str | None = None
        self.count = 0

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin,
                           "crossOrigin": False}).encode()

    def _authenticator_data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def create(self, options: dict) -> dict:
        self.user = options["user"]["id"]
        data = self._authenticator_data(USER_PRESENT | USER_VERIFIED | ATTESTED)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.key.cose
        return {"id": encode(self.id), "clientDataJSON": encode(self._client_data("webauthn.create", options["challenge"])),
                "authenticatorData": encode(data), "publicKey": encode(self.key.spki), "algorithm": -7,
                "transports": ["internal"]}

    def get(self, options: dict) -> dict:
        client = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(USER_PRESENT | USER_VERIFIED)
        signature = self.key.sign_der(data + hashlib.sha256(client).digest())
        return {"id": encode(self.id), "userHandle": self.user, "clientDataJSON": encode(client),
                "authenticatorData": encode(data), "signature": encode(signature)}
