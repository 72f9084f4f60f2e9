"""The scripted model (templates/demo/model.js) and prompts for it."""

import asyncio
import json
import urllib.request
from pathlib import Path

from .processes import PATIENCE, Process, eventually
from .tools import ROOT, deno

DEMO = ROOT / "templates" / "demo"
# Whatever proxies the environment names.
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def script(*steps: dict, title: str = "Do as scripted") -> str:
    """A prompt that makes the model do these steps (see templates/demo/script.js)."""
    return f"{title}\n#script {json.dumps({'steps': steps})}"


def say(text: str, rate: float = 0) -> dict:
    return {"say": text, "rate": rate}


def tokens(count: int, rate: float = 0, size: int = 0, start: int = 1, stamp: bool = False,
           hold: tuple[int, str] | None = None) -> dict:
    """Numbered tokens; with `hold` the model waits after so many of them."""
    text = {"count": count, "start": start, "size": size, "stamp": stamp}
    if hold:
        text["hold"] = {"after": hold[0], "name": hold[1]}
    return {"text": text, "rate": rate}


def run(cmd: str, justification: str | None = None, prefix: list[str] | None = None) -> dict:
    """A command; with a justification it asks for approval."""
    if justification is None:
        return {"exec": {"cmd": cmd}}
    return {"exec": {"cmd": cmd, "escalated": True, "justification": justification, "prefix": prefix}}


def hold(name: str) -> dict:
    return {"hold": name}


def numbered(count: int, size: int = 0, start: int = 1) -> str:
    """The text that `tokens` streams."""
    return "".join(f"t{i:05d}".ljust(size - 1, ".") + " " for i in range(start, start + count))


class Model:
    def __init__(self, process: Process, port: int):
        self.process = process
        self.port = port

    @classmethod
    async def start(cls, folder: Path) -> "Model":
        process = await Process.start(
            "model", deno(), "run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env=PORT",
            DEMO / "model.js", "--control", folder=folder, env={"PORT": "0", "NO_COLOR": "1"})
        ready = await process.line(lambda line: line.startswith("ready ") and line, "ready <port>")
        return cls(process, int(ready.split()[1]))

    async def _control(self, path: str, body: dict | None = None):
        def ask():
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control/{path}", data=data)
            with LOCAL.open(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        return await asyncio.to_thread(ask)

    async def requests(self, marker: str = "") -> list[dict]:
        """What the model was asked, oldest first; only requests whose newest prompt holds `marker`."""
        return [r for r in await self._control("requests") if r["texts"] and marker in r["texts"][-1]]

    async def turns(self, marker: str) -> list[str]:
        """The turns in which a prompt with this marker reached the model: as many as times it ran."""
        return sorted({r["turn"] for r in await self._control("requests") if any(marker in t for t in r["texts"][-1:])})

    async def release(self, name: str):
        await self._control("release", {"name": name})

    async def holding(self, name: str):
        """Awaits that the model waits at `hold(name)`: all that comes before it has been sent."""
        async def held():
            return name in await self._control("held")
        await eventually(held, f"the model holds at {name}")

    def configure(self, home: Path):
        """Writes a CODEX_HOME that uses this model."""
        home.mkdir(parents=True, exist_ok=True)
        text = (DEMO / "config.toml").read_text()
        (home / "config.toml").write_text(text.replace("PORT/", f"{self.port}/").replace("FOLDER", str(DEMO)))
