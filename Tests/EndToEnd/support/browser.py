"""Chromium with a virtual authenticator, driven as a person would."""

import contextlib
import itertools
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from .tools import ARTIFACTS

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("Chromium is missing: install it (Debian: apt-get install chromium).")


# Numbers the copies of passkeys: several may be made within a second.
COPIES = itertools.count()


class Tab:
    """A page of the web client with what it said on its console."""

    def __init__(self, page: Page, context: BrowserContext):
        self.page = page
        self.context = context
        self.cdp = None
        self.authenticator = None
        self.console: list[str] = []
        self.foreign: list[str] = []  # requests that left for somewhere else

    @property
    def problems(self) -> list[str]:
        """Errors on the console but for those that a broken link causes."""
        return [line for line in self.console if "net::ERR" not in line and "WebSocket connection" not in line
                and "Failed to load resource" not in line]

    async def credentials(self) -> list[dict]:
        answer = await self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return answer["credentials"]

    async def lose_credentials(self):
        """As on another device: the passkeys that were made here are not there."""
        await self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})

    async def adopt(self, credentials: list[dict]):
        """Gives this browser the passkeys of another, as a synchronised key chain would."""
        for credential in credentials:
            # A copy counts on from where the newest copy is, or the relay takes it for a stolen one.
            credential["signCount"] = int(time.time()) + 1000 * next(COPIES)
            await self.cdp.send("WebAuthn.addCredential",
                                {"authenticatorId": self.authenticator, "credential": credential})

    async def shot(self, name: str):
        """A screenshot into .artifacts/screens."""
        folder = ARTIFACTS / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=folder / f"{name}.png", animations="disabled")

    async def close(self):
        await self.context.close()


class Chromium:
    def __init__(self, driver, browser: Browser, origin: str):
        self.driver = driver
        self.browser = browser
        self.origin = origin
        self.tabs: list[Tab] = []

    @classmethod
    async def start(cls, origin: str, port: int | None = None) -> "Chromium":
        """`port` is where connections to the origin go instead, such as a proxy's."""
        driver = await async_playwright().start()
        address = urlsplit(origin)
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        if port is not None:
            arguments.append(f"--host-resolver-rules=MAP {address.hostname}:{address.port} 127.0.0.1:{port}")
        browser = await driver.chromium.launch(executable_path=chromium(), args=arguments, timeout=120_000)
        return cls(driver, browser, origin)

    async def tab(self, size: dict = PHONE, dark: bool = False, locale: str = "en-GB", **options) -> Tab:
        """A tab in a browser profile of its own, with an authenticator that says yes."""
        context = await self.browser.new_context(
            viewport=size, color_scheme="dark" if dark else "light", locale=locale, base_url=self.origin,
            has_touch=size is PHONE, is_mobile=size is PHONE, reduced_motion="reduce", **options)
        page = await context.new_page()
        tab = Tab(page, context)
        page.set_default_timeout(90_000)

        def said(message: ConsoleMessage):
            if message.type in ("error", "warning"):
                tab.console.append(f"{message.type}: {message.text}")
        page.on("console", said)
        page.on("pageerror", lambda error: tab.console.append(f"uncaught: {error}"))
        page.on("request", lambda request: None if request.url.startswith((self.origin, "blob:", "data:"))
                else tab.foreign.append(request.url))
        tab.cdp = await context.new_cdp_session(page)
        await tab.cdp.send("WebAuthn.enable")
        answer = await tab.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}})
        tab.authenticator = answer["authenticatorId"]
        self.tabs.append(tab)
        return tab

    async def clean(self):
        with contextlib.suppress(Exception):
            await self.browser.close()
        await self.driver.stop()


async def failed(chromium: Chromium, name: str, folder: Path = ARTIFACTS / "failures"):
    """Keeps what every open tab shows: a test has failed."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, tab in enumerate(chromium.tabs):
        with contextlib.suppress(Exception):
            await tab.page.screenshot(path=folder / f"{name}-{number}.png")
            (folder / f"{name}-{number}.txt").write_text("\n".join(tab.console))
