"""The ways back: a prompt to the model, and a decision to codex, each against app-server's own socket."""

import time
import uuid

from results import Result, median, of
from place import clock_offset, direct, stack
from support.model import run, say, script

ROUNDS = 12


async def turns() -> list[Result]:
    sent: dict[str, list[float]] = {"page": [], "direct": []}
    decided: dict[str, list[float]] = {"page": [], "direct": []}
    async with stack() as whole, whole.page() as page:
        near = await direct(whole)
        offset = clock_offset(whole.model)
        ways = {"page": (page, await page.start_thread(whole.workspace)),
                "direct": (near, await near.start_thread(whole.workspace))}
        for _ in range(ROUNDS + 1):
            for name, (client, thread) in ways.items():
                sent[name].append(await _send(whole, client, thread, offset))
                decided[name].append(await _decide(client, thread))
        await near.clean()
    # The first of each warms up.
    return [of("send-to-model-p50", "ms", sent["page"][1:], median(sent["direct"][1:])),
            of("decision-back-p50", "ms", decided["page"][1:], median(decided["direct"][1:]))]


async def _send(whole, client, thread: str, offset: float) -> float:
    """From the call to the arrival of the request at the model."""
    marker = uuid.uuid4().hex
    start = time.perf_counter() * 1000
    turn = await client.start_turn(thread, script(say("Done."), title=marker))
    await client.ended(turn)
    return (await whole.model.requests(marker))[0]["at"] - offset - start


async def _decide(client, thread: str) -> float:
    """From the decision to the word that codex has taken it."""
    turn = await client.start_turn(thread, script(run("true", "May I?"), say("Done.")), approvalPolicy="on-request")
    request = await client.asked(turn)
    ends: list[float] = []

    def watch(text: str, at: float):
        if "serverRequest/resolved" in text:
            ends.append(at)
    client.watch = watch
    start = time.perf_counter()
    if hasattr(client, "decide"):
        await client.decide(request, "accept")
    else:
        await client.send({"id": request["id"], "result": {"decision": "accept"}})
    await client.ended(turn)
    client.watch = lambda text, at: None
    return (ends[0] - start) * 1000
