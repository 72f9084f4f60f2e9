"""One-time and recovery codes, and being asked again."""

from support.accounts import RECOVERY_CODE, kept_nowhere, turn_on_codes
from support.client import Client, expect
from support.totp import App


async def test_codes_are_set_up_and_sign_in(ada, chromium, relay):
    await ada.settings("security")
    await ada.tap("Set up one-time codes")
    secret = await ada.sheet.locator("code").text_content()
    app = App(secret)
    field = ada.sheet.get_by_role("textbox", name="Code that the app shows")
    await field.fill("000000")
    await ada.sheet.get_by_role("textbox", name="Name").fill("Ada L")
    await ada.sheet.get_by_role("button", name="Turn on").click()
    await expect(ada.sheet.get_by_role("alert")).to_contain_text("This code is not right")
    await expect(ada.sheet.get_by_role("textbox", name="Name")).to_have_value("Ada L")
    code = app.code()
    await field.fill(code)
    await ada.sheet.get_by_role("button", name="Turn on").click()

    # The recovery codes stand there until one says that they are kept, and never again.
    await expect(ada.page.get_by_role("dialog")).to_have_count(1)
    await expect(ada.sheet.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = await ada.sheet.get_by_text(RECOVERY_CODE).all_text_contents()
    assert len(set(codes)) == 10
    done = ada.sheet.get_by_role("button", name="Done")
    await expect(done).to_be_disabled()
    for _ in range(2):
        await ada.page.keyboard.press("Escape")
    await expect(ada.sheet.get_by_text(codes[0])).to_be_visible()
    async with ada.page.expect_download() as saved:
        await ada.sheet.get_by_role("button", name="Save as file").click()
    text = (await (await saved.value).path()).read_text()
    assert all(code in text for code in codes) and relay.origin.removeprefix("http://") in text
    await ada.sheet.get_by_role("checkbox", name="I have kept them").check()
    await ada.confirm("Done")
    await expect(ada.row("One-time codes are on")).to_contain_text("ada l")
    await expect(ada.row("Recovery codes").first).to_contain_text("10 left")
    await ada.page.reload()
    await expect(ada.row("10 left")).to_be_visible()
    await kept_nowhere(ada, secret.replace(" ", ""), *codes)

    # Another browser, without a passkey.
    phone = Client(await chromium.tab(), relay)
    await phone.sign_in_with("ADA  L", code)
    await expect(phone.page.get_by_role("alert")).to_contain_text("The name or the code is wrong")
    await phone.sign_in_with("ADA  L", app.code())
    await expect(phone.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()

    tablet = Client(await chromium.tab(), relay)
    await tablet.sign_in_with("ada l", codes[3].lower())
    await expect(tablet.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    watch = Client(await chromium.tab(), relay)
    await watch.sign_in_with("ada l", codes[3])
    await expect(watch.page.get_by_role("alert")).to_contain_text("The name or the code is wrong")
    await ada.page.reload()
    await expect(ada.row("9 left")).to_be_visible()

    # New ones void the old ones; without codes nobody comes in with one.
    await ada.tap("New recovery codes")
    await ada.sheet.get_by_role("button", name="Make new ones").click()
    await expect(ada.sheet.get_by_text(RECOVERY_CODE)).to_have_count(10)
    fresh = await ada.sheet.get_by_text(RECOVERY_CODE).all_text_contents()
    assert not set(fresh) & set(codes)
    await ada.sheet.get_by_role("checkbox").check()
    await ada.confirm("Done")
    await expect(ada.row("10 left")).to_be_visible()
    await ada.tap("Turn off one-time codes")
    await ada.confirm("Turn off")
    await expect(ada.main.get_by_role("button", name="Set up one-time codes")).to_be_visible()
    await watch.sign_in_with("ada l", fresh[0])
    await expect(watch.page.get_by_role("alert")).to_contain_text("The name or the code is wrong")


async def test_a_step_up_goes_on_with_what_was_begun(ada, relay, chromium):
    app, codes = await turn_on_codes(ada)
    await relay.orbit.age_verifications()
    # With the passkey, which the virtual authenticator gives at once.
    await ada.tap("Show a link")
    await expect(ada.sheet.get_by_role("heading", name="Add a device")).to_be_visible()
    await ada.page.keyboard.press("Escape")

    # With a code, where there is no passkey; the typed name survives, and so does a wrong code.
    phone = Client(await chromium.tab(), relay)
    await phone.sign_in_with("Ada", codes[0])
    await expect(phone.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
    await phone.settings("security")
    await relay.orbit.age_verifications()
    await phone.tap("Add")
    await phone.sheet.get_by_role("textbox", name="Add a passkey").fill("Work phone")
    await phone.sheet.get_by_role("button", name="Create passkey").click()
    await expect(phone.sheet.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    # Letting it be changes nothing and loses nothing.
    await phone.page.keyboard.press("Escape")
    await expect(phone.sheet.get_by_role("alert")).to_be_hidden()
    await expect(phone.sheet.get_by_role("textbox", name="Add a passkey")).to_have_value("Work phone")
    await phone.sheet.get_by_role("button", name="Create passkey").click()
    await phone.sheet.get_by_role("textbox", name="One-time code").fill("BBBB-BBBB-BBBB")
    await phone.sheet.get_by_role("button", name="Continue").click()
    await expect(phone.sheet.get_by_role("alert")).to_contain_text("This code is not right")
    await phone.sheet.get_by_role("textbox", name="One-time code").fill(codes[1])
    await phone.sheet.get_by_role("button", name="Continue").click()
    await expect(phone.page.get_by_role("dialog")).to_have_count(0)
    await expect(phone.row("Work phone")).to_be_visible()


async def test_a_name_that_is_taken_is_chosen_anew(ada, chromium, relay):
    await turn_on_codes(ada)
    await ada.settings("people")
    await ada.tap("Invite")
    grace = Client(await chromium.tab(), relay)
    await grace.open_link(await ada.sheet.get_by_text("#link=invite.").text_content(), "Grace")
    await grace.settings("security")
    await grace.tap("Set up one-time codes")
    app = App(await grace.sheet.locator("code").text_content())
    await grace.sheet.get_by_role("textbox", name="Code that the app shows").fill(app.code())
    name = grace.sheet.get_by_role("textbox", name="Name")
    await name.fill("ADA")
    await grace.sheet.get_by_role("button", name="Turn on").click()
    await expect(grace.sheet.get_by_role("alert")).to_contain_text("Somebody else signs in with this name")
    # Everything else stands as it was typed, and works.
    await name.fill("Grace")
    await grace.sheet.get_by_role("button", name="Turn on").click()
    await expect(grace.sheet.get_by_text(RECOVERY_CODE)).to_have_count(10)
