"""Fixtures: each test has a relay of its own, and all of a module one Chromium. No codex is needed."""

import pytest

from support.browser import Chromium
from support.client import Client
from support.relay import Relay


@pytest.fixture
def relay(run, folder, request):
    relay = run(Relay.start(folder / request.node.name))
    yield relay
    run(relay.clean())


@pytest.fixture(scope="module")
def browser(run):
    browser = run(Chromium.start(""))
    yield browser
    run(browser.clean())


@pytest.fixture
def chromium(run, relay, browser):
    browser.origin = relay.origin
    yield browser
    while browser.tabs:
        run(browser.tabs.pop().close())


@pytest.fixture
def ada(run, chromium, relay):
    """The owner."""
    ada = run(Client.claim(chromium, relay))
    yield ada
    assert ada.tab.problems == [] and ada.tab.foreign == []
