"""The session layer of one page (docs/protocol.md, section 4), without input or output.

Written against the document alone, so that it also checks what the document says.
"""

import secrets

from .passkey import encode

# Characters of one part of a line: whatever they are, they stay below a frame of 61,440 bytes.
PART = 12_000


class Broken(AssertionError):
    """The other side broke the protocol."""


class Session:
    def __init__(self):
        self.id = encode(secrets.token_bytes(16))
        self.opened = False
        self.sent: list[tuple[str, bool]] = []  # line n is sent[n - 1]: its text, and whether it goes on
        self.acked = 0
        self.received = 0
        self.duplicates = 0
        self.gaps = 0
        self._parts: list[str] = []
        self._gap_told = False

    def position(self) -> dict:
        return {"ack": self.received, "seq": len(self.sent)}

    def queue(self, text: str) -> list[tuple[dict, str]]:
        """Numbers a JSON text; gives the messages that carry it."""
        parts = [text[i:i + PART] for i in range(0, len(text), PART)]
        first = len(self.sent) + 1
        self.sent += [(part, i < len(parts) - 1) for i, part in enumerate(parts)]
        return self.messages(first)

    def messages(self, first: int) -> list[tuple[dict, str]]:
        """The messages that carry the lines from number `first` on."""
        made = []
        for number in range(first, len(self.sent) + 1):
            text, more = self.sent[number - 1]
            header = {"type": "message", "seq": number, "ack": self.received}
            made.append(({**header, "more": True} if more else header, text))
        return made

    def unacknowledged(self) -> list[tuple[dict, str]]:
        return self.messages(self.acked + 1)

    def acknowledge(self, number: int):
        if number > len(self.sent):
            raise Broken(f"acknowledged {number} of {len(self.sent)} lines")
        self.acked = max(self.acked, number)

    def take(self, header: dict, lines: list[str]) -> list[str]:
        """The lines of a `message`; gives the JSON texts that became whole, in order."""
        whole = []
        for offset, line in enumerate(lines):
            number = header["seq"] + offset
            if number <= self.received:
                self.duplicates += 1
                continue
            if number > self.received + 1:
                break
            self.received = number
            self._gap_told = False
            self._parts.append(line)
            if not (header.get("more") and offset == len(lines) - 1):
                whole.append("".join(self._parts))
                self._parts = []
        return whole

    def missing(self, highest: int) -> bool:
        """Whether to say that lines up to this number are missing: once for each gap."""
        if highest <= self.received or self._gap_told:
            return False
        self._gap_told = True
        self.gaps += 1
        return True
