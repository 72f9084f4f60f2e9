"""Screenshots of every page with real data, into .artifacts/screens: phone and desktop, light and dark."""

import pytest

from support.browser import DESKTOP, PHONE
from support.client import Client, expect
from support.model import hold, run, say, script

LOOKS = [(size, dark) for size in (PHONE, DESKTOP) for dark in (False, True)]


def name_of(size: dict, dark: bool) -> str:
    return f"{'phone' if size is PHONE else 'desktop'}-{'dark' if dark else 'light'}"


@pytest.mark.limit(900)
async def test_every_page_is_drawn(chromium, unclaimed, model):
    clients: dict[str, Client] = {}
    for size, dark in LOOKS:
        client = Client(await chromium.tab(size=size, dark=dark), unclaimed)
        clients[name_of(size, dark)] = client
        await client.page.goto(unclaimed.origin)
        await expect(client.page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
        await client.tab.shot(f"sign-in-{name_of(size, dark)}")
        await client.page.goto("about:blank")
        await client.page.goto(unclaimed.link)
        await expect(client.page.get_by_role("button", name="Create passkey")).to_be_visible()
        await client.tab.shot(f"claim-{name_of(size, dark)}")

    first, *others = clients.items()
    ada = first[1]
    await ada.open_link(unclaimed.link, "Ada")
    await ada.is_connected()
    await ada.tab.shot(f"empty-{first[0]}")

    # Threads as a person has them.
    await ada.start("Show me around this project")
    await ada.decide(ada.card("May I run greet.sh"), "Approve")
    await ada.is_done()
    for prompt in ("Explain how a shell finds a command", "Let the checks fail and tell me why"):
        await ada.start(prompt)
        await ada.is_done()
    await ada.start(script({"error": "usage"}, title="Sum up the open issues"))
    await ada.start("Please ask me before you write the script")
    await expect(ada.cards("A question")).to_be_visible()
    await ada.start("Run two commands for me")
    await expect(ada.cards()).to_have_count(1)
    await ada.start(script({"reasoning": "**Reading the tests**\n\nWhich of them are slow?", "rate": 0},
                           run("ls -la"), say("The tests read the whole folder each time.\n"), hold("screens"),
                           title="Make the tests faster"))
    await model.holding("screens")
    await ada.queue("Then write down what you changed")

    for name, client in others:
        await client.page.goto(unclaimed.origin)
        await client.tab.adopt(await ada.tab.credentials())
        await client.page.reload()
        await client.is_connected()
    for name, client in clients.items():
        tab = client.tab
        await client.home()
        await expect(client.page.get_by_role("link", name="Make the tests faster").first).to_be_visible()
        await tab.shot(f"list-{name}")
        for title, file, wanted in (
            ("Show me around this project", "thread", "Done"), ("Explain how", "long", "magic"),
            ("Let the checks fail", "failed-command", "Two of three"), ("Sum up", "usage-limit", "usage limit"),
            ("Please ask", "question", "Which language"), ("Run two", "approval", "May I write"),
            ("Make the tests", "running", "The tests read"),
        ):
            await client.open(title)
            await expect(client.main.get_by_text(wanted).filter(visible=True).first).to_be_visible()
            await tab.shot(f"{file}-{name}")
        await client.inbox()
        await expect(client.page.get_by_role("article").first).to_be_visible()
        await tab.shot(f"inbox-{name}")
        await client.page.goto(f"{unclaimed.origin}/#/new")
        await expect(client.page.get_by_role("button", name="Start", exact=True)).to_be_visible()
        await tab.shot(f"new-{name}")
        await client.settings()
        await expect(client.page.get_by_role("heading", name="Machines")).to_be_visible()
        await tab.shot(f"settings-{name}")
        await client.page.goto(f"{unclaimed.origin}/#/archived")
        await expect(client.page.get_by_role("heading", name="No archived threads")).to_be_visible()
        await tab.shot(f"archived-{name}")

    with unclaimed.browsers.down():
        for name, client in clients.items():
            await client.page.goto(f"{unclaimed.origin}/#/")
            await client.is_reconnecting()
            await client.tab.shot(f"reconnecting-{name}")
    await model.release("screens")
    for client in clients.values():
        assert client.tab.problems == [] and client.tab.foreign == []
