"""How long anchor and web client take to find a link on which bytes vanish and nothing closes."""

import asyncio
import time

from results import Result, of
from place import stack
from screen import browser, signed_in
from support.processes import eventually
from support.proxy import Proxy
from support.stack import Stack

LIMIT = 15.0  # s


async def half_open(rounds: int = 2) -> list[Result]:
    found: list[float] = []
    async with stack(Stack) as whole:
        address = whole.origin.removeprefix("http://")
        async with browser(f"--host-resolver-rules=MAP {address} 127.0.0.1:{whole.browsers.port}") as chromium:
            tab = await signed_in(chromium, whole)
            await tab.open(whole.origin)
            await eventually(lambda: len(whole.browsers.open) > 0, "the page is connected")
            await tab.until("!document.body.textContent.includes('Connecting')", "the page is connected")
            for _ in range(rounds):
                await asyncio.sleep(2)
                found += await asyncio.gather(_found(whole.anchors), _found(whole.browsers))
    return [of("half-open-found", "s", found, LIMIT)]


async def _found(proxy: Proxy) -> float:
    """Breaks all that is open, and awaits that the other side dials again."""
    before = proxy.accepted
    for connection in proxy.open:
        connection.blackhole()
    start = time.monotonic()
    await eventually(lambda: proxy.accepted > before, "it dials again")
    return time.monotonic() - start
