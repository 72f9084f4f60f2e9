"""From the model's token to the browser's socket, through anchor and relay, against app-server's own socket."""

import asyncio
import re
import uuid

from results import Result, of, percentile
from place import clock_offset, direct, stack
from support.model import hold, script, tokens

STAMP = re.compile(r"t\d{5}@(\d+\.\d+)")
RATE = 50  # tokens a second on each of the two ways


async def event_latency(count: int = 2000) -> list[Result]:
    """Two threads stream at the same time and rate, token by token in turn: one is watched through the whole way, the
    other at app-server's socket, by the same program and on one clock."""
    async with stack() as whole, whole.page() as page:
        near = await direct(whole)
        offset = clock_offset(whole.model)
        samples: dict[str, list[float]] = {"page": [], "direct": []}

        def watch(name: str):
            def take(text: str, at: float):
                samples[name] += [at * 1000 - (float(stamp) - offset) for stamp in STAMP.findall(text)
                                  if "item/agentMessage/delta" in text]
            return take
        turns = []
        for client, name in ((page, "page"), (near, "direct")):
            thread = await client.start_thread(whole.workspace)
            marker = uuid.uuid4().hex
            turn = await client.start_turn(thread, script(hold(marker), tokens(count, rate=RATE, stamp=True)))
            await whole.model.holding(marker)
            client.watch = watch(name)
            turns.append((client, turn, marker))
        for client, turn, marker in turns:
            await whole.model.release(marker)
            await asyncio.sleep(0.5 / RATE)
        for client, turn, marker in turns:
            await client.ended(turn, timeout=count / RATE + 30)
        await near.clean()
    # A drift of the clocks between the two ends would show as a trend; the first second warms up.
    relayed, floor = samples["page"][RATE:], samples["direct"][RATE:]
    return [of("event-latency-p50", "ms", relayed, percentile(floor, 0.5)),
            of("event-latency-p99", "ms", relayed, percentile(floor, 0.99), share=0.99)]
