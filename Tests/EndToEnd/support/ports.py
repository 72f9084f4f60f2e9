"""Ports for servers that begin to listen later."""

import errno
import random
import socket

# Below those that systems give to outgoing connections and to whoever asks for any port: one of these could be taken
# between the look and the server's start, or while a server is down that comes back at its port.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, on either loopback address."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        if all(_is_free(family, host, port) for family, host in (
                (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))):
            return port


def _is_free(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family) as trial:
            trial.bind((host, port))
    except OSError as error:
        # There may be no such address here.
        return error.errno != errno.EADDRINUSE
    return True
