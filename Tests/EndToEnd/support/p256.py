"""ECDSA over P-256 in plain Python, for soft passkeys and forged tokens. Slow and not constant-time: tests only."""

import base64
import hashlib
import secrets

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _multiply(k: int, point):
    result = None
    while k:
        if k & 1:
            result = _add(result, point)
        point = _add(point, point)
        k >>= 1
    return result


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self):
        self.secret = 1 + secrets.randbelow(N - 1)
        self.x, self.y = (n.to_bytes(32, "big") for n in _multiply(self.secret, G))

    @property
    def spki(self) -> bytes:
        return bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + self.x + self.y

    @property
    def pkcs8(self) -> bytes:
        public = b"\xa1\x44\x03\x42\x00\x04" + self.x + self.y
        return (bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420")
                + self.secret.to_bytes(32, "big") + public)

    @property
    def jwk(self) -> dict:
        return {"kty": "EC", "crv": "P-256", "x": _encode(self.x), "y": _encode(self.y)}

    @property
    def cose(self) -> bytes:
        """The key in the form of RFC 9053, inside authenticator data."""
        return bytes.fromhex("a5010203262001215820") + self.x + bytes.fromhex("225820") + self.y

    def sign(self, message: bytes) -> tuple[int, int]:
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        while True:
            k = 1 + secrets.randbelow(N - 1)
            r = _multiply(k, G)[0] % N
            s = pow(k, -1, N) * (digest + r * self.secret) % N
            if r and s:
                return r, s

    def sign_der(self, message: bytes) -> bytes:
        """As authenticators give it."""
        parts = b"".join(b"\x02" + bytes([len(n)]) + n for n in
                         (n.to_bytes(n.bit_length() // 8 + 1, "big") for n in self.sign(message)))
        return b"\x30" + bytes([len(parts)]) + parts
