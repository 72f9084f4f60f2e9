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

from EndToEnd.support.ports import free_port


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
FAULTS = ("refused", "reset", "reset-answer", "429", "500", "502-html", "timeout", "lost-reply", "kill-after")


class Plane:
    """Listens on 127.0.0.1; `answer(request)` of the subclass decides. `fault(n, request)` may name a fault for the
    n-th request (from 0), which is then met instead of, or (`reset-answer`, `lost-reply`, `kill-after`) after, its
    effect. `early(n, method, path)` may name `reset`: in the middle of the request's body, before it is known.
    `refuse()` lets nobody connect for a moment; `gone(n)` asks for that after the answer to request n."""

    base = ""

    def __init__(self, latency: float = 0):
        self.latency = latency
        self.requests: list[Request] = []
        self.fault = lambda n, request: None
        self.closed = False
        self.stale: dict[str, tuple[int, dict[str, tuple[int, bytes]]]] = {}
        self.early = lambda n, method, path: None
        self.gone = lambda n: False
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

            def send(self, answer: Answer, cut: bool = False):
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
                if self.close_connection:
                    self.send_header("connection", "close")
                self.end_headers()
                if cut:
                    self.wfile.write(body[: len(body) // 2])
                    return self.reset()
                if answer.status != 204:
                    self.wfile.write(body)

            def handle_any(self):
                url = urllib.parse.urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
                with plane.lock:
                    n = len(plane.requests)
                    early = plane.early(n, self.command, urllib.parse.unquote(url.path))
                    if early:
                        # It counts, though its body is not known.
                        plane.requests.append(Request(
                            self.command, urllib.parse.unquote(url.path), urllib.parse.parse_qs(url.query), {}, b""))
                if early:
                    self.rfile.read(length // 2)
                    return self.reset()
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
                    if plane.closed:
                        return self.reset()
                    answer = plane.answer(request)
                    request.status = answer.status
                if fault == "lost-reply":
                    return self.reset()
                if fault == "kill-after":
                    plane.on_kill()
                    return self.reset()
                if fault == "reset-answer":
                    return self.send(answer, cut=True)
                if plane.gone(n):
                    # Before the answer goes out: its reader must not be faster.
                    plane.refuse()
                    self.close_connection = True
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
        self.port = free_port()
        self.open = lambda: Server(("127.0.0.1", self.port), Handler)
        self.returning: threading.Timer | None = None
        self.listen()

    def lag(self, host: str, old):
        """From now on the edge answers some requests as the runtime before did; a new name it does not know."""
        if self.delay:
            answers = {path: old.get(path, host) for path in ("/health", "/")} if old else {}
            self.stale[host] = (self.delay, answers)

    def lagging(self, host: str, path: str) -> tuple[int, bytes] | None:
        """What the edge answers once more; None when it has caught up."""
        left, answers = self.stale.get(host, (0, {}))
        if not left:
            return None
        self.stale[host] = (left - 1, answers)
        return answers.get(path, (404, b"There is nothing here yet."))

    delay = 0

    def listen(self):
        self.server = self.open()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def refuse(self, seconds: float = 1):
        """Connections are refused for a moment, in which whoever tries again has tried more than once."""
        self.server.shutdown()
        self.server.server_close()
        self.returning = threading.Timer(seconds, self.listen)
        self.returning.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base}"

    def close(self):
        self.stalled.set()
        with self.lock:
            # A request that still waits must start nothing that nobody would stop.
            self.closed = True
        if self.returning:
            self.returning.join()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def error_answer(self, status: int, message: str, headers: dict) -> Answer:
        raise NotImplementedError
