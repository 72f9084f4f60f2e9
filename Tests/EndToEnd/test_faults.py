"""Text streams while links break: each message arrives once and in order, whatever is cut, and where."""

import asyncio
import os
import random
import re
import uuid

import pytest

from support.model import hold, numbered, run, say, script, tokens
from support.page import Page
from support.processes import eventually
from support.proxy import Breaker, Proxy

FULL = bool(os.environ.get("TEST_FULL"))
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
COUNT = 5000


@pytest.fixture(autouse=True)
def seed():
    print(f"SEED={SEED}")
    return random.Random(SEED)


def check(page: Page, turn: str, count: int = COUNT):
    """All tokens once and in order; those that are missing among the deltas are in the completed item."""
    seen = [int(number) for number in re.findall(r"t(\d{5})", page.streamed(turn))]
    assert seen == sorted(set(seen)), "deltas came twice or out of order"
    text = "".join(item["text"] for item in page.items(turn, "agentMessage"))
    assert text == numbered(count), "the final text is not whole"
    assert not page.resets
    return seen


@pytest.mark.limit(600)
async def test_numbered_tokens_survive_200_cuts(stack, model, workspace, seed):
    pages, breakers, proxies = [], [], []
    marker, waiting = uuid.uuid4().hex, uuid.uuid4().hex
    file = workspace / waiting
    try:
        for number in range(4):
            proxy = await Proxy(stack.port).start()
            proxies.append(proxy)
            page = Page(stack.account, port=proxy.port, seed=seed.randrange(1 << 32), silence=2.0)
            pages.append(await page.start())
        first = pages[0]
        # An approval that waits through all of it.
        other = await first.start_thread(workspace)
        pending = await first.start_turn(other, script(run(f"echo once >> {file}", "May I?"), say("done")))
        request = await first.asked(pending)

        thread = await first.start_thread(workspace)
        turn = await first.start_turn(thread, script(hold(marker), tokens(COUNT, rate=400)))
        for page in pages[1:]:
            await page.request("thread/resume", threadId=thread)
        for proxy in proxies:
            breakers.append(Breaker(proxy, random.Random(seed.randrange(1 << 32)), 200, 8_000))
            proxy.cut()
        await model.release(marker)

        async def harder():
            """The anchor's link and the relay itself break too, and both links at once."""
            for number in range(6 if FULL else 2):
                await asyncio.sleep(seed.uniform(0.5, 2.0))
                stack.anchors.cut(reset=seed.random() < 0.5)
                if number % 2:
                    for proxy in proxies:
                        proxy.cut()
            await stack.orbit.kill()
            await stack.orbit.start()
        hard = asyncio.create_task(harder())
        await asyncio.gather(*(page.ended(turn, timeout=400) for page in pages))
        await hard
        turns = [(turn, COUNT)]
        while (cuts := sum(breaker.cuts for breaker in breakers)) < 200:
            turns.append((await first.start_turn(thread, script(tokens(1000, rate=400))), 1000))
            await asyncio.gather(*(page.ended(turns[-1][0], timeout=400) for page in pages))
        for breaker in breakers:
            breaker.active = False
        print(f"{cuts} cuts, {[page.dials for page in pages]} dials, {[page.duplicates for page in pages]} duplicates, "
              f"{[len(check(page, turn)) for page in pages]} of {COUNT} tokens as deltas")
        for page in pages:
            for turn, count in turns:
                check(page, turn, count)
        assert (await first.decide(request, "accept"))["outcome"] == "delivered"
        await first.ended(pending)
        assert file.read_text() == "once\n"
    finally:
        for page in pages:
            await page.stop()
        for proxy in proxies:
            await proxy.clean()


async def test_a_half_open_link_is_found(stack, model, workspace):
    """Bytes vanish, nothing closes: first on the anchor's hop, then on the browser's."""
    marker = uuid.uuid4().hex
    async with stack.page() as page:
        thread = await page.start_thread(workspace)
        turn = await page.start_turn(thread, script(tokens(100, rate=1000), hold(marker), tokens(100, start=101)))
        await model.holding(marker)
        accepted = stack.anchors.accepted
        for connection in stack.anchors.open:
            connection.blackhole()
        await model.release(marker)
        # After 15 s; how exactly, bench/ measures.
        await eventually(lambda: stack.anchors.accepted > accepted, "the anchor dials again")
        await page.ended(turn)
        check(page, turn, 200)


async def test_a_receiver_that_stalls_does_not_grow_the_anchor(stack, model, workspace):
    count = 50_000
    async with stack.page() as page:
        thread = await page.start_thread(workspace)
        await page.request("anchor/info")
        before = stack.anchor.memory()
        page.reading.clear()
        turn = (await page.ask("turn/start", threadId=thread,
                               input=[{"type": "text", "text": script(tokens(count))}]))
        most = before
        until = asyncio.get_running_loop().time() + 30
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.5)
            most = max(most, stack.anchor.memory())
        page.reading.set()
        turn = (await turn)["result"]["turn"]["id"]
        await page.ended(turn)
        text = "".join(item["text"] for item in page.items(turn, "agentMessage"))
        assert text == numbered(count)
        print(f"anchor {before / 1e6:.1f} MB before, {most / 1e6:.1f} MB at most")
        assert most - before < 16e6
