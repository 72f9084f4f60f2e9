"""The account and its pages: name, log, the way out, without a link, by keyboard, in Russian."""

import re

from support.accounts import LOOPBACK, databases, turn_on_codes
from support.client import Client, expect


async def test_a_name_is_changed(ada):
    await ada.settings()
    await ada.tap("Rename")
    await ada.sheet.get_by_role("textbox", name="Your name").fill("Ada Lovelace")
    await ada.confirm("Save")
    await expect(ada.row("Ada Lovelace")).to_be_visible()
    await ada.page.reload()
    await expect(ada.row("Ada Lovelace")).to_contain_text("Owner")


async def test_the_log_says_what_happened(ada, chromium, relay):
    await turn_on_codes(ada)
    stranger = Client(await chromium.tab(), relay)
    for _ in range(2):
        await stranger.sign_in_with("Ada", "123456")
        await expect(stranger.page.get_by_role("alert")).to_be_visible()
    await ada.settings()
    await ada.main.get_by_role("link", name="Activity").click()
    await expect(ada.row("One-time codes turned on")).to_be_visible()
    await expect(ada.row("Account made")).to_contain_text(LOOPBACK)
    await expect(ada.row("Failed attempt to sign in")).to_contain_text("2 times")

    # A newer relay tells of things that this page has no words for, and there may be many.
    account = await ada.account()
    entries = (await account.post("/api/log"))["entries"]
    many = [{**entries[0], "what": "teleported", "name": "<b>x</b>", "device": f"Device {n}"} for n in range(120)]

    async def newer(route):
        await route.fulfill(json={"entries": many + entries})
    await ada.page.route("**/api/log", newer)
    await ada.page.reload()
    await expect(ada.row("teleported")).to_have_count(50)
    await ada.tap("Show more")
    await expect(ada.row("teleported")).to_have_count(100)
    await ada.tap("Show more")
    await expect(ada.row("Account made")).to_be_visible()
    await expect(ada.main.get_by_role("button", name="Show more")).to_have_count(0)


async def test_signing_out_erases_what_is_kept(ada):
    await ada.page.goto(f"{ada.stack.origin}/#/new")
    await ada.page.get_by_role("textbox", name="What should Codex do?").fill("a secret plan")
    assert await databases(ada)
    await ada.tab.lose_credentials()
    await ada.settings()
    await ada.tap("Sign out")
    await ada.confirm("Sign out")
    await ada.is_signed_out()
    assert await databases(ada) == []


async def test_an_account_is_deleted(ada, relay, chromium):
    phone = await ada.another(chromium, online=False)
    for each in (ada, phone):
        await each.tab.lose_credentials()
    await ada.settings()
    await ada.tap("Delete account")
    await ada.sheet.get_by_role("textbox").fill("Eve")
    await ada.sheet.get_by_role("button", name="Delete", exact=True).click()
    await expect(ada.sheet.get_by_role("alert")).to_contain_text("not the name above")
    await ada.sheet.get_by_role("textbox").fill("Ada")
    await ada.sheet.get_by_role("button", name="Delete", exact=True).click()
    await ada.is_signed_out()
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    await phone.is_signed_out()
    assert await databases(ada) == []
    # The relay belongs to nobody now.
    eve = Client(await chromium.tab(), relay)
    await eve.open_link(relay.orbit.claim()[0], "Eve")


async def test_without_a_link_nothing_is_lost(ada):
    await ada.settings()
    await ada.tap("Rename")
    await ada.sheet.get_by_role("textbox").fill("Countess")
    await ada.tab.context.set_offline(True)
    await ada.sheet.get_by_role("button", name="Save").click()
    await expect(ada.sheet.get_by_role("alert")).to_contain_text("The relay does not answer")
    await expect(ada.sheet.get_by_role("textbox")).to_have_value("Countess")
    await ada.page.keyboard.press("Escape")
    await ada.main.get_by_role("link", name="Sign-in and security").click()
    await expect(ada.row("The relay does not answer").first).to_be_visible()
    # What could not be read is read by itself when the link is back.
    await ada.tab.context.set_offline(False)
    await expect(ada.row("The relay does not answer")).to_have_count(0)
    await expect(ada.main.get_by_role("button", name="Set up one-time codes")).to_be_visible()


async def test_pages_lie_below_one_another(ada):
    await ada.home()
    await ada.page.get_by_role("link", name="Settings").click()
    await ada.main.get_by_role("link", name="Activity").click()
    await expect(ada.main.get_by_role("heading", name="Activity", level=1)).to_be_visible()
    back = ada.main.get_by_role("button", name="Back")
    await back.click()
    await expect(ada.main.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    await back.click()
    await expect(ada.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    # Opened first, there is nothing to go back to but what it belongs to.
    await ada.page.goto("about:blank")
    await ada.settings("log")
    await back.click()
    await expect(ada.main.get_by_role("heading", name="Settings", level=1)).to_be_visible()


async def test_a_sheet_holds_the_keyboard_and_gives_it_back(ada):
    await ada.settings()
    button = ada.main.get_by_role("button", name="Rename", exact=True)
    await button.focus()
    await ada.page.keyboard.press("Enter")
    await expect(ada.sheet.get_by_role("textbox", name="Your name")).to_be_focused()
    await ada.page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await ada.page.keyboard.press("Enter")
    await ada.page.keyboard.type("X")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    # The row was drawn anew, and the keyboard goes on in the page.
    await expect(ada.main).to_be_focused()


async def test_it_speaks_russian(ada, chromium, relay):
    boris = Client(await chromium.tab(locale="ru-RU"), relay)
    await boris.page.goto(relay.origin)
    await expect(boris.page.get_by_role("heading", name="Вход")).to_be_visible()
    await boris.tab.adopt(await ada.tab.credentials())
    await boris.page.reload()
    for part, heading in (("", "Настройки"), ("/security", "Вход и безопасность"), ("/people", "Люди на ретрансляторе"),
                          ("/log", "Журнал")):
        await boris.page.goto(f"{relay.origin}/#/settings{part}")
        await expect(boris.main.get_by_role("heading", name=heading, level=1)).to_be_visible()
        await expect(boris.main.get_by_text("Загрузка…")).to_have_count(0)
        # Names and addresses may be in Latin letters; no sentence of ours is.
        text = await boris.main.inner_text()
        latin = re.findall(r"\b[a-z]{4,}\b", re.sub(r"\S*(codex|localhost|workbench)\S*|self-host|anchor|relay", "", text))
        assert latin == [], latin


async def test_a_long_list_of_users_is_read_page_by_page(ada):
    # Users as the relay would tell of them: making a hundred accounts takes their passkeys.

    async def many(route):
        after = route.request.post_data_json.get("after")
        start = int(after[2:]) if after else 0
        users = [{"id": f"u_{n}", "name": f"User {n}", "created": 1, "seen": 1, "owner": False}
                 for n in range(start, start + 50)]
        await route.fulfill(json={"users": users, "next": f"u_{start + 50}" if start < 100 else None})
    await ada.page.route("**/api/users/list", many)
    await ada.settings("people")
    users = ada.main.get_by_role("region", name="Users").get_by_role("listitem")
    more = ada.main.get_by_role("button", name="Show more")
    for shown in (50, 100):
        await expect(users).to_have_count(shown + 1)
        await more.click()
    await expect(users).to_have_count(150)
    await expect(more).to_have_count(0)
