"""What the web client adds in the browser, in a Chromium over bare CDP."""

import asyncio
import contextlib
import re
import uuid
from pathlib import Path

from cdp import Browser, Target
from results import Result, median, of, percentile
from place import stack
from support.model import hold, run, say, script, tokens

HERE = Path(__file__).parent

# Runs before anything of the page: notes when deltas arrive and when a chosen token has arrived. It is the same for
# the page and for the bare one.
PROBE = """
globalThis.probe = { first: null, arrived: null, last: "t99999", tokens: new Map(), shares: [], long: [] };
new PerformanceObserver((list) => probe.long.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask" });
globalThis.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", ({ data }) => {
      if (!data.includes('"item/agentMessage/delta"') && !data.includes(probe.last)) return;
      const now = performance.now();
      probe.first ??= now;
      if (probe.arrived === null && data.includes(probe.last)) probe.arrived = now;
      if (probe.lone) for (const [token] of data.matchAll(/t\\d{5}/g)) probe.tokens.set(token, now);
    });
  }
};
"""
# Resolves with the milliseconds from the first delta to the frame in which the last token is on the screen.
SHOWN = """new Promise((resolve) => {
  const look = () => {
    if (probe.arrived !== null && document.body.textContent.includes(probe.last))
      resolve(performance.now() - probe.first);
    else requestAnimationFrame(look);
  };
  look();
})"""


@contextlib.asynccontextmanager
async def browser(*arguments: str):
    chromium = await Browser.start(*arguments)
    try:
        yield chromium
    finally:
        await chromium.clean()


async def signed_in(chromium: Browser, whole, origin: str | None = None) -> Target:
    """A tab with the account's cookie and the probe; nothing is opened yet."""
    tab = await chromium.tab()
    await tab.send("Network.enable")
    name, _, value = whole.account.cookie.partition("=")
    await tab.send("Network.setCookie", name=name, value=value, url=origin or whole.origin, httpOnly=True,
                   secure=name.startswith("__"), path="/", sameSite="Lax")
    await tab.before_load(PROBE)
    return tab


async def open_thread(tab: Target, whole, machine: str, thread: str):
    await tab.open(f"{whole.origin}/#/thread/{machine}/{thread}")
    await tab.until("document.querySelector('main textarea, .page textarea')", "the thread is open")


async def _held(whole, page, count: int, rate: float = 0) -> tuple[str, str, str]:
    """A thread whose model is ready to stream: thread, turn, marker."""
    thread = await page.start_thread(whole.workspace)
    marker = uuid.uuid4().hex
    turn = await page.start_turn(thread, script(hold(marker), tokens(count, rate=rate)))
    await whole.model.holding(marker)
    return thread, turn, marker


async def _stream(tab: Target, whole, marker: str, count: int, timeout: float = 60) -> float:
    await tab.evaluate(f"Object.assign(probe, {{first: null, arrived: null, last: 't{count:05d}', long: []}}); 0")
    shown = asyncio.create_task(tab.evaluate(SHOWN))
    await whole.model.release(marker)
    async with asyncio.timeout(timeout):
        return await shown


async def burst(pairs: int = 3, count: int = 5000) -> list[Result]:
    """Against a bare page that appends the same text once a frame over the same kind of socket, pair by pair."""
    own, bare, longest = [], [], []
    async with stack() as whole, whole.page() as page, browser() as chromium:
        for _ in range(pairs):
            thread, turn, marker = await _held(whole, page, count)
            tab = await signed_in(chromium, whole)
            await tab.open(f"{whole.origin}/health")
            await tab.until("document.readyState === 'complete'", "the blank page")
            await tab.evaluate((HERE / "bare.js").read_text() + "\n0")
            await tab.evaluate(f"bare('{page.machine}', '{thread}').then(() => 0)")
            bare.append(await _stream(tab, whole, marker, count))
            await tab.close()
            thread, turn, marker = await _held(whole, page, count)
            tab = await signed_in(chromium, whole)
            await open_thread(tab, whole, page.machine, thread)
            await asyncio.sleep(1)  # what opening it still does
            own.append(await _stream(tab, whole, marker, count))
            longest.append(max(await tab.evaluate("probe.long"), default=0.0))
            await tab.close()
    return [of("burst-5000-on-screen", "ms", own, median(bare)),
            Result("burst-5000-longest-task", "ms", max(longest), min(longest), max(longest), 50.0)]


async def long_burst(count: int = 50_000) -> list[Result]:
    """The page shows the burst; meanwhile commands of another thread are approved, one after the other."""
    times: list[float] = []
    async with stack() as whole, whole.page() as page, whole.page() as decider, browser() as chromium:
        other = await decider.start_thread(whole.workspace)
        thread, turn, marker = await _held(whole, page, count)
        await page.stop()
        tab = await signed_in(chromium, whole)
        await open_thread(tab, whole, decider.machine, thread)
        await asyncio.sleep(1)
        shown = asyncio.create_task(_stream(tab, whole, marker, count))
        while not shown.done():
            turn = await decider.start_turn(other, script(run("true", "May I?"), say("Done.")),
                                            approvalPolicy="on-request")
            request = await decider.asked(turn)
            start = asyncio.get_running_loop().time()
            await decider.decide(request, "accept")
            if not shown.done():
                times.append((asyncio.get_running_loop().time() - start) * 1000)
            await decider.ended(turn)
        await shown
        if decider.resets:
            raise RuntimeError(f"the session was reset during the burst: {decider.resets}")
        status = Path(f"/proc/{whole.anchor.process.pid}/status").read_text()
    if not times:
        raise RuntimeError("the burst ended before a decision could be made")
    peak = 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1e6
    return [Result("burst-50000-approval-p95", "ms", percentile(times, 0.95), min(times), max(times), 250.0),
            Result("burst-50000-anchor-rss", "MB", peak, baseline=64.0)]


async def dom_share(count: int = 200) -> list[Result]:
    """From the message event of a lone token to its text in the document."""
    async with stack() as whole, whole.page() as page, browser() as chromium:
        thread, turn, marker = await _held(whole, page, count, rate=20)
        tab = await signed_in(chromium, whole)
        await open_thread(tab, whole, page.machine, thread)
        await tab.evaluate("""probe.lone = true; new MutationObserver((changes) => {
          const now = performance.now();
          for (const [token, at] of probe.tokens) {
            if (changes.some(({ target }) => target.textContent.includes(token))) {
              probe.shares.push(now - at);
              probe.tokens.delete(token);
            }
          }
        }).observe(document.body, { childList: true, subtree: true, characterData: true }); 0""")
        await _stream(tab, whole, marker, count)
        shares = await tab.evaluate("probe.shares")
    if not shares:
        raise RuntimeError("no token was seen in the document")
    return [of("dom-share-p50", "ms", shares, 1.0)]


async def frames(rates: tuple = (250, 500, 1000, 2000), seconds: int = 3) -> list[Result]:
    """The greatest of some rates at which the page still draws at least 57 frames a second."""
    best, drawn = 0.0, []
    async with stack() as whole, whole.page() as page, browser() as chromium:
        for rate in rates:
            count = rate * seconds
            thread, turn, marker = await _held(whole, page, count, rate=rate)
            tab = await signed_in(chromium, whole)
            await open_thread(tab, whole, page.machine, thread)
            await asyncio.sleep(1)
            await tab.evaluate("""probe.frames = 0; (function count() {
              if (probe.first !== null && probe.arrived === null) probe.frames++;
              requestAnimationFrame(count);
            })(); 0""")
            await _stream(tab, whole, marker, count)
            frames, span = await tab.evaluate("[probe.frames, probe.arrived - probe.first]")
            got, per_second = (count - 1) / span * 1000, frames / span * 1000
            drawn.append(per_second)
            if per_second >= 57:
                best = max(best, got)
            await tab.close()
            if per_second < 57:
                break
    return [Result("deltas-per-second-at-60fps", "1/s", best, baseline=1000.0)]
