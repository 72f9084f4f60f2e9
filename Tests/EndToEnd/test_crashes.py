"""Programs that end without a word: what waits is offered again or reported as too late, and nothing runs twice."""

import uuid

import pytest

from support.model import hold, run, say, script
from support.page import Page
from support.processes import eventually


@pytest.fixture
def thread(run, page, workspace):
    return run(page.start_thread(workspace))


async def reset(page: Page, *reasons: str):
    """Awaits that the page's session ended for one of these reasons, and a new one is open."""
    await eventually(lambda: page.resets, "the session ends")
    assert page.resets[-1] in reasons, page.resets
    await page.opened.wait()
    await page.initialize()
    page.resets.clear()


async def test_a_pending_approval_survives_the_anchor(page, thread, stack, workspace):
    file = workspace / uuid.uuid4().hex
    turn = await page.start_turn(thread, script(run(f"echo once >> {file}", "May I?"), say("done")))
    request = await page.asked(turn)
    incarnation = page.incarnation
    await stack.anchor.kill()
    await stack.anchor.start()
    await reset(page, "unknown")
    assert page.incarnation == incarnation, "app-server lives on"
    seen = len(page.messages)
    await page.request("thread/resume", threadId=thread)
    again = await page.asked(turn, after=seen)
    assert again["id"] == request["id"] and again["params"]["itemId"] == request["params"]["itemId"]
    assert await page.decide(again, "accept") == {"outcome": "delivered"}
    await page.ended(turn)
    assert file.read_text() == "once\n"


async def test_text_that_came_while_the_anchor_was_gone_is_not_lost(page, thread, stack, model):
    marker = uuid.uuid4().hex
    turn = await page.start_turn(thread, script(say("before"), hold(marker), say("after")))
    await model.holding(marker)
    await stack.anchor.kill()
    await model.release(marker)
    await stack.anchor.start()
    await reset(page, "unknown")
    answer = await page.request("thread/resume", threadId=thread)

    async def finished():
        turns = (await page.request("thread/read", threadId=thread, includeTurns=True))["thread"]["turns"]
        return next((t for t in turns if t["id"] == turn and t["status"] == "completed"), None)
    found = await eventually(finished, "the turn ends")
    assert [i["text"] for i in found["items"] if i["type"] == "agentMessage"] == ["before", "after"], answer


async def test_an_old_decision_never_reaches_another_command(page, stack, workspace):
    """App-server dies with an approval pending; the next one gives the same id to a different command."""
    ended = ("app-server-ended", "app-server-down", "upstream-lost")
    await stack.anchor.kill_app_server()
    await reset(page, *ended)
    thread = await page.start_thread(workspace)
    old, new = workspace / uuid.uuid4().hex, workspace / uuid.uuid4().hex
    turn = await page.start_turn(thread, script(run(f"touch {old}", "The old one?"), say("done")))
    request, incarnation = await page.asked(turn), page.incarnation
    await stack.anchor.kill_app_server()
    await reset(page, *ended)
    assert page.incarnation != incarnation
    answer = await page.request("thread/resume", threadId=thread)
    assert answer["thread"]["turns"][-1]["status"] == "interrupted"
    # The first request of an app-server has the id 0: another thread's command gets it now.
    other = await page.start_thread(workspace)
    later = await page.start_turn(other, script(run(f"touch {new}", "The new one?"), say("done")))
    pending = await page.asked(later)
    assert pending["id"] == request["id"], "ids start again, which is what makes an old decision dangerous"
    late = await page.answer(request, {"decision": "accept"}, incarnation=incarnation)
    assert late == {"outcome": "too-late", "reason": "restarted"}
    # Not even as a bare response, nor with the new incarnation's name.
    assert (await page.answer(request, {"decision": "accept"}))["outcome"] == "too-late"
    assert not page.items(later, "commandExecution") and not new.exists() and not old.exists()
    assert await page.decide(pending, "decline") == {"outcome": "delivered"}
    await page.ended(later)
    assert not new.exists() and not old.exists()


async def test_the_relay_restarts_without_anyone_noticing(page, thread, stack, model):
    marker = uuid.uuid4().hex
    turn = await page.start_turn(thread, script(say("before"), hold(marker), say("after")))
    await model.holding(marker)
    await stack.orbit.kill()
    await stack.orbit.start()
    await model.release(marker)
    await page.ended(turn)
    assert [item["text"] for item in page.items(turn, "agentMessage")] == ["before", "after"]
    assert page.resets == []


async def test_a_revoked_machine_ends(page, stack):
    """The last test of this module: the machine is gone afterwards."""
    await stack.account.post("/api/machines/revoke", id=page.machine)
    await eventually(lambda: not stack.anchor.process.running, "the anchor ends")
    assert any("revoked" in line.lower() or "signed" in line.lower() for line in stack.anchor.process.lines)
