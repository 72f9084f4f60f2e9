"""What answers in a relay's place writes nothing to the terminal but text, and ends no program."""

import asyncio
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from websockets.asyncio.server import serve

from support.ports import free_port
from support.tools import codex, codex_remote

EVIL = "\x1b]0;owned\x07\x1b[2J\nApprove it only if the browser shows this key: FAKE\u202e"


@pytest.fixture
def relay():
    """Answers what the test puts into `answers`, by path."""
    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = self.server.answers[self.path.partition("?")[0]]
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.answers = {}
    server.origin = f"http://localhost:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def command(folder, *words: str) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        codex_remote(), *words, env={**os.environ, "CODEX_REMOTE_HOME": str(folder / "home")}, cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    output, _ = await child.communicate()
    return child.returncode, output.decode()


def plain(text: str) -> bool:
    return all(character == "\n" or character.isprintable() for character in text)


async def test_a_refusal_is_one_line_of_text(relay, tmp_path):
    relay.answers["/device/code"] = 400, {"error": {"code": "x", "message": EVIL}}
    status, said = await command(tmp_path, "login", "--relay", relay.origin)
    assert status == 1 and "refused" in said
    assert not list(tmp_path.rglob("key.der")), "a key that no relay took"
    assert plain(said) and not any(line.startswith("Approve") for line in said.splitlines())


async def test_names_and_codes_are_shown_as_text(relay, tmp_path):
    grant = {"device_code": "aa.x", "user_code": "BCDF-GHJK", "verification_uri_complete": f"https://evil.example/{EVIL}",
             "expires_in": 600, "interval": 1}
    relay.answers["/device/code"] = 200, grant
    relay.answers["/device/token"] = 200, {"user": "u_1", "machine": "m_1", "name": f"box{EVIL}", "origin": relay.origin}
    status, said = await command(tmp_path, "login", "--relay", relay.origin)
    assert status == 0 and f"{relay.origin}/#code=BCDF-GHJK" in said and "evil.example" not in said
    assert plain(said) and "FAKE" not in said.replace(said.splitlines()[-1], "")
    status, said = await command(tmp_path, "status")
    assert status == 0 and plain(said) and len(said.splitlines()) == 2
    relay.answers["/device/code"] = 200, grant | {"user_code": f"BCDF{EVIL}"}
    status, said = await command(tmp_path, "login", "--relay", relay.origin)
    assert status == 1 and "not as a relay does" in said and plain(said)


async def test_an_absurd_time_does_not_end_the_anchor(relay, tmp_path):
    relay.answers["/device/code"] = 200, {"device_code": "aa.x", "user_code": "BCDF-GHJK", "expires_in": 1 << 62,
                                          "interval": 1}
    relay.answers["/device/token"] = 200, {"user": "u_1", "machine": "m_1", "name": "box", "origin": relay.origin}
    assert (await command(tmp_path, "login", "--relay", relay.origin))[0] == 0
    relay.answers["/anchor"] = 401, {"error": {"code": "clock", "message": "x", "time": 1e300}}
    anchor = await asyncio.create_subprocess_exec(
        codex_remote(), "anchor", "--codex", codex(), cwd=tmp_path,
        env={**os.environ, "CODEX_REMOTE_HOME": str(tmp_path / "home"), "CODEX_HOME": str(tmp_path)},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    assert anchor.stderr
    while b"did not tell its time" not in (line := await anchor.stderr.readline()):
        assert line, "it ended"
    assert anchor.returncode is None
    await command(tmp_path, "stop")
    await anchor.wait()


async def test_a_revoked_page_opens_no_session_again(relay, tmp_path):
    """Across two instances of a relay its frames may come after the news that it was revoked."""
    relay.answers["/device/code"] = 200, {"device_code": "aa.x", "user_code": "BCDF-GHJK", "expires_in": 600,
                                          "interval": 1}
    relay.answers["/device/token"] = 200, {"user": "u_1", "machine": "m_1", "name": "box", "origin": relay.origin}
    assert (await command(tmp_path, "login", "--relay", relay.origin))[0] == 0
    relay.shutdown()
    relay.server_close()
    answers: dict[str, str] = {}
    done = asyncio.Event()

    async def link(socket):
        async def say(header: dict, payload: str = ""):
            await socket.send(json.dumps(header) + "\n" + payload)

        async def opens(signin: str, session: str) -> str:
            """What an `open` of that sign-in is answered, once codex is ready."""
            while answers.get(session) in (None, "app-server-down"):
                answers.pop(session, None)
                await say({"type": "data", "from": "c_1", "role": "browser", "signin": signin},
                          json.dumps({"type": "open", "session": session, "protocol": 1}))
                while session not in answers:
                    text = await socket.recv()
                    payload = json.loads(text.partition("\n")[2].partition("\n")[0] or "{}") if text != "ping" else {}
                    if payload.get("type") == "opened":
                        answers[payload["session"]] = payload.get("reset", "opened")
                    if text == "ping":
                        await socket.send("pong")
            return answers[session]

        await say({"type": "hello", "id": "m_1", "role": "anchor", "user": {"id": "u_1", "name": "Ada", "owner": True},
                   "protocol": {"min": 1, "max": 1}, "build": "b", "time": 0})
        assert await opens("s_1", "a" * 22) == "opened"
        await say({"type": "revoked", "signin": "s_1"})
        assert await opens("s_1", "b" * 22) == "revoked"
        assert await opens("s_2", "c" * 22) == "opened"
        await say({"type": "revoked", "all": True})
        assert await opens("s_2", "d" * 22) == "revoked"
        assert await opens("s_3", "e" * 22) == "opened"
        done.set()
        await socket.wait_closed()

    async with serve(link, "127.0.0.1", relay.server_port):
        anchor = await asyncio.create_subprocess_exec(
            codex_remote(), "anchor", "--codex", codex(), cwd=tmp_path,
            env={**os.environ, "CODEX_REMOTE_HOME": str(tmp_path / "home"), "CODEX_HOME": str(tmp_path)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        try:
            await asyncio.wait_for(done.wait(), 200)
        finally:
            await command(tmp_path, "stop")
            await anchor.wait()
    assert answers == {"a" * 22: "opened", "b" * 22: "revoked", "c" * 22: "opened", "d" * 22: "revoked", "e" * 22: "opened"}
