"""A page's work with codex, through relay and anchor: what each message does, without a browser in between."""

import asyncio
import uuid

import pytest

from support.anchor import NAME
from support.codex import Refused
from support.model import hold, numbered, run, say, script, tokens
from support.page import Page
from support.processes import eventually


@pytest.fixture
def thread(run, page, workspace):
    return run(page.start_thread(workspace))


async def test_the_anchor_tells_about_itself(page, stack):
    info = await page.request("anchor/info")
    assert info["incarnation"] == page.incarnation
    assert info["codex"]["version"].split(".") >= ["0", "163"]
    assert info["name"] == NAME


async def test_an_unknown_anchor_method_is_refused(page):
    with pytest.raises(Refused) as error:
        await page.request("anchor/nothing")
    assert error.value.code == -32601


async def test_text_streams_whole(page, thread):
    turn = await page.start_turn(thread, script(tokens(300, rate=3000)))
    assert (await page.ended(turn))["status"] == "completed"
    assert page.streamed(turn) == page.items(turn, "agentMessage")[0]["text"] == numbered(300)


async def test_a_large_message_is_carried_in_parts(page, thread):
    text = "ä𝄞" * 40_000
    turn = await page.start_turn(thread, script(say(text)))
    assert (await page.ended(turn))["status"] == "completed"
    assert page.items(turn, "userMessage")[0]["content"][0]["text"] == script(say(text))
    assert page.items(turn, "agentMessage")[0]["text"] == text


@pytest.mark.parametrize("decision", ["accept", "decline"])
async def test_a_command_runs_only_if_it_was_approved(page, thread, workspace, decision):
    file = workspace / f"{decision}-{uuid.uuid4().hex}"
    turn = await page.start_turn(thread, script(run(f"touch {file}", "May I?"), say("done")))
    request = await page.asked(turn)
    assert str(file) in request["params"]["command"] and request["params"]["reason"] == "May I?"
    assert await page.decide(request, decision) == {"outcome": "delivered"}
    await page.ended(turn)
    assert file.exists() == (decision == "accept")


async def test_the_same_decision_twice_is_too_late(page, thread):
    turn = await page.start_turn(thread, script(run("true", "May I?"), say("done")))
    request = await page.asked(turn)
    await page.decide(request, "accept")
    await page.ended(turn)
    assert await page.decide(request, "accept") == {"outcome": "too-late", "reason": "resolved"}


@pytest.mark.parametrize("wrong", [{"turnId": "another"}, {"itemId": "another"}, {"threadId": "another"},
                                   {"incarnation": "another"}, {"requestId": 9999}])
async def test_a_decision_for_something_else_is_not_forwarded(page, thread, wrong):
    turn = await page.start_turn(thread, script(run("true", "May I?"), say("done")))
    request = await page.asked(turn)
    answer = await page.answer(request, {"decision": "accept"}, **wrong)
    assert answer["outcome"] == "too-late"
    assert not page.items(turn, "commandExecution")
    assert await page.decide(request, "decline") == {"outcome": "delivered"}
    await page.ended(turn)


async def test_a_bare_response_to_nothing_is_told(page):
    await page.send({"id": 4711, "result": {"decision": "accept"}})
    told = await page.wait(lambda m: m.get("method") == "anchor/tooLate")
    assert told["params"]["id"] == 4711


async def test_two_approvals_wait_at_once(page, thread, workspace):
    left, right = workspace / uuid.uuid4().hex, workspace / uuid.uuid4().hex
    both = {"calls": [run(f"touch {left}", "Left?"), run(f"touch {right}", "Right?")]}
    turn = await page.start_turn(thread, script(both, say("done")))
    first = await page.asked(turn)
    second = await page.asked(turn, but=(first["id"],))
    await page.decide(second, "accept")
    await page.decide(first, "decline")
    await page.ended(turn)
    assert {first["params"]["reason"]: left, second["params"]["reason"]: right}.keys() == {"Left?", "Right?"}
    accepted = {"Left?": left, "Right?": right}[second["params"]["reason"]]
    declined = {"Left?": left, "Right?": right}[first["params"]["reason"]]
    assert accepted.exists() and not declined.exists()


async def test_a_question_is_answered(page, thread, model):
    question = {"id": "colour", "header": "Colour", "question": "Which colour?",
                "options": [{"label": "Red", "description": "Warm."}, {"label": "Blue", "description": "Cool."}]}
    marker = uuid.uuid4().hex
    turn = await page.start_turn(thread, script({"question": [question]}, say("done"), title=marker))
    request = await page.asked(turn)
    assert (await page.answer(request, {"answers": {"colour": {"answers": ["Blue"]}}}))["outcome"] == "delivered"
    await page.ended(turn)
    assert "Blue" in (await model.requests(marker))[-1]["outputs"][0]


async def test_steer_queue_and_interrupt(page, thread, model):
    marker, first, later = (uuid.uuid4().hex for _ in range(3))
    turn = await page.start_turn(thread, script(say("begin"), hold(marker)))
    await model.holding(marker)
    text = [{"type": "text", "text": script(hold(first), title=first)}]
    await page.request("turn/steer", threadId=thread, expectedTurnId=turn, clientUserMessageId=first, input=text)
    text = [{"type": "text", "text": script(say("from the queue"), title=later)}]
    await page.request("thread/queue/add", threadId=thread, clientUserMessageId=later, input=text)
    await model.release(marker)
    await model.holding(first)
    await page.request("turn/interrupt", threadId=thread, turnId=turn)
    assert (await page.ended(turn))["status"] == "interrupted"
    if (await page.request("thread/queue/list", threadId=thread))["data"]:
        await page.request("thread/queue/start", threadId=thread)
    done = await page.wait(lambda m: m.get("method") == "turn/completed" and m["params"]["turn"]["id"] != turn
                           and m["params"]["threadId"] == thread)
    assert page.items(done["params"]["turn"]["id"], "userMessage")[0]["clientId"] == later
    assert len(await model.turns(first)) == 1 and len(await model.turns(later)) == 1


async def test_a_page_that_comes_in_mid_stream_has_the_whole_text(page, thread, stack, model):
    marker = uuid.uuid4().hex
    turn = await page.start_turn(thread, script(tokens(250, rate=2000, hold=(200, marker))))
    await model.holding(marker)
    await page.wait(lambda m: "t00200" in page.streamed(turn))
    async with stack.page() as second:
        await second.request("thread/resume", threadId=thread)

        async def before() -> bool:
            """The anchor has its text from a connection of its own, which may be behind the page's."""
            running = await second.request("anchor/turn/running", threadId=thread)
            assert running["turnId"] == turn and not running["truncated"]
            texts = (text for item in running["items"] for delta in item["deltas"] for _, text in delta["text"])
            return "".join(texts) == numbered(200)
        await eventually(before, "the text so far")
        await model.release(marker)
        await second.ended(turn)
        assert second.streamed(turn) == numbered(50, start=201)
    assert page.streamed(turn) == numbered(250)


async def test_an_approval_decided_here_disappears_there(page, thread, stack):
    async with stack.page() as second:
        turn = await page.start_turn(thread, script(run("true", "May I?"), say("done")))
        here = await page.asked(turn)
        await second.request("thread/resume", threadId=thread)
        there = await second.asked(turn)
        assert there["id"] == here["id"]
        await second.decide(there, "accept")
        await page.wait(lambda m: m.get("method") == "serverRequest/resolved"
                        and m["params"]["requestId"] == here["id"])
        assert await page.decide(here, "decline") == {"outcome": "too-late", "reason": "resolved"}
        assert (await page.ended(turn))["status"] == "completed"


async def test_a_pending_approval_outlives_its_page(stack, workspace):
    file = workspace / uuid.uuid4().hex
    async with stack.page() as first:
        thread = await first.start_thread(workspace)
        turn = await first.start_turn(thread, script(run(f"touch {file}", "May I?"), say("done")))
        await first.asked(turn)
    async with stack.page() as second:
        await second.request("thread/resume", threadId=thread)
        assert (await second.decide(await second.asked(turn), "accept"))["outcome"] == "delivered"
        await second.ended(turn)
    assert file.exists()


async def test_a_decision_made_offline_arrives_once(page, thread, stack, workspace):
    file = workspace / uuid.uuid4().hex
    turn = await page.start_turn(thread, script(run(f"echo once >> {file}", "May I?"), say("done")))
    request = await page.asked(turn)
    with stack.browsers.down():
        answer = await page.ask(
            "anchor/answer", incarnation=page.incarnation, requestId=request["id"], threadId=thread, turnId=turn,
            itemId=request["params"]["itemId"], result={"decision": "accept"})
        dials = page.dials
        await eventually(lambda: page.dials > dials + 1, "the page dials in vain")
    assert (await answer)["result"] == {"outcome": "delivered"}
    await page.ended(turn)
    assert file.read_text() == "once\n" and page.resets == []


async def test_an_invited_user_sees_nothing_of_the_first(page, thread, stack):
    link = await stack.account.invite()
    guest = stack.guest()
    await guest.use(link, name="Grace")
    assert not guest.user["owner"] and await guest.machines() == []
    stranger = Page(guest, machine=page.machine)
    stranger._task = asyncio.create_task(stranger._run())
    try:
        await eventually(lambda: stranger.errors, "the frame to a foreign machine is refused")
        assert stranger.hello["machines"] == []
        assert stranger.errors[0]["code"] in ("unreachable", "forbidden")
        turn = await page.start_turn(thread, script(tokens(50)))
        await page.ended(turn)
        # Frames of another user's session, with its id known, reach nothing either.
        stranger.session.id = page.session.id
        await stranger.transmit({"type": "open", "protocol": 1, "resume": True, "received": 0})
        await eventually(lambda: len(stranger.errors) >= 2, "the second frame is refused too")
        assert not stranger.messages and not stranger.opened.is_set()
    finally:
        await stranger.clean()


async def test_a_session_belongs_to_its_sign_in(page, stack):
    """Another sign-in of the same person that knows the session's id gets nothing of it."""
    other = stack.account.another()
    await other.sign_in()
    thief = Page(other, machine=page.machine)
    thief.session.id = page.session.id
    thief.session.opened = True
    try:
        await thief.dial()
        assert thief.resets == ["unknown"]
        assert thief.session.id != page.session.id
        await page.request("anchor/info")
    finally:
        await thief.clean()


async def test_signing_out_ends_the_sessions(stack):
    other = stack.account.another()
    await other.sign_in()
    page = await Page(other).start()
    try:
        await other.post("/api/signout")
        await eventually(lambda: page.close_code == 4001, "the socket is closed as revoked")
    finally:
        await page.clean()
