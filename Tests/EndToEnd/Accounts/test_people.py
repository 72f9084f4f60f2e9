"""Several people on one relay: invites, the list of users, handing the relay over, removing somebody."""

import re

import pytest

from support.browser import Chromium
from support.client import Client, expect
from support.relay import Relay


@pytest.fixture(scope="module")
def relay(run, folder):
    relay = run(Relay.start(folder, machine=None))
    yield relay
    run(relay.clean())


@pytest.fixture(scope="module")
def chromium(run, relay):
    chromium = run(Chromium.start(relay.origin))
    yield chromium
    run(chromium.clean())


async def invited(owner: Client) -> str:
    await owner.settings("people")
    await owner.tap("Invite")
    link = await owner.sheet.get_by_text("#link=invite.").text_content()
    await owner.page.keyboard.press("Escape")
    return link


async def test_people_come_are_listed_and_go(chromium, relay):
    ada = await Client.claim(chromium, relay)
    await ada.settings("people")
    await expect(ada.row("No open invites")).to_be_visible()

    # An invite works once, and not after it was revoked.
    void = await invited(ada)
    await ada.tap("Revoke the invite")
    await ada.confirm("Remove")
    await expect(ada.row("No open invites")).to_be_visible()
    grace = Client(await chromium.tab(), relay)
    await grace.visit(void)
    await expect(grace.page.get_by_role("heading", name="This link is not valid")).to_be_visible()
    link = await invited(ada)
    await grace.visit(link)
    await expect(grace.page.get_by_text("Ada invites you")).to_be_visible()
    await grace.open_link(link, "Grace")
    eve = Client(await chromium.tab(), relay)
    await eve.visit(link)
    await expect(eve.page.get_by_role("heading", name="This link is not valid")).to_be_visible()
    await eve.open_link(await invited(ada), "Eve")

    # A link into somebody else's account says so to whom is signed in.
    await eve.settings("security")
    await eve.tap("Show a link")
    trap = await eve.sheet.get_by_text("#link=device.").text_content()
    await grace.visit(trap)
    await expect(grace.page.get_by_text("to the account of Eve").or_(
        grace.page.get_by_text("for the account of Eve"))).to_be_visible()
    await expect(grace.page.get_by_text("another account than yours, Grace")).to_be_visible()
    await grace.page.get_by_role("button", name="Go to your threads").click()
    await eve.page.keyboard.press("Escape")

    users = ada.main.get_by_role("region", name="Users").get_by_role("listitem")
    await ada.settings("people")
    await ada.page.reload()
    await expect(users).to_have_count(3)
    await expect(users.filter(has_text="Ada")).to_contain_text("you · Owner")
    # Who is not the owner sees none of it, by whatever way.
    await grace.settings()
    await expect(grace.main.get_by_role("link", name="People on this relay")).to_have_count(0)
    await grace.settings("people")
    await expect(grace.row("Only the owner of this relay can do that").first).to_be_visible()

    # The owner cannot just leave.
    await ada.settings()
    await ada.tap("Delete account")
    await expect(ada.sheet.get_by_text("Hand it over")).to_be_visible()
    await ada.sheet.get_by_role("button", name="People on this relay").click()
    await ada.tap("Actions for Eve")
    await ada.sheet.get_by_role("button", name="Remove this user").click()
    await eve.tab.lose_credentials()
    await ada.confirm("Remove")
    await expect(users).to_have_count(2)
    await eve.is_signed_out()

    # The relay goes to Grace, with what belongs to it.
    open_invite = await invited(ada)
    await ada.tap("Actions for Grace")
    await ada.sheet.get_by_role("button", name="Hand over the relay").click()
    await ada.confirm("Hand over the relay")
    await expect(ada.row("Member")).to_be_visible()
    await expect(ada.main.get_by_role("link", name="People on this relay")).to_have_count(0)
    await eve.visit(open_invite)
    await expect(eve.page.get_by_role("heading", name="This link is not valid")).to_be_visible()
    await grace.settings()
    await grace.page.reload()
    await grace.main.get_by_role("link", name="People on this relay").click()
    await expect(grace.row(re.compile("^Grace"))).to_contain_text("Owner")

    # Ada may leave now.
    await ada.tab.lose_credentials()
    await ada.tap("Delete account")
    await ada.sheet.get_by_role("textbox").fill("Ada")
    await ada.sheet.get_by_role("button", name="Delete", exact=True).click()
    await ada.is_signed_out()
    await grace.page.reload()
    await expect(grace.main.get_by_role("region", name="Users").get_by_role("listitem")).to_have_count(1)
    await grace.settings("log")
    await expect(grace.row("Account made")).to_be_visible()
    for client in (ada, grace, eve):
        assert client.tab.problems == [] and client.tab.foreign == []
