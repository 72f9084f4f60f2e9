"""What a person sees when programs die: a card that can no longer be answered says so, and nothing runs twice."""

import asyncio
import os
import random
import uuid

import pytest

from support.client import expect
from support.model import hold, run, say, script
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
    # It was decided here, and the card says so.
    await expect(card.get_by_text("Approved here at")).to_contain_text("but it came too late")
    assert not old.exists() and not new.exists()
    await ada.inbox()
    await ada.decide(ada.card("The new one?"), "Deny and stop")
    await expect(ada.card("The new one?")).to_have_count(0)
    assert not old.exists() and not new.exists()


async def test_a_decision_made_elsewhere_while_this_one_waited_is_told(ada, unclaimed, workspace, title):
    file = workspace / title.replace(" ", "-")
    await ada.start(script(run(f"touch {file}", "Who is first?"), say("unreached"), title=title))
    card = ada.card("Who is first?")
    await expect(card).to_be_visible()
    key = ada.page.url
    with unclaimed.browsers.down():
        await ada.is_reconnecting()
        await ada.decide(card, "Approve")
        await expect(card.get_by_text("Waits for the link")).to_be_visible()
        async with unclaimed.page(await ada.account()) as page:
            await page.request("thread/resume", threadId=key.rpartition("/")[2])
            request = await page.wait(lambda message: "method" in message and "id" in message, "the request")
            await page.decide(request, "cancel")
    await expect(card.get_by_text("It was decided elsewhere")).to_be_visible()
    await expect(card.get_by_text("Approved here at")).to_contain_text("but it came too late")
    await card.get_by_role("button", name="Dismiss").click()
    await expect(ada.page.get_by_role("article")).to_have_count(0)
    assert not file.exists()


async def test_a_page_that_dies_keeps_no_draft_of_a_task_that_started(ada, chromium, model, title):
    other = await ada.another(chromium)
    await other.page.goto(f"{ada.stack.origin}/#/new")
    field = other.page.get_by_role("textbox", name="What should Codex do?")
    await field.fill(script(say("Started."), title=title))
    await eventually(lambda: kept_drafts(other), "the draft is kept")
    start = other.page.get_by_role("button", name="Start", exact=True)
    await start.evaluate("button => { globalThis.start = button; }")
    # Killed as soon as the entry that starts the task is kept.
    await other.page.evaluate("""async () => {
      const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("codex-remote/"));
      const db = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
      globalThis.start.click();
      for (;;) {
        const count = await new Promise((ok) => {
          const r = db.transaction("sent").objectStore("sent").count(); r.onsuccess = () => ok(r.result); });
        if (count) return;
      }
    }""")
    page = await other.tab.context.new_page()
    page.set_default_timeout(90_000)
    async with other.page.expect_event("crash"):
        killing = asyncio.create_task(other.tab.cdp.send("Page.crash"))
    killing.cancel()
    await page.goto(ada.stack.origin)
    await eventually(lambda: model.turns(title), "the task started")
    await page.goto(f"{ada.stack.origin}/#/new")
    await expect(page.get_by_role("textbox", name="What should Codex do?")).to_have_value("")
    assert len(await model.turns(title)) == 1
    await other.tab.close()
    chromium.tabs.remove(other.tab)


async def kept_drafts(client) -> int:
    return await client.page.evaluate("""async () => {
      const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("codex-remote/"));
      const db = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
      return new Promise((ok) => {
        const r = db.transaction("drafts").objectStore("drafts").count();
        r.onsuccess = () => { db.close(); ok(r.result); }; });
    }""")


async def settled(ada):
    """The page is connected again and nothing that was sent is still on its way."""
    await ada.is_connected()
    for mark in ("Waits for the link", "Delivered"):
        await expect(ada.main.get_by_text(mark).filter(visible=True)).to_have_count(0)


class Round:
    """One action of a person with a kill -9 at a random moment around it."""

    def __init__(self, ada, stack, model, workspace, random: random.Random):
        self.ada, self.stack, self.model, self.workspace, self.random = ada, stack, model, workspace, random
        self.word = f"w{random.randrange(1 << 40):010x}"
        self.victim = random.choice(["anchor", "app-server"])
        self.delay = random.choice([0, random.uniform(0, 0.02), random.uniform(0, 0.2)])

    async def kill(self):
        await asyncio.sleep(self.delay)
        if self.victim == "anchor":
            await self.stack.anchor.kill()
            await self.stack.anchor.start()
        else:
            await self.stack.anchor.kill_app_server()

    async def around(self, action):
        """The kill comes somewhere between the tap and what follows from it."""
        await asyncio.gather(action, self.kill())
        await settled(self.ada)

    async def once(self):
        """What was said stands in the thread or in its queue exactly once, and ran at most once."""
        await expect(self.ada.main.get_by_text(self.word).filter(visible=True)).to_have_count(1)
        assert len(await self.model.turns(self.word)) <= 1, f"{self} ran twice"

    async def prompt(self):
        await self.ada.start(script(say("Ready."), title=f"Round {self.word[1:]}"))
        await self.ada.shows("Ready.")
        await self.around(self.ada.send(script(say("Done so."), title=self.word)))
        await self.once()

    async def decision(self):
        file = self.workspace / self.word
        await self.ada.start(script(run(f"echo once >> {file}", f"May {self.word}?"), say("Decided."),
                                    title=f"Round {self.word[1:]}"))
        card = self.ada.card(f"May {self.word}?")
        await expect(card).to_be_visible()
        await self.around(self.ada.decide(card, "Approve"))
        gone = card.get_by_text("It can no longer be answered")
        approve = card.get_by_role("button", name="Approve", exact=True)
        decided = self.ada.says("Decided.")
        await expect(gone.or_(approve).or_(decided).first).to_be_visible()
        if await approve.is_visible():
            await self.ada.decide(card, "Approve")
            # The page may just have learned that it was too late.
            await expect(decided.or_(gone).first).to_be_visible()
        if await decided.is_visible():
            assert file.read_text() == "once\n", self
        else:
            assert not file.exists() or file.read_text() == "once\n", self

    async def queue(self):
        gate = self.word[1:]
        await self.ada.start(script(say("Ready."), hold(gate), title=f"Round {gate}"))
        await self.model.holding(gate)
        await self.around(self.ada.queue(f"Then {self.word}"))
        await self.model.release(gate)
        await self.once()

    def __str__(self):
        return f"{self.victim} after {self.delay * 1000:.0f} ms"


@pytest.mark.limit(1200)
@pytest.mark.parametrize("action", ["prompt", "decision", "queue"])
async def test_kill_9_at_random_points(ada, unclaimed, model, workspace, action):
    print(f"SEED={SEED}")
    seed = random.Random(f"{SEED} {action}")
    for number in range(25 if FULL else 4):
        one = Round(ada, unclaimed, model, workspace, seed)
        print(f"round {number}: {action}, {one}", flush=True)
        await getattr(one, action)()
