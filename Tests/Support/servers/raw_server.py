"""Bytes that no well-behaved server sends: the path says which. Prints one line of JSON, ends when its input ends."""

import base64
import hashlib
import json
import socket
import sys
import threading
import time

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# Frames to send right behind the upgrade's answer.
FRAMES = {
    "/reserved-bit": b"\xc1\x00",
    "/unknown-opcode": b"\x83\x00",
    "/masked": b"\x81\x80\x00\x00\x00\x00",
    "/long-ping": b"\x89\x7e\x00\x7e" + b"p" * 126,
    "/stray-continuation": b"\x80\x00",
    "/bad-utf8": b"\x81\x02\xc3\x28",
    "/close-1005": b"\x88\x02\x03\xed",
    "/too-big": b"\x82\x7f\x00\x00\x00\x10\x00\x00\x00\x00",
    "/glued": b"\x81\x05early\x81\x04bird",
    "/silent": b"",
    "/deaf": b"",
    "/end": b"",
    "/half-frame": b"\x81\x05ear",
}
# Whole answers to the upgrade.
ANSWERS = {
    "/no-http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "/wrong-accept": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
    "/no-upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "/long-head": b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"x" * 70000,
    "/refused-until-end": b"HTTP/1.0 403 Forbidden\r\n\r\nnot you",
    "/early-end": b"",
}


def serve(connection):
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            got = connection.recv(4096)
            if not got:
                return
            head += got
        path = head.split(b" ")[1].decode()
        if path == "/stall":
            while connection.recv(4096):
                pass
            return
        if path in ANSWERS:
            connection.sendall(ANSWERS[path])
            return
        key = next(x for x in head.decode().split("\r\n") if x.lower().startswith("sec-websocket-key")).split(": ")[1]
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        answer = (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
            f"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        ).encode()
        if path == "/drip":
            for byte in answer + b"\x81\x05drops" + b"\x88\x02\x03\xe8":
                connection.sendall(bytes([byte]))
                time.sleep(0.0005)
        else:
            connection.sendall(answer + FRAMES[path])
        if path in ("/end", "/half-frame"):
            return
        if path == "/deaf":
            # Never reads again; the connection stays until the process ends.
            kept.append(connection.dup())
            return
        while connection.recv(65536):
            pass


kept = []
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(json.dumps({"plain": listener.getsockname()[1]}), flush=True)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
