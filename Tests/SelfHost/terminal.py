"""A person at a terminal: runs the program on a pseudo-terminal, waits for what it asks, types."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Typist:
    def __init__(self, arguments: list[str], environment: dict, folder):
        own, theirs = pty.openpty()
        self.descriptor, self.text = own, ""

        def lead():
            os.setsid()
            import fcntl
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        self.child = subprocess.Popen(arguments, env=environment | {"TERM": "xterm"}, cwd=folder, stdin=theirs,
                                      stdout=theirs, stderr=theirs, close_fds=True, preexec_fn=lead)  # noqa: PLW1509
        os.close(theirs)

    @property
    def shown(self) -> str:
        return ESCAPES.sub("", self.text)

    def _read(self, limit: float) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], limit)
        if not ready:
            return True
        try:
            piece = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.text += piece.decode(errors="replace")
        return bool(piece)

    def waits(self, words: str, limit: float = 120):
        """Until the terminal shows the words, after what was waited for before."""
        end = time.monotonic() + limit
        start = getattr(self, "seen", 0)
        while words not in self.shown[start:]:
            if not self._read(1) or time.monotonic() > end:
                raise AssertionError(f"{words!r} is not shown:\n{self.shown[-2000:]}")
        self.seen = self.shown.index(words, start) + len(words)

    def types(self, line: str):
        os.write(self.descriptor, line.encode())

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.descriptor)[3] & termios.ECHO)

    def ends(self, limit: float = 120) -> int:
        end = time.monotonic() + limit
        while self.child.poll() is None:
            if time.monotonic() > end:
                self.child.kill()
                raise AssertionError(f"it does not end:\n{self.shown[-2000:]}")
            self._read(0.05)
        while self._read(0):
            if not select.select([self.descriptor], [], [], 0)[0]:
                break
        return self.child.returncode

    def close(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
        os.close(self.descriptor)
