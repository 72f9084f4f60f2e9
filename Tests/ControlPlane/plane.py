"""The HTTP side of a stand-in control plane: requests recorded, faults put in, connections counted."""

import email.parser
import email.policy
import http.server
import json
import socket
import struct
import threading
import time
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict
    raw: bytes
    at: float = field(default_factory=time.monotonic)
    status: int = 0

    @property
    def json(self):
        return json.loads(self.raw) if self.raw else None

    @property
    def parts(self):
        """The parts of a multipart body, in order: (name, filename, content type or None, bytes)."""
        head = f"Content-Type: {self.headers.get('content-type', '')}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.raw)
        if not message.is_multipart():
            return None
        return [
            (
                part.get_param("name", header="content-disposition"),
                part.get_filename(),
                part.get_content_type() if part["content-type"] else None,
                part.get_payload(decode=True),
            )
            for part in message.iter_parts()
        ]


@dataclass
class Answer:
    status: int
    body: object = None
    headers: dict = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


CHALLENGE = b"<!DOCTYPE html><title>502 Bad Gateway</title><h1>Bad gateway</h1>"
FAULTS = ("reset", "429", "500", "502-html", "timeout", "lost-reply", "kill-after")


class Plane:
    """Listens on 127.0.0.1; `answer(request)` of the subclass decides. `fault(n, request)` may name a fault for the
    n-th request (from 0), which is then met instead of, or (`lost-reply`, `kill-after`) after, its effect."""

    base = ""

    def __init__(self, latency: float = 0):
        self.latency = latency
        self.requests: list[Request] = []
        self.fault = lambda n, request: None
        self.on_kill = lambda: None
        self.lock = threading.RLock()
        plane = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reset(self):
                """Ends the connection with RST, not FIN."""
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()

            def send(self, answer: Answer):
                body = answer.bytes
                self.send_response(answer.status)
                kind = "application/json"
                for name, value in answer.headers.items():
                    if name.lower() == "content-type":
                        kind = value
                    else:
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("content-type", kind)
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if answer.status != 204:
                    self.wfile.write(body)

            def handle_any(self):
                url = urllib.parse.urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
                if self.headers.get("transfer-encoding"):
                    raw = self.read_chunked()
                else:
                    raw = b""
                    while len(raw) < length:
                        piece = self.rfile.read(length - len(raw))
                        if not piece:
                            return
                        raw += piece
                request = Request(
                    self.command,
                    urllib.parse.unquote(url.path),
                    urllib.parse.parse_qs(url.query, keep_blank_values=True),
                    {k.lower(): v for k, v in self.headers.items()},
                    raw,
                )
                with plane.lock:
                    n = len(plane.requests)
                    plane.requests.append(request)
                    fault = plane.fault(n, request)
                if plane.latency:
                    time.sleep(plane.latency)
                if fault == "reset":
                    return self.reset()
                if fault == "timeout":
                    plane.stalled.wait(60)
                    return self.reset()
                if fault == "429":
                    return self.send(plane.error_answer(429, "slow down", {"retry-after": "1"}))
                if fault == "500":
                    return self.send(plane.error_answer(500, "internal error", {}))
                if fault == "502-html":
                    return self.send(Answer(502, CHALLENGE, {"content-type": "text/html"}))
                with plane.lock:
                    answer = plane.answer(request)
                    request.status = answer.status
                if fault == "lost-reply":
                    return self.reset()
                if fault == "kill-after":
                    plane.on_kill()
                    return self.reset()
                self.send(answer)

            def read_chunked(self):
                raw = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    raw += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return raw

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                pass  # A client that went away is what the tests do on purpose.

        self.stalled = threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{self.base}"

    def close(self):
        self.stalled.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def error_answer(self, status: int, message: str, headers: dict) -> Answer:
        raise NotImplementedError
