"""The scripted model against the real app-server: what the other tests stand on."""

import asyncio

import pytest

from support.model import hold, numbered, run, say, script, tokens


@pytest.fixture
def thread(run, stdio, workspace):
    return run(stdio.request("thread/start", cwd=str(workspace)))["thread"]["id"]


def items(stdio, turn: str, kind: str) -> list[dict]:
    return [p["item"] for p in stdio.of("item/completed") if p["turnId"] == turn and p["item"]["type"] == kind]


async def approve(stdio, turn: str, decision: str, count: int = 1):
    """Answers that many command approvals of the turn."""
    def asked():
        return [m for m in stdio.messages if m.get("method") == "item/commandExecution/requestApproval"
                and m["params"]["turnId"] == turn]
    await stdio.wait(lambda m: len(asked()) >= count)
    for request in asked():
        stdio.send({"id": request["id"], "result": {"decision": decision}})
    return [request["params"] for request in asked()]


async def test_numbered_tokens_arrive_whole(stdio, thread):
    turn = await stdio.turn(thread, script(tokens(500, rate=2000, size=12)))
    assert (await stdio.ended(turn))["status"] == "completed"
    deltas = [p["delta"] for p in stdio.of("item/agentMessage/delta") if p["turnId"] == turn]
    assert "".join(deltas) == numbered(500, size=12)
    assert len(deltas) > 100
    assert items(stdio, turn, "agentMessage")[0]["text"] == numbered(500, size=12)


async def test_a_command_runs_and_its_output_reaches_the_model(stdio, thread, model):
    turn = await stdio.turn(thread, script(run("echo out-of-the-shell"), say("seen"), title="plain command"))
    await stdio.ended(turn)
    assert "out-of-the-shell" in items(stdio, turn, "commandExecution")[0]["aggregatedOutput"]
    assert "out-of-the-shell" in (await model.requests("plain command"))[-1]["outputs"][0]
    assert items(stdio, turn, "agentMessage")[-1]["text"] == "seen"


@pytest.mark.parametrize("decision", ["accept", "decline"])
async def test_an_escalated_command_asks_first(stdio, thread, workspace, decision):
    turn = await stdio.turn(thread, script(run(f"touch {decision}.txt", "May I?"), say("done")))
    asked = await approve(stdio, turn, decision)
    await stdio.ended(turn)
    assert asked[0]["reason"] == "May I?"
    assert (workspace / f"{decision}.txt").exists() == (decision == "accept")


async def test_two_approvals_wait_at_once(stdio, thread, workspace):
    both = {"calls": [run("touch left.txt", "Left?"), run("touch right.txt", "Right?")]}
    turn = await stdio.turn(thread, script(both, say("done")))
    await approve(stdio, turn, "accept", count=2)
    await stdio.ended(turn)
    assert (workspace / "left.txt").exists() and (workspace / "right.txt").exists()


async def test_a_question_is_asked(stdio, thread, model):
    question = {"id": "colour", "header": "Colour", "question": "Which colour?",
                "options": [{"label": "Red", "description": "Warm."}, {"label": "Blue", "description": "Cool."}]}
    turn = await stdio.turn(thread, script({"question": [question]}, say("done"), title="colour question"))
    asked = await stdio.wait(lambda m: m.get("method") == "item/tool/requestUserInput")
    assert asked["params"]["questions"][0]["question"] == "Which colour?"
    stdio.send({"id": asked["id"], "result": {"answers": {"colour": {"answers": ["Blue"]}}}})
    await stdio.ended(turn)
    assert "Blue" in (await model.requests("colour question"))[-1]["outputs"][0]


async def test_reasoning_plan_and_patch(stdio, thread, workspace):
    turn = await stdio.turn(thread, script(
        {"reasoning": "**Thinking** about it", "rate": 0},
        {"plan": [{"step": "First", "status": "in_progress"}]},
        {"patch": "*** Begin Patch\n*** Add File: patched.txt\n+content\n*** End Patch"}, say("done")))
    assert (await stdio.ended(turn))["status"] == "completed"
    assert items(stdio, turn, "reasoning")[0]["summary"] == ["**Thinking** about it"]
    assert [p["plan"] for p in stdio.of("turn/plan/updated") if p["turnId"] == turn][-1][0]["step"] == "First"
    assert items(stdio, turn, "fileChange")[0]["changes"][0]["path"].endswith("patched.txt")
    assert (workspace / "patched.txt").read_text() == "content\n"


async def test_steering_is_seen_by_the_model(stdio, thread, model):
    turn = await stdio.turn(thread, script(say("before"), hold("steer"), say(" after"), title="to be steered"))
    await model.holding("steer")
    await stdio.request("turn/steer", threadId=thread, expectedTurnId=turn,
                        input=[{"type": "text", "text": "mind the gap"}])
    await model.release("steer")
    await stdio.ended(turn)
    assert (await model.requests("mind the gap"))[-1]["steered"]
    assert "mind the gap" in items(stdio, turn, "agentMessage")[-1]["text"]


async def test_an_interrupt_ends_the_stream(stdio, thread, model):
    turn = await stdio.turn(thread, script(say("begin"), hold("never"), say("end")))
    await model.holding("never")
    await stdio.request("turn/interrupt", threadId=thread, turnId=turn)
    assert (await stdio.ended(turn))["status"] == "interrupted"


@pytest.mark.parametrize("kind", ["usage", "status", "cut"])
async def test_failures_end_the_turn(stdio, thread, kind):
    turn = await stdio.turn(thread, script({"error": kind}))
    ended = await stdio.ended(turn)
    assert ended["status"] == "failed"
    if kind == "usage":
        assert ended["error"]["codexErrorInfo"] == "usageLimitExceeded"


@pytest.mark.parametrize("prompt", ["Show me around", "Please ask me something", "Run two commands", "Let it fail",
                                    "Explain how a shell finds a command"])
async def test_the_demo_tells_a_whole_story(stdio, thread, prompt):
    turn = await stdio.turn(thread, prompt)

    async def answer_everything():
        answered = set()
        while True:
            message = await stdio.wait(lambda m: "method" in m and "id" in m and m["id"] not in answered)
            answered.add(message["id"])
            if message["params"]["turnId"] != turn:
                continue
            question = message["method"] == "item/tool/requestUserInput"
            result = {"answers": {"language": {"answers": ["Python"]}}} if question else {"decision": "accept"}
            stdio.send({"id": message["id"], "result": result})
    answering = asyncio.create_task(answer_everything())
    ended = await stdio.ended(turn)
    answering.cancel()
    assert ended["status"] == "completed", ended
    said = items(stdio, turn, "agentMessage")[-1]["text"]
    assert {"Show": "## Done", "Please": "**Python** it is", "Run": "both of them", "Let": "Two of three",
            "Explain": "one order, one table"}[prompt.split()[0]] in said
