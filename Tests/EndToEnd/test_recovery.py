"""What a person sees when programs die: a card that can no longer be answered says so, and nothing runs twice."""

import os
import random
import uuid

import pytest

from support.client import expect
from support.model import hold, run, say, script, tokens
from support.processes import eventually

FULL = bool(os.environ.get("TEST_FULL"))
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))


@pytest.fixture
def title():
    return f"Task {uuid.uuid4().hex[:8]}"


async def test_app_server_dies_with_an_approval_pending(ada, unclaimed, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"touch {file}", "Before the crash?"), say("unreached"), title=title))
    card = ada.card("Before the crash?")
    await expect(card).to_be_visible()
    await unclaimed.anchor.kill_app_server()
    await expect(card.get_by_text("It can no longer be answered: Codex was restarted")).to_be_visible()
    await expect(card.get_by_role("button", name="Approve", exact=True)).to_be_hidden()
    await ada.inbox()
    await expect(ada.card("It can no longer be answered")).to_be_visible()
    await ada.card("It can no longer be answered").get_by_role("button", name="Dismiss").click()
    await expect(ada.page.get_by_role("article")).to_have_count(0)
    assert not file.exists()


async def test_an_old_decision_waits_offline_while_another_command_takes_its_id(ada, unclaimed, workspace, title):
    old, new = workspace / f"{title[5:]}-old", workspace / f"{title[5:]}-new"
    await unclaimed.anchor.kill_app_server()
    await ada.start(script(run(f"touch {old}", "The old one?"), say("unreached"), title=title))
    card = ada.card("The old one?")
    await expect(card).to_be_visible()
    with unclaimed.browsers.down():
        await ada.is_reconnecting()
        await ada.decide(card, "Approve")
        await expect(card.get_by_text("Waits for the link")).to_be_visible()
        await unclaimed.anchor.kill_app_server()
        # Meanwhile, from elsewhere, a different command comes to wait under the same id.
        async with unclaimed.page(await ada.account()) as page:
            thread = await page.start_thread(workspace)
            turn = await page.start_turn(thread, script(run(f"touch {new}", "The new one?"), say("done")))
            request = await page.asked(turn)
            assert request["id"] == 0
        # It goes on waiting when this page has gone.
    await expect(card.get_by_text("It can no longer be answered")).to_be_visible()
    assert not old.exists() and not new.exists()
    await ada.inbox()
    await ada.decide(ada.card("The new one?"), "Deny and stop")
    await expect(ada.card("The new one?")).to_have_count(0)
    assert not old.exists() and not new.exists()
