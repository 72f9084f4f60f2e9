"""The first load over HTTP/2 and TLS, as the providers serve it: cold, on a slow link and a slow processor."""

import asyncio
import shutil
from pathlib import Path

from results import Result, of
from cdp import Browser
from place import stack
from screen import browser
from support.model import say, script
from support.processes import Process
from support.stack import free_port
from support.tools import deno

ROWS, ROUNDS = 20, 4
PAINT, LIST = 1000.0, 1800.0  # ms: the limits
FRONT = Path(__file__).parent / "front.js"
LINK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 1.6e6 / 8}
# Notes, by the page itself, when all rows are there.
ROWS_SHOWN = """
globalThis.shown = null;
globalThis.painted = null;
new PerformanceObserver((list) => {
  for (const entry of list.getEntriesByName("first-contentful-paint")) painted = entry.startTime;
}).observe({ type: "paint", buffered: true });
(function look() {
  if (document.querySelectorAll('.rowbox').length >= ROWS && shown === null) {
    requestAnimationFrame(() => setTimeout(() => { shown = performance.now(); }));
  } else requestAnimationFrame(look);
})();
""".replace("ROWS", str(ROWS))


async def _front(whole, folder: Path) -> tuple[Process, int]:
    openssl = shutil.which("openssl")
    if not openssl:
        raise RuntimeError("there is no openssl to make a certificate with")
    folder.mkdir()
    made = await asyncio.create_subprocess_exec(
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=codex-remote.localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    await made.wait()
    port = free_port()
    front = await Process.start(
        "front", deno(), "run", "--quiet", "--no-prompt", "--no-config", "--allow-net", "--allow-read", FRONT, port,
        whole.port, folder / "certificate.pem", folder / "key.pem", whole.origin.removeprefix("http://"), folder=folder)
    await front.line(lambda line: line.startswith("ready"), "that it is ready")
    return front, port


async def first_load() -> list[Result]:
    paints, lists = [], []
    async with stack() as whole, whole.page() as page:
        for number in range(ROWS):
            project = whole.workspace / f"project-{number // 4}"  # of each project the list shows a few at first
            project.mkdir(exist_ok=True)
            thread = await page.start_thread(project)
            await page.ended(await page.start_turn(thread, script(say("Done."), title=f"Task number {number}")))
        front, port = await _front(whole, whole.folder / "front")
        origin = f"https://codex-remote.localhost:{port}"
        try:
            async with browser("--ignore-certificate-errors") as chromium:
                for _ in range(ROUNDS):
                    paint, shown = await _load(chromium, whole, origin)
                    paints.append(paint)
                    lists.append(shown)
        finally:
            await front.clean()
    return [of("web-first-paint", "ms", paints, PAINT), of("web-list-shown", "ms", lists, LIST)]


async def _load(chromium: Browser, whole, origin: str) -> tuple[float, float]:
    """In a profile of its own: nothing is cached and no service worker runs."""
    tab = await chromium.tab()
    await tab.send("Network.enable")
    await tab.send("Network.setBypassServiceWorker", bypass=True)
    await tab.send("Network.emulateNetworkConditions", **LINK)
    await tab.send("Emulation.setCPUThrottlingRate", rate=4)
    name, _, value = whole.account.cookie.partition("=")
    await tab.send("Network.setCookie", name=name, value=value, url=origin, httpOnly=True, secure=True, path="/",
                   sameSite="Lax")
    await tab.before_load(ROWS_SHOWN)
    await tab.open(f"{origin}/")
    try:
        await tab.until("shown", f"{ROWS} rows are shown", timeout=20)
    except RuntimeError as error:
        said = await tab.evaluate("document.querySelectorAll('.rowbox').length + ' rows, ' + shown")
        raise RuntimeError(f"{error}; there are {said}") from None
    await tab.until("painted", "the first paint", timeout=5)
    found = await tab.evaluate("[painted, shown]")
    await tab.close()
    return found[0], found[1]
