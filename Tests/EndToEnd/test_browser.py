"""The main job in a real browser: start a task, watch it, decide, steer, stop, and never be lied to."""

import re
import uuid

import pytest

from support.client import Client, expect
from support.model import hold, run, say, script, tokens


@pytest.fixture
def title():
    """The thread's title: the first line of its prompt."""
    return f"Task {uuid.uuid4().hex[:8]}"


async def test_text_streams_into_the_page(ada, model, title):
    await ada.start(script(tokens(120, rate=500, hold=(60, title)), title=title))
    await ada.is_open(title)
    await ada.shows_token(60)
    await ada.shows_tokens(60)
    await expect(ada.main.get_by_text("Working").filter(visible=True).first).to_be_visible()
    await model.release(title)
    await ada.is_done()
    await ada.shows_tokens(120)


async def test_an_approved_command_runs(ada, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"touch {file}", "May I touch it?"), say("It is there."), title=title))
    card = ada.card("May I touch it?")
    await expect(card.get_by_text(f"touch {file}").first).to_be_visible()
    assert not file.exists()
    await ada.decide(card, "Approve")
    await ada.shows("It is there.")
    await expect(card).to_be_hidden()
    assert file.exists()


async def test_a_denied_command_does_not_run(ada, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"touch {file}", "May I not?"), say("unreached"), title=title))
    await ada.decide(ada.card("May I not?"), "Deny and stop")
    await expect(ada.cards()).to_have_count(0)
    await expect(ada.page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    assert not file.exists()


async def test_the_reason_of_a_denial_begins_the_next_turn(ada, model, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"touch {file}", "May I, or not?"), say("unreached"), title=title))
    card = ada.card("May I, or not?")
    deny = card.get_by_role("button", name="Deny with a reason")
    await deny.click()
    word = f"because of {title}"
    await card.get_by_role("textbox", name="Why not? Codex reads it.").fill(word)
    await ada.press(deny.filter(has_text="Deny"))
    await expect(ada.says(word)).to_have_count(1)
    await ada.is_done()
    assert len(await model.turns(word)) == 1 and not file.exists()
    await expect(ada.main.get_by_text("follow-up").filter(visible=True)).to_have_count(0)


async def test_what_is_queued_waits_after_a_stop(ada, model, title):
    gate = uuid.uuid4().hex
    await ada.start(script(say("Ready."), hold(gate), title=title))
    await model.holding(gate)
    await ada.queue(f"Later {title}")
    await expect(ada.main.get_by_text("1 follow-up when the turn ends")).to_be_visible()
    await ada.stop()
    await expect(ada.main.get_by_text("1 follow-up waits: the turn was stopped")).to_be_visible()
    await ada.page.get_by_role("button", name="Send now").click()
    await ada.is_done()
    assert len(await model.turns(f"Later {title}")) == 1


async def test_two_approvals_at_once(ada, workspace, title):
    left, right = workspace / f"{title[5:]}-left", workspace / f"{title[5:]}-right"
    both = {"calls": [run(f"touch {left}", "The left one?"), run(f"touch {right}", "The right one?")]}
    await ada.start(script(both, say("Both were decided."), title=title))
    await expect(ada.page.get_by_label("1 of 2")).to_be_visible()
    await ada.inbox()
    await expect(ada.cards()).to_have_count(2)
    await ada.decide(ada.card("The right one?"), "Approve")
    await expect(ada.cards()).to_have_count(1)
    await ada.decide(ada.card("The left one?"), "Approve")
    await expect(ada.cards()).to_have_count(0)
    await ada.open(title)
    await ada.shows("Both were decided.")
    assert left.exists() and right.exists()


async def test_a_question_is_answered(ada, model, title):
    question = {"id": "colour", "header": "Colour", "question": "Which colour?",
                "options": [{"label": "Red", "description": "Warm."}, {"label": "Blue", "description": "Cool."}]}
    await ada.start(script({"question": [question]}, say("Noted."), title=title))
    card = ada.cards("A question")
    await card.get_by_role("radio", name=re.compile("^Blue")).check()
    await ada.decide(card, "Send answer")
    await ada.shows("Noted.")
    assert "Blue" in (await model.requests(title))[-1]["outputs"][0]


async def test_a_running_turn_is_steered(ada, model, title):
    await ada.start(script(say("Before."), hold(title), title=title))
    await model.holding(title)
    word = uuid.uuid4().hex
    await ada.steer(f"Mind {word}")
    # The message and the answer that quotes it.
    await expect(ada.says(f"Mind {word}")).to_have_count(2)
    assert len(await model.turns(word)) == 1


async def test_a_follow_up_waits_in_the_queue(ada, model, title):
    await ada.start(script(say("Before."), hold(title), title=title))
    await model.holding(title)
    word = uuid.uuid4().hex
    await ada.queue(script(say(f"This is {word}."), title=f"Then {word}"))
    await expect(ada.main.get_by_text("1 follow-up when the turn ends")).to_be_visible()
    await model.release(title)
    await ada.shows(f"This is {word}.")
    assert len(await model.turns(word)) == 1


async def test_a_turn_is_stopped(ada, model, title):
    await ada.start(script(say("Before."), hold(title), say("After."), title=title))
    await model.holding(title)
    await ada.stop()
    await expect(ada.page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    await ada.shows("Before.")


async def test_a_reload_in_mid_stream_loses_nothing(ada, model, title):
    await ada.start(script(tokens(200, rate=1000, hold=(100, title)), title=title))
    await ada.shows_token(100)
    await ada.page.reload()
    await ada.is_open(title)
    await ada.shows_token(100)
    await ada.shows_tokens(100)
    await model.release(title)
    await ada.is_done()
    await ada.shows_tokens(200)
    await ada.page.reload()
    await ada.shows_token(200)
    await ada.shows_tokens(200)


async def test_a_second_browser_in_mid_stream_sees_all_of_it(ada, chromium, model, title):
    await ada.start(script(tokens(200, rate=1000, hold=(100, title)), title=title))
    await ada.shows_token(100)
    second = await ada.another(chromium)
    try:
        await second.open(title)
        await second.shows_token(100)
        await second.shows_tokens(100)
        await model.release(title)
        for client in (ada, second):
            await client.is_done()
            await client.shows_tokens(200)
    finally:
        await second.tab.close()


async def test_an_approval_decided_here_disappears_there(ada, chromium, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"echo once >> {file}", "Here or there?"), say("Decided."), title=title))
    await expect(ada.card("Here or there?")).to_be_visible()
    second = await ada.another(chromium)
    try:
        await second.inbox()
        await second.decide(second.card("Here or there?"), "Approve")
        await expect(second.cards()).to_have_count(0)
        await expect(ada.cards()).to_have_count(0)
        await ada.shows("Decided.")
        assert file.read_text() == "once\n"
    finally:
        await second.tab.close()


async def test_a_decision_tapped_offline_arrives_once(ada, unclaimed, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"echo once >> {file}", "When the link is back?"), say("It came."), title=title))
    card = ada.card("When the link is back?")
    await expect(card).to_be_visible()
    with unclaimed.browsers.down():
        await ada.is_reconnecting()
        await ada.decide(card, "Approve")
        await expect(card.get_by_text("Waits for the link")).to_be_visible()
        assert not file.exists()
    await ada.shows("It came.")
    assert file.read_text() == "once\n"


async def test_a_prompt_written_offline_arrives_once(ada, unclaimed, model, title):
    await ada.start(script(say("First."), title=title))
    await ada.is_done()
    word = uuid.uuid4().hex
    with unclaimed.browsers.down():
        await ada.is_reconnecting()
        await ada.send(script(say(f"Got {word}."), title=f"Later {word}"))
        await expect(ada.main.get_by_text("Waits for the link")).to_be_visible()
        # What was typed survives even a reload without a link.
        await ada.page.reload()
    await ada.is_open(title)
    await ada.shows(f"Got {word}.")
    assert len(await model.turns(f"Later {word}")) == 1


async def test_another_user_sees_nothing(ada, chromium, unclaimed, title):
    await ada.start(script(say("A secret."), title=title))
    await ada.is_done()
    await ada.settings("people")
    await ada.page.get_by_role("button", name="Invite", exact=True).click()
    link = await ada.page.get_by_text(re.compile(r"#link=invite\.")).first.text_content()
    grace = Client(await chromium.tab(), unclaimed)
    try:
        await grace.open_link(re.search(r"http\S+", link)[0], "Grace")
        await expect(grace.page.get_by_text(title)).to_have_count(0)
        await grace.settings()
        await expect(grace.page.get_by_text("workbench")).to_have_count(0)
        await ada.page.keyboard.press("Escape")
        await ada.open(title)
        key = ada.page.url
        await grace.page.goto(key)
        await expect(grace.page.get_by_text("A secret.")).to_have_count(0)
    finally:
        await grace.tab.close()


async def test_nothing_went_wrong_on_the_console(ada):
    assert ada.tab.problems == []
    assert ada.tab.foreign == []
