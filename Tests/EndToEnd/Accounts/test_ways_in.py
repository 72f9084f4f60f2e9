"""What opens an account: passkeys, links, sign-ins; and the machines that take part in it."""

import re

from support.accounts import LOOPBACK, kept_nowhere
from support.client import Client, expect


async def test_passkeys_are_added_renamed_and_removed(ada):
    await ada.settings("security")
    await ada.tap("Add")
    await ada.sheet.get_by_role("textbox", name="Add a passkey").fill("Key ring")
    await ada.sheet.get_by_role("button", name="Create passkey").click()
    # The device has one already; what was typed stays.
    await expect(ada.sheet.get_by_role("alert")).to_contain_text("has a passkey for this account already")
    await ada.tab.lose_credentials()
    await expect(ada.sheet.get_by_role("textbox", name="Add a passkey")).to_have_value("Key ring")
    await ada.confirm("Create passkey")
    await expect(ada.row("Key ring")).to_contain_text("made")

    await ada.tap("Rename Key ring")
    await ada.sheet.get_by_role("textbox", name="Rename").fill("Bunch of keys")
    await ada.confirm("Save")
    first = await ada.main.get_by_role("button", name=re.compile("^Remove (?!Bunch)")).get_attribute("aria-label")
    await ada.tap(first)
    await ada.confirm("Remove")
    await expect(ada.main.get_by_role("button", name=first)).to_have_count(0)
    await ada.tap("Remove Bunch of keys")
    await ada.sheet.get_by_role("button", name="Remove", exact=True).click()
    await expect(ada.sheet.get_by_role("alert")).to_contain_text("the last way into the account. Add another")


async def test_a_machine_is_approved_renamed_and_removed(ada, relay):
    code = relay.device_code("attic")
    await relay.orbit.age_verifications()
    await ada.visit(f"{relay.origin}/#code={code}")
    await expect(ada.page.get_by_text("attic")).to_be_visible()
    assert "code=" not in ada.page.url
    await ada.page.get_by_role("button", name="Approve").click()
    await expect(ada.page.get_by_role("heading", name="attic is approved")).to_be_visible()
    await ada.page.get_by_role("button", name="Go to your threads").click()
    await ada.settings()
    await ada.tap("Rename attic")
    await ada.sheet.get_by_role("textbox", name="Rename").fill("loft")
    await ada.confirm("Save")
    await expect(ada.row("loft")).to_contain_text("Offline")
    await ada.tap("Remove loft")
    await ada.confirm("Remove")
    await expect(ada.row("loft")).to_have_count(0)
    await expect(ada.row("workbench")).to_be_visible()


async def test_a_machine_is_approved_by_typing_its_code(chromium, relay):
    ada = await Client.claim(chromium, relay)
    # What the one machine has is not known while it is away.
    await expect(ada.page.get_by_role("heading", name="No machine is online")).to_be_visible()
    await ada.settings()
    await ada.tap("Remove workbench")
    await ada.confirm("Remove")
    await expect(ada.row("workbench")).to_have_count(0)
    await ada.home()
    await expect(ada.page.get_by_text("codex-remote anchor")).to_contain_text(relay.origin)
    await ada.page.get_by_role("link", name="Approve a machine").click()
    field = ada.page.get_by_role("textbox", name="Code that the terminal shows")
    await expect(field).to_be_focused()
    alert = ada.page.get_by_role("alert")
    for typed, said in (("BCDF", "A code is 8 letters"), ("BCDF-GHJK", "This code is wrong or has expired")):
        await field.fill(typed)
        await ada.page.keyboard.press("Enter")
        await expect(alert).to_contain_text(said)
        await expect(field).to_have_value(typed)
        await expect(field).to_be_focused()
    await ada.page.get_by_role("button", name="Go to your threads").click()
    await expect(ada.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()

    code = relay.device_code("attic")
    await relay.orbit.age_verifications()
    await ada.settings()
    await ada.main.get_by_role("link", name="Approve a machine").click()
    await field.fill(code.replace("-", " ").lower())
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.get_by_text("attic")).to_be_visible()
    await expect(ada.page.get_by_text("Key fingerprint")).to_be_visible()
    await ada.page.get_by_role("button", name="Approve", exact=True).click()
    await expect(ada.page.get_by_role("heading", name="attic is approved")).to_be_visible()
    await ada.page.get_by_role("button", name="Go to your threads").click()
    await expect(ada.page).to_have_url(f"{relay.origin}/#/")
    await ada.settings()
    await expect(ada.row("attic")).to_be_visible()
    assert ada.tab.foreign == []


async def test_sign_ins_are_ended(ada, chromium, relay):
    phone, tablet, watch = [await ada.another(chromium, online=False) for _ in range(3)]
    for other in (phone, tablet, watch):
        await other.tab.lose_credentials()
    await watch.settings()
    await watch.tap("Rename")
    await expect(watch.sheet.get_by_role("textbox")).to_be_visible()
    await ada.settings("security")
    rows = ada.main.get_by_role("region", name="Signed in").get_by_role("listitem")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text("this browser · active now")
    await expect(rows.nth(1)).to_contain_text(LOOPBACK)
    await rows.nth(1).get_by_role("button").click()
    await ada.confirm("End this sign-in")
    await expect(rows).to_have_count(3)
    await ada.tap("End all others")
    await ada.confirm("End all others")
    await expect(rows).to_have_count(1)
    await expect(ada.main.get_by_role("button", name="End all others")).to_be_hidden()
    for other in (phone, tablet, watch):
        await other.is_signed_out()
        await expect(other.page.get_by_role("dialog")).to_have_count(0)


async def test_a_link_adds_a_device_once(ada, chromium, relay):
    await ada.settings("security")
    await ada.tap("Show a link")
    await expect(ada.sheet.get_by_role("img", name="QR code with the link")).to_be_visible()
    await expect(ada.sheet.get_by_role("timer")).to_contain_text(re.compile(r"\b(9:\d\d|10:00)\b"))
    link = await ada.sheet.get_by_text("#link=device.").text_content()
    phone = Client(await chromium.tab(), relay)
    await phone.visit(link)
    await expect(phone.page.get_by_text("for the account of Ada")).to_be_visible()
    assert "link=" not in phone.page.url
    await phone.page.get_by_role("button", name="Add passkey").click()
    await expect(phone.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    await phone.settings("security")
    await expect(phone.main.get_by_role("button", name=re.compile("^Remove "))).to_have_count(2)
    await kept_nowhere(phone, link.partition("=")[2])

    other = Client(await chromium.tab(), relay)
    await other.visit(link)
    await expect(other.page.get_by_role("heading", name="This link is not valid")).to_be_visible()


async def test_a_recovery_link_lets_the_owner_in_and_everyone_else_out(ada, chromium, relay):
    thief = await ada.another(chromium, online=False)
    await thief.tab.lose_credentials()
    fresh = Client(await chromium.tab(), relay)
    await fresh.visit(relay.orbit.recover())
    await expect(fresh.page.get_by_role("heading", name="Get back in")).to_be_visible()
    await fresh.page.get_by_role("button", name="Add passkey").click()
    await expect(fresh.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    await thief.is_signed_out()
    await fresh.settings("security")
    await expect(fresh.main.get_by_role("region", name="Signed in").get_by_role("listitem")).to_have_count(1)
    await fresh.settings("log")
    await expect(fresh.row("Account recovered with a link")).to_be_visible()
