"""Screenshots of the account's pages with real data, into .artifacts/screens: phone and desktop, light and dark."""

import re

import pytest

from support.browser import DESKTOP, PHONE, Chromium
from support.client import Client, expect
from support.relay import Relay
from support.totp import App

LOOKS = [(size, dark) for size in (PHONE, DESKTOP) for dark in (False, True)]


@pytest.mark.limit(600)
async def test_every_account_page_is_drawn(folder):
    relay = await Relay.start(folder)
    chromium = await Chromium.start(relay.origin)
    try:
        ada = await Client.claim(chromium, relay)
        await ada.settings("people")
        for name in ("Grace Hopper", "Барбара Лисков"):
            await ada.tap("Invite")
            link = await ada.sheet.get_by_text("#link=invite.").text_content()
            await ada.page.keyboard.press("Escape")
            await Client(await chromium.tab(), relay).open_link(link, name)
        stranger = Client(await chromium.tab(), relay)
        for size, dark in LOOKS:
            await draw(await ada.another(chromium, online=False, size=size, dark=dark), relay, stranger,
                       f"{'phone' if size is PHONE else 'desktop'}-{'dark' if dark else 'light'}")
        for tab in chromium.tabs:
            assert tab.problems == [] and tab.foreign == []
    finally:
        await chromium.clean()
        await relay.clean()


async def draw(client: Client, relay: Relay, stranger: Client, name: str):
    async def shot(what: str):
        await client.tab.shot(f"{what}-{name}")

    await client.settings()
    await shot("settings")
    await client.tap("Sign out")
    await expect(client.sheet.get_by_role("button", name="Sign out")).to_be_visible()
    await shot("sign-out")
    await client.page.keyboard.press("Escape")

    await client.main.get_by_role("link", name="Approve a machine").click()
    await expect(client.page.get_by_role("textbox")).to_be_focused()
    await shot("type-code")
    await client.page.get_by_role("textbox").fill(relay.device_code("attic"))
    await client.page.keyboard.press("Enter")
    await expect(client.page.get_by_text("Let this machine in?")).to_be_visible()
    await shot("approve-machine")

    await client.settings("people")
    await client.tap("Invite")
    await expect(client.sheet.get_by_text("#link=invite.")).to_be_visible()
    await shot("invite")
    await client.page.keyboard.press("Escape")
    await shot("people")
    await client.tap("Actions for Grace Hopper")
    await client.sheet.get_by_role("button", name="Hand over the relay").click()
    await expect(client.sheet.get_by_text("You cannot take it back")).to_be_visible()
    await shot("hand-over")
    await client.page.keyboard.press("Escape")
    await client.main.get_by_role("button", name="Revoke the invite").first.click()
    await client.confirm("Remove")

    await client.settings("security")
    await client.tap("Set up one-time codes")
    await expect(client.sheet.get_by_role("img")).to_be_visible()
    await shot("codes-setup")
    app = App(await client.sheet.locator("code").text_content())
    await client.sheet.get_by_role("textbox", name="Code that the app shows").fill(app.code())
    await client.sheet.get_by_role("button", name="Turn on").click()
    await expect(client.sheet.get_by_role("heading", name="Recovery codes")).to_be_visible()
    await client.sheet.get_by_role("checkbox").check()
    await shot("recovery-codes")
    await client.confirm("Done")
    await shot("security")
    await client.tap("Show a link")
    await expect(client.sheet.get_by_role("img")).to_be_visible()
    await shot("device-link")
    link = await client.sheet.get_by_text("#link=device.").text_content()
    await client.page.keyboard.press("Escape")
    await client.main.get_by_role("region", name="Signed in").scroll_into_view_if_needed()
    await client.main.locator(".scroll").evaluate("node => node.scrollTo(0, 1e6)")
    await shot("signed-in")

    # Asked for a proof, where no passkey answers at once.
    await client.tab.lose_credentials()
    await relay.orbit.age_verifications()
    await client.tap("Show a link")
    await expect(client.sheet.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    await expect(client.sheet.get_by_role("button", name="Use a passkey")).to_be_enabled()
    await shot("step-up")
    code = app.code()
    await client.sheet.get_by_role("textbox", name="One-time code").fill(code)
    await client.sheet.get_by_role("button", name="Continue").click()
    await expect(client.sheet.get_by_role("img")).to_be_visible()
    link = await client.sheet.get_by_text("#link=device.").text_content()
    await client.page.keyboard.press("Escape")
    await stranger.sign_in_with("Ada", "123456")
    await expect(stranger.page.get_by_role("alert")).to_be_visible()
    await client.settings("log")
    await expect(client.row("Failed attempt")).to_be_visible()
    await shot("log")
    await client.settings("security")
    await client.tap("Turn off one-time codes")
    await client.confirm("Turn off")

    await client.tab.context.set_offline(True)
    await client.settings("log")
    await client.page.goto(f"{relay.origin}/#/settings/security")
    await expect(client.row("The relay does not answer").first).to_be_visible()
    await shot("security-offline")
    await client.tab.context.set_offline(False)
    await client.visit(link)
    await expect(client.page.get_by_text("for the account of")).to_be_visible()
    await shot("add-device")
    await client.visit(relay.orbit.recover())
    await expect(client.page.get_by_text("to the account of")).to_be_visible()
    await shot("recover")
    await client.visit(link.replace("device.", "invite."))
    await expect(client.page.get_by_role("heading", name=re.compile("not valid"))).to_be_visible()
    await shot("bad-link")
    await client.tab.context.clear_cookies()
    await client.visit(relay.origin)
    await expect(client.page.get_by_role("heading", name="Sign in")).to_be_visible()
    await client.page.get_by_role("textbox", name="Name").fill("Ada")
    await client.page.get_by_role("textbox", name="One-time code").fill("123456")
    await client.page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(client.page.get_by_role("alert")).to_be_visible()
    await shot("sign-in-refused")
