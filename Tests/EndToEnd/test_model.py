"""The scripted model against the real app-server: what the other tests stand on."""

import asyncio

import pytest

from support.model import hold, numbered, run, say, script, tokens


@pytest.fixture
def thread(run, stdio, workspace):
    return run(stdio.start_thread(workspace))


async def test_numbered_tokens_arrive_whole(stdio, thread):
    turn = await stdio.start_turn(thread, script(tokens(500, rate=2000, size=12)))
    assert (await stdio.ended(turn))["status"] == "completed"
    deltas = [p["delta"] for p in stdio.of("item/agentMessage/delta", turn)]
    assert "".join(deltas) == numbered(500, size=12)
    assert len(deltas) > 100
    assert stdio.items(turn, "agentMessage")[0]["text"] == numbered(500, size=12)


async def test_a_command_runs_and_its_output_reaches_the_model(stdio, thread, model):
    turn = await stdio.start_turn(thread, script(run("echo out-of-the-shell"), say("seen"), title="plain command"))
    await stdio.ended(turn)
    assert "out-of-the-shell" in stdio.items(turn, "commandExecution")[0]["aggregatedOutput"]
    assert "out-of-the-shell" in (await model.requests("plain command"))[-1]["outputs"][0]
    assert stdio.items(turn, "agentMessage")[-1]["text"] == "seen"


@pytest.mark.parametrize("decision", ["accept", "decline"])
async def test_an_escalated_command_asks_first(stdio, thread, workspace, decision):
    turn = await stdio.start_turn(thread, script(run(f"touch {decision}.txt", "May I?"), say("done")))
    asked = await stdio.asked(turn)
    await stdio.answer(asked, {"decision": decision})
    await stdio.ended(turn)
    assert asked["params"]["reason"] == "May I?"
    assert (workspace / f"{decision}.txt").exists() == (decision == "accept")


async def test_two_approvals_wait_at_once(stdio, thread, workspace):
    both = {"calls": [run("touch left.txt", "Left?"), run("touch right.txt", "Right?")]}
    turn = await stdio.start_turn(thread, script(both, say("done")))
    first = await stdio.asked(turn)
    second = await stdio.asked(turn, but=(first["id"],))
    for request in (second, first):
        await stdio.answer(request, {"decision": "accept"})
    await stdio.ended(turn)
    assert (workspace / "left.txt").exists() and (workspace / "right.txt").exists()


async def test_a_question_is_asked(stdio, thread, model):
    question = {"id": "colour", "header": "Colour", "question": "Which colour?",
                "options": [{"label": "Red", "description": "Warm."}, {"label": "Blue", "description": "Cool."}]}
    turn = await stdio.start_turn(thread, script({"question": [question]}, say("done"), title="colour question"))
    asked = await stdio.asked(turn)
    assert asked["params"]["questions"][0]["question"] == "Which colour?"
    await stdio.answer(asked, {"answers": {"colour": {"answers": ["Blue"]}}})
    await stdio.ended(turn)
    assert "Blue" in (await model.requests("colour question"))[-1]["outputs"][0]


async def test_reasoning_plan_and_patch(stdio, thread, workspace):
    turn = await stdio.start_turn(thread, script(
        {"reasoning": "**Thinking** about it", "rate": 0},
        {"plan": [{"step": "First", "status": "in_progress"}]},
        {"patch": "*** Begin Patch\n*** Add File: patched.txt\n+content\n*** End Patch"}, say("done")))
    assert (await stdio.ended(turn))["status"] == "completed"
    assert stdio.items(turn, "reasoning")[0]["summary"] == ["**Thinking** about it"]
    assert stdio.of("turn/plan/updated", turn)[-1]["plan"][0]["step"] == "First"
    assert stdio.items(turn, "fileChange")[0]["changes"][0]["path"].endswith("patched.txt")
    assert (workspace / "patched.txt").read_text() == "content\n"


async def test_steering_is_seen_by_the_model(stdio, thread, model):
    turn = await stdio.start_turn(thread, script(say("before"), hold("steer"), say(" after"), title="to be steered"))
    await model.holding("steer")
    await stdio.request("turn/steer", threadId=thread, expectedTurnId=turn,
                        input=[{"type": "text", "text": "mind the gap"}])
    await model.release("steer")
    await stdio.ended(turn)
    assert (await model.requests("mind the gap"))[-1]["steered"]
    assert "mind the gap" in stdio.items(turn, "agentMessage")[-1]["text"]


async def test_an_interrupt_ends_the_stream(stdio, thread, model):
    turn = await stdio.start_turn(thread, script(say("begin"), hold("never"), say("end")))
    await model.holding("never")
    await stdio.request("turn/interrupt", threadId=thread, turnId=turn)
    assert (await stdio.ended(turn))["status"] == "interrupted"


@pytest.mark.parametrize("kind", ["usage", "status", "cut"])
async def test_failures_end_the_turn(stdio, thread, kind):
    turn = await stdio.start_turn(thread, script({"error": kind}))
    ended = await stdio.ended(turn)
    assert ended["status"] == "failed"
    if kind == "usage":
        assert ended["error"]["codexErrorInfo"] == "usageLimitExceeded"


@pytest.mark.parametrize("prompt", ["Show me around", "Please ask me something", "Run two commands", "Let it fail",
                                    "Explain how a shell finds a command"])
async def test_the_demo_tells_a_whole_story(stdio, thread, prompt):
    turn = await stdio.start_turn(thread, prompt)

    async def answer_everything():
        answered = ()
        while True:
            request = await stdio.asked(turn, but=answered)
            answered += (request["id"],)
            question = request["method"] == "item/tool/requestUserInput"
            await stdio.answer(request, {"answers": {"language": {"answers": ["Python"]}}} if question
                               else {"decision": "accept"})
    answering = asyncio.create_task(answer_everything())
    ended = await stdio.ended(turn)
    answering.cancel()
    assert ended["status"] == "completed", ended
    said = stdio.items(turn, "agentMessage")[-1]["text"]
    assert {"Show": "## Done", "Please": "**Python** it is", "Run": "both of them", "Let": "Two of three",
            "Explain": "one order, one table"}[prompt.split()[0]] in said
