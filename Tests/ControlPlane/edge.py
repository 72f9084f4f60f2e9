"""The public side of both stand-ins: names under workers.dev and deno.net with TLS, reached through a CONNECT proxy.

A program under test gets `HTTPS_PROXY` and the test authority's certificate, a browser `--proxy-server`, and all of
them then open the very addresses that a user would."""

import asyncio
import pathlib
import re
import ssl
import subprocess
import threading


def make_authority(folder: pathlib.Path, names: list[str]) -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
    """A certificate authority and one certificate for the names: (authority, certificate, key), PEM files."""
    folder.mkdir(parents=True, exist_ok=True)
    run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True, cwd=folder)  # noqa: E731
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
        "-out", "ca.pem", "-days", "2", "-subj", "/CN=codex-remote test authority")
    issue(folder, names)
    return folder / "ca.pem", folder / "edge.pem", folder / "edge.key"


def issue(folder: pathlib.Path, names: list[str]):
    """A certificate for the names, by the authority in the folder: edge.pem and edge.key."""
    run = lambda *a: subprocess.run(["openssl", *a], check=True, capture_output=True, cwd=folder)  # noqa: E731
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "edge.key",
        "-out", "edge.csr", "-subj", "/CN=edge")
    (folder / "edge.ext").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names))
    run("x509", "-req", "-in", "edge.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "edge.ext", "-out", "edge.pem")


class Edge:
    """`port_of(host)` gives the port on this machine behind a host name, or None where there is no such name yet.
    `stale(host, path)` gives what is answered in the place of what runs there, as (status, body), or None.
    `fault(path)` may name what happens to a request instead (`reset`, `502-html`, `stall`) or after it (`lost-reply`);
    while it is set, each connection carries one request."""

    def __init__(self, folder: pathlib.Path, names: list[str], port_of, stale=lambda host, path: None):
        self.port_of, self.stale = port_of, stale
        self.fault = None
        self.authority, certificate, key = make_authority(folder, names)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["http/1.1"])
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def begin():
            # The name asked for in the TLS greeting decides; the proxy only opens the way.
            self.tls = await asyncio.start_server(self._tls, "127.0.0.1", 0, ssl=self.context)
            self.proxy = await asyncio.start_server(self._proxy, "127.0.0.1", 0)
            ready.set()

        def run():
            asyncio.set_event_loop(self.loop)
            self.loop.create_task(begin())
            self.loop.run_forever()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        ready.wait(10)

    def certify(self, *names: str):
        """Serves further names, as a provider's edge does when an account gets its own."""
        issue(self.authority.parent, list(names))
        self.context.load_cert_chain(self.authority.parent / "edge.pem", self.authority.parent / "edge.key")

    @property
    def proxy_url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.sockets[0].getsockname()[1]}"

    def close(self):
        async def end():
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            self.loop.stop()

        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(end()))
        self.thread.join(5)

    async def _proxy(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].split(b" ")
            host = target.rsplit(b":", 1)[0].decode()
            if method != b"CONNECT" or self.port_of(host) is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                return
            port = self.tls.sockets[0].getsockname()[1]
            upstream = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._join((reader, writer), upstream)
        except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _tls(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            host = next(
                (line.split(b":", 1)[1].strip().decode() for line in head.split(b"\r\n")
                 if line.lower().startswith(b"host:")), "")
            port = self.port_of(host.split(":")[0])
            if port is None:
                writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                return
            name, path = host.split(":")[0], head.split(b" ")[1].decode()
            if old := self.stale(name, path):
                return self._answer(writer, *old)
            fault = self.fault(path) if self.fault else None
            if fault in ("reset", "stall"):
                await asyncio.sleep(0 if fault == "reset" else 60)
                return writer.transport.abort()
            if fault == "502-html":
                return self._answer(writer, 502, b"<!doctype html><title>Bad gateway</title>")
            if self.fault and b"\r\nupgrade:" not in head.lower():
                head = head.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
            elif self.fault and path.startswith("/anchor"):
                # It is refused, and the connection would be kept.
                head = re.sub(rb"(?i)connection: upgrade", b"connection: upgrade, close", head)
            try:
                upstream = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return self._answer(writer, 502, b"<!doctype html><title>Bad gateway</title>")
            upstream[1].write(head)
            if fault == "lost-reply":
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                upstream[1].write(await reader.readexactly(int(length[0].split(b":")[1]) if length else 0))
                await upstream[0].read(1)
                upstream[1].close()
                return writer.transport.abort()
            await self._join((reader, writer), upstream)
        except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, writer, status: int, body: bytes):
        writer.write(f"HTTP/1.1 {status} Stale\r\ncontent-length: {len(body)}\r\ncontent-type: text/html\r\n"
                     "connection: close\r\n\r\n".encode() + body)

    async def _join(self, one, other):
        async def copy(reader, writer):
            try:
                while piece := await reader.read(65536):
                    writer.write(piece)
                    await writer.drain()
                if writer.can_write_eof():
                    writer.write_eof()
                else:
                    writer.close()
            except OSError:
                writer.close()

        await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))
        other[1].close()
