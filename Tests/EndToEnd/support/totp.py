"""An authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds."""

import base64
import hashlib
import hmac
import time


class App:
    def __init__(self, secret: str):
        self.key = base64.b32decode(secret.replace(" ", ""))
        self.step = 0

    def code(self) -> str:
        """A code that was not used yet: each counts once, and one that comes before the last one does not count."""
        # The relay takes the step before and the one after the present one too: the present one's code lasts for
        # another 30 seconds at least, and the next one's counts already.
        now = int(time.time()) // 30
        self.step = max(self.step + 1, now)
        assert self.step <= now + 1, "a third code within 30 seconds: it would not count yet"
        digest = hmac.digest(self.key, self.step.to_bytes(8, "big"), hashlib.sha1)
        at = digest[-1] & 15
        return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
