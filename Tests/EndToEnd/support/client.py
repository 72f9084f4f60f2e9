"""The web client as a person uses it: by what is written on it."""

import asyncio
import re

from playwright.async_api import Locator, TimeoutError as PlaywrightTimeout, expect

from .account import Account
from .browser import DESKTOP, PHONE, Chromium, Tab
from .stack import Stack

# ms; generous, since machines are shared. After many cuts the page itself waits half a minute before it dials again.
PATIENT = 90_000

expect.set_options(timeout=PATIENT)


class Client:
    """One browser of one person."""

    def __init__(self, tab: Tab, stack: Stack):
        self.tab = tab
        self.page = tab.page
        self.stack = stack
        self.main = tab.page.locator("main")

    # Getting in.

    @classmethod
    async def claim(cls, chromium: Chromium, stack: Stack, name: str = "Ada", **options) -> "Client":
        """The first account, made with the claim link."""
        self = cls(await chromium.tab(**options), stack)
        await self.open_link(stack.link, name)
        return self

    async def open_link(self, link: str, name: str):
        await self.visit(link)
        await self.page.get_by_role("textbox", name="Your name").fill(name)
        await self.page.get_by_role("button", name="Create passkey").click()
        await expect(self.page.get_by_role("heading", name="Threads", level=1)).to_be_visible()

    async def visit(self, link: str):
        """Opens a link as from elsewhere: a page anew, not another part of the one that is open."""
        await self.page.goto("about:blank")
        await self.page.goto(link)

    async def another(self, chromium: Chromium, online: bool = True, **options) -> "Client":
        """A further browser of the same person, signed in with the same passkey; `online`: and its machine is there."""
        other = Client(await chromium.tab(**options), self.stack)
        await other.tab.adopt(await self.tab.credentials())
        await other.page.goto(self.stack.origin)
        # The authenticator says yes at once, so the passkey that fills itself in needs no tap.
        await expect(other.page.get_by_role("link", name="Settings")).to_be_visible()
        if online:
            await other.is_connected()
        return other

    async def account(self) -> Account:
        """The same sign-in for a page without a browser, past the browsers' proxy."""
        account = Account(self.stack.origin, self.stack.port)
        cookies = await self.tab.context.cookies(self.stack.origin)
        account.cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
        return account

    # Where one is.

    async def home(self):
        await self.page.goto(f"{self.stack.origin}/#/")

    async def inbox(self):
        await self.page.goto(f"{self.stack.origin}/#/inbox")

    async def settings(self, part: str = ""):
        """The settings, or one of the pages below them: security, people, log."""
        await self.page.goto(f"{self.stack.origin}/#/settings{part and '/' + part}")
        await expect(self.main.get_by_role("heading", level=1)).to_be_visible()
        await expect(self.main.get_by_text("Reading…")).to_have_count(0)

    async def open(self, title: str):
        """Opens a thread from the list."""
        await self.home()
        row = self.page.get_by_role("link", name=re.compile(f"^{re.escape(title)}")).first
        more = self.page.get_by_role("button", name=re.compile(r"^Show \d+ more"))
        await expect(row.or_(more).first).to_be_visible()
        if not await row.is_visible():
            await more.click()
        await row.click()
        await expect(self.main.get_by_role("heading", name=re.compile(f"^{re.escape(title)}"), level=1)).to_be_visible()

    async def is_open(self, title: str):
        await expect(self.main.get_by_role("heading", name=title, level=1)).to_be_visible()

    # Settings.

    @property
    def sheet(self) -> Locator:
        """The sheet on top."""
        return self.page.get_by_role("dialog").last

    def row(self, text: str | re.Pattern) -> Locator:
        return self.main.get_by_role("listitem").filter(has_text=text)

    async def tap(self, name: str | re.Pattern):
        """A button of the page."""
        await self.main.get_by_role("button", name=name, exact=isinstance(name, str)).click()

    async def confirm(self, name: str):
        """A button of the sheet on top, and that it leads on: the sheet goes."""
        button = self.sheet.get_by_role("button", name=name, exact=True)
        await expect(button).to_be_visible()
        sheets = await self.page.get_by_role("dialog").count()
        await button.click()
        await expect(self.page.get_by_role("dialog")).to_have_count(sheets - 1)

    async def is_signed_out(self):
        await expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    async def sign_in_with(self, name: str, code: str):
        await self.page.goto(self.stack.origin)
        await self.page.get_by_role("textbox", name="Name").fill(name)
        await self.page.get_by_role("textbox", name="One-time code").fill(code)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()

    # A thread.

    async def start(self, prompt: str):
        """Starts a task in the directory that is offered."""
        await self.page.goto(f"{self.stack.origin}/#/new")
        await self.page.get_by_role("textbox", name="What should Codex do?").fill(prompt)
        await self.page.get_by_role("button", name="Start", exact=True).click()
        await expect(self.page.get_by_role("textbox", name="Message")).to_be_visible()

    async def write(self, text: str):
        await self.page.get_by_role("textbox", name="Message").fill(text)

    async def send(self, text: str):
        await self.write(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def steer(self, text: str):
        await self.write(text)
        await self.page.get_by_role("button", name="Send into the running turn").click()

    async def queue(self, text: str):
        await self.write(text)
        await self.page.get_by_role("button", name="Queue", exact=True).click()

    async def stop(self):
        await self.page.get_by_role("button", name="Stop", exact=True).click()

    def says(self, text: str) -> Locator:
        """What stands in the thread as a text of its own: not the prompt, which holds the script."""
        return self.main.get_by_text(text, exact=True)

    async def shows(self, text: str):
        await expect(self.says(text).first).to_be_visible()

    async def shows_token(self, number: int, timeout: float = PATIENT):
        await expect(self.main.get_by_text(f"t{number:05d}").first).to_be_visible(timeout=timeout)

    async def is_connected(self):
        """The whole way to the machine works, as the page says."""
        places = self.page.locator("main, aside")
        await expect(places.get_by_text("connected").filter(visible=True).first).to_be_visible()

    async def is_reconnecting(self):
        await expect(self.page.get_by_text("Reconnecting").filter(visible=True).first).to_be_visible()

    async def is_done(self, timeout: float = PATIENT):
        """The status line on the composer's edge says that the turn has ended."""
        done = self.main.get_by_text(re.compile("^Done")).filter(visible=True)
        await expect(done.last).to_be_visible(timeout=timeout)

    async def tokens(self) -> list[int]:
        """The numbered tokens of the agent's messages, as they stand in the transcript."""
        texts = await self.main.get_by_text(re.compile(r"t\d{5} ")).all_text_contents()
        return [int(n) for text in texts if "#script" not in text for n in re.findall(r"t(\d{5})", text)]

    async def shows_tokens(self, count: int):
        """Just the first `count` tokens, each once and in order. What has come may be drawn a frame later."""
        wanted = list(range(1, count + 1))
        for _ in range(100):
            if (seen := await self.tokens()) == wanted:
                return
            await asyncio.sleep(0.1)
        assert seen == wanted

    # What waits.

    def cards(self, title: str = "Run this command?") -> Locator:
        return self.page.get_by_role("article", name=title)

    def card(self, text: str) -> Locator:
        return self.page.get_by_role("article").filter(has_text=text)

    async def decide(self, card: Locator, decision: str):
        """Taps until the card takes it: what comes within 300 ms of its appearance is not meant."""
        await self.press(card.get_by_role("button", name=decision, exact=True))

    async def press(self, button: Locator):
        """Taps until the button is gone."""
        await expect(button).to_be_visible()
        for _ in range(200):
            if not await button.is_visible():
                return
            try:
                # It may go before the tap: then there is nothing to wait for.
                await button.click(timeout=2_000)
                await expect(button).to_be_hidden(timeout=400)
                return
            except (AssertionError, PlaywrightTimeout):
                continue
        raise AssertionError(f"the card does not take {button}")


__all__ = ["Client", "DESKTOP", "PHONE", "expect"]
