"""The main job through a relay that self-host deployed: a real browser, a real codex, either provider's stand-in."""

import base64
import hashlib
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import async_playwright

from support.browser import Chromium, chromium
from support.client import Client
from support.model import run as command
from support.model import say, script
from support.processes import Process
from support.tools import codex, codex_remote

for place in (Path(__file__).parents[1] / "SelfHost", Path(__file__).parents[1]):
    if str(place) not in sys.path:
        sys.path.append(str(place))

from hosting import PROVIDERS, Hosting, missing  # noqa: E402


def fingerprint(certificate: Path) -> str:
    """The SHA-256 of a certificate's public key, as Chromium wants it: the only one it is to take unasked."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], check=True,
                         capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, check=True,
                         capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


async def browser(hosting: Hosting) -> Chromium:
    """Opens the very address that a user would, by way of the stand-in's edge."""
    driver = await async_playwright().start()
    key = fingerprint(hosting.edge.authority.parent / "edge.pem")
    found = await driver.chromium.launch(executable_path=chromium(), timeout=120_000, args=[
        "--no-sandbox", "--disable-dev-shm-usage", f"--proxy-server={hosting.edge.proxy_url}",
        f"--ignore-certificate-errors-spki-list={key}"])
    return Chromium(driver, found, hosting.origin)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_task_through_a_deployed_relay(provider, folder, workspace, model):
    if reason := missing(provider):
        pytest.skip(reason)
    hosting = Hosting(folder / provider, provider)
    anchor = chrome = None
    try:
        link = hosting.deploy("--login")["claim"]
        model.configure(hosting.folder / "codex")
        anchor = await Process.start(
            "anchor", codex_remote(), "anchor", "--relay", hosting.origin, "--codex", codex(), folder=hosting.folder,
            cwd=workspace, env=hosting.environment() | {
                "CODEX_HOME": str(hosting.folder / "codex"), "HOME": str(hosting.folder)})
        chrome = await browser(hosting)
        ada = await Client.claim(chrome, SimpleNamespace(origin=hosting.origin, link=link))
        file = workspace / provider
        await ada.start(script(command(f"touch {file}", "May I touch it?"), say("It is there."), title="A task"))
        card = ada.card("May I touch it?")
        await ada.decide(card, "Approve")
        await ada.shows("It is there.")
        await ada.is_done()
        assert file.exists() and ada.tab.problems == []
    finally:
        if chrome:
            await chrome.clean()
        if anchor:
            try:
                if anchor.running:
                    await anchor.stop(signal.SIGINT)
            finally:
                await anchor.clean()
        hosting.close()
