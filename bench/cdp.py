"""Chromium over bare CDP. Playwright reports every WebSocket frame to its client and so halves the speed of a burst."""

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from pathlib import Path

from websockets.asyncio.client import connect

from support.browser import chromium


class Target:
    """One tab."""

    def __init__(self, browser: "Browser", session: str, target: str):
        self.browser, self.session, self.target = browser, session, target

    async def send(self, method: str, **params) -> dict:
        return await self.browser.send(method, self.session, **params)

    async def evaluate(self, code: str):
        """The value of an expression, awaited if it is a promise."""
        answer = await self.send("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    async def until(self, code: str, what: str, timeout: float = 60.0):
        """Awaits that an expression is true; the page itself looks, every 15 ms."""
        waiting = f"""new Promise((resolve, reject) => {{
          const end = performance.now() + {timeout * 1000};
          const look = () => {{
            let value = null;
            try {{ value = {code}; }} catch {{ /* the page is still empty */ }}
            if (value) resolve(value);
            else if (performance.now() > end) reject(new Error({json.dumps("did not happen: " + what)}));
            else setTimeout(look, 15);
          }};
          look();
        }})"""
        return await self.evaluate(waiting)

    async def open(self, url: str):
        await self.send("Page.navigate", url=url)

    async def before_load(self, code: str):
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=code)

    async def screenshot(self, path: Path):
        path.write_bytes(base64.b64decode((await self.send("Page.captureScreenshot"))["data"]))

    async def close(self):
        await self.browser.send("Target.closeTarget", targetId=self.target)


class Browser:
    def __init__(self):
        self._next = 0
        self._waiting: dict[int, asyncio.Future] = {}
        self.events: list[dict] = []
        self.listening: set[str] = set()

    @classmethod
    async def start(cls, *arguments: str) -> "Browser":
        self = cls()
        self.folder = Path(tempfile.mkdtemp(prefix="cr-bench-"))
        self.process = await asyncio.create_subprocess_exec(
            chromium(), "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={self.folder}", "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", *arguments, "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
        while b"DevTools listening on " not in (line := await self.process.stderr.readline()):
            if not line:
                raise RuntimeError("Chromium ended before it listened.")
        self._drain = asyncio.create_task(self._discard())
        self.socket = await connect(line.decode().split("listening on ")[1].strip(), max_size=None, compression=None,
                                    ping_interval=None, proxy=None)
        self._reader = asyncio.create_task(self._read())
        return self

    async def _discard(self):
        while await self.process.stderr.read(65_536):
            pass

    async def _read(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self._waiting.pop(message["id"]).set_result(message)
            elif message["method"] in self.listening:
                self.events.append(message)

    async def send(self, method: str, session: str | None = None, **params) -> dict:
        self._next += 1
        future = self._waiting[self._next] = asyncio.get_running_loop().create_future()
        where = {"sessionId": session} if session else {}
        await self.socket.send(json.dumps({"id": self._next, "method": method, "params": params, **where}))
        answer = await future
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def tab(self, width: int = 390, height: int = 844, mobile: bool = True) -> Target:
        """A tab in a profile of its own, with an authenticator that says yes."""
        context = (await self.send("Target.createBrowserContext"))["browserContextId"]
        target = (await self.send("Target.createTarget", url="about:blank", browserContextId=context))["targetId"]
        session = (await self.send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        tab = Target(self, session, target)
        for domain in ("Page", "Runtime", "WebAuthn"):
            await tab.send(f"{domain}.enable")
        await tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                       mobile=mobile)
        tab.authenticator = (await tab.send("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}))["authenticatorId"]
        return tab

    async def clean(self):
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.send("Browser.close"), 5)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self._reader.cancel()
        self._drain.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)
