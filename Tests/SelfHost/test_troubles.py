"""Code that does not start, an edge that lags behind, several machines at once, and a home that cannot be written."""

import asyncio
import json
import os
import random
import re
import resource
import shutil
import subprocess

import pytest

from EndToEnd.support.account import Account
from hosting import SEED, changed, program

MINUTE = 60


def broken(hosting, folder, line: str) -> str:
    entry = {"cloudflare": "cloudflare/worker.js", "deno": "deno/deploy.js"}[hosting.provider]
    return changed(folder, f"templates/{entry}", lambda text: f"{text}\n{line}\n")


def owned(hosting) -> Account:
    """The relay's owner, who claimed it."""
    account = Account(hosting.origin, hosting.port_of(hosting.host))
    asyncio.run(account.use(hosting.deploy("--no-login")["claim"]))
    return account


# ---------------------------------------------------------------- code that fails

THROWS = 'throw new Error("it breaks");'
# A throw that the platform sees while it starts the code, one that each request meets, one that ends the instance later.
BROKEN = [("cloudflare", "start"), ("cloudflare", "request"), ("deno", "later"), ("deno", "request")]
BROKEN = BROKEN if os.environ.get("TEST_FULL") else random.Random(SEED).sample(BROKEN, 2)


@pytest.mark.parametrize(("provider", "when"), BROKEN)
def test_code_that_throws_is_taken_back(make, place, provider, when):
    hosting = make(provider)
    build = hosting.deploy("--no-login")["build"]
    if when == "start":
        source = broken(hosting, place / "broken", THROWS)
    else:
        line = f"if (request) {THROWS}" if when == "request" else f"setTimeout(() => {{ {THROWS} }}, 0);"
        source = changed(place / "broken", "templates/orbit/orbit.js", lambda text: text.replace(
            "async fetch(request) {", f"async fetch(request) {{ {line}"))
    done = hosting.run("--provider", provider, "--yes", "--no-login", "--templates", source,
                       CODEX_REMOTE_TIME_FACTOR="0.2")
    assert done.returncode == 1, done.stdout
    # Workers keep no log that could be asked.
    assert ("it breaks" in done.stderr) == ((provider, when) != ("cloudflare", "request")), done.stderr
    assert hosting.health()["build"] == build
    assert hosting.deploy("--no-login")["build"] == build and hosting.health()["build"] == build


# ---------------------------------------------------------------- eventual consistency

@pytest.mark.parametrize(("provider", "delay"), [("cloudflare", 1), ("cloudflare", 4), ("deno", 4)])
def test_an_edge_that_lags_behind_is_awaited(make, place, provider, delay):
    """A new name is not there yet; after a change the version before answers on for a while."""
    hosting = make(provider, delay=delay)
    person = hosting.type("--provider", provider, "--yes", "--no-login")
    assert person.ends() == 0, person.shown
    assert "health answers with status 404" in person.shown, person.shown
    build = hosting.health()["build"]
    next = hosting.deploy("--no-login", "--templates", changed(place / "next"))["build"]
    assert hosting.health()["build"] == next != build
    assert hosting.revisions and hosting.deploy("--no-login", "--templates", str(place / "next"))["changed"] is False


def test_an_edge_that_never_catches_up_is_not_awaited_for_ever(cloudflare, place):
    build = cloudflare.deploy("--no-login")["build"]
    cloudflare.plane.delay = 10_000
    done = cloudflare.run("--provider", "cloudflare", "--yes", "--no-login", "--templates", changed(place / "next"),
                          CODEX_REMOTE_TIME_FACTOR="0.05")
    assert done.returncode == 1 and f"still answers with build {build}" in done.stderr
    assert "What ran before was put back." in done.stderr


# ---------------------------------------------------------------- several machines

def test_a_key_that_another_machine_set_is_told(either):
    either.deploy("--no-login")
    other = either.folder / "home-other"
    either.deploy("--no-login", home=other)
    key = either.live_key
    for words in (["--provider", either.provider, "--yes", "--no-login"], ["claim"]):
        done = either.run(*words)
        assert done.returncode == 1 and "another deploy key" in done.stderr and "rotate" in done.stderr
    assert either.live_key == key
    either.ok("rotate")
    assert either.record()["deployKey"] == either.live_key != key
    either.ok("claim", "--json")


def test_two_machines_at_once_do_no_harm(either):
    homes = [either.main, either.folder / "home-other"]
    runs = [either.start("--provider", either.provider, "--yes", "--no-login", home=home) for home in homes]
    ends = []
    for run in runs:
        output, errors = run.communicate(timeout=2 * MINUTE)
        either.said += output + errors
        ends.append((run.returncode, errors))
    assert any(code == 0 for code, _ in ends) or all("run this again" in said or "rotate" in said for _, said in ends)
    assert either.relays == ["codex-remote"]
    # Whichever has the last word, the other can have it by saying so.
    for home in homes:
        either.ok("rotate", home=home)
        either.ok("--provider", either.provider, "--yes", "--no-login", home=home)
        assert either.record(home)["deployKey"] == either.live_key and either.health()["ok"] is True
    assert either.relays == ["codex-remote"]
    if either.provider == "deno":
        assert list(either.plane.databases) == ["codex-remote-kv"]


# ---------------------------------------------------------------- after the deploy

def test_a_locked_out_owner_gets_a_link(either):
    either.deploy("--no-login")
    done = either.run("claim", "--recover")
    assert done.returncode == 1 and "Nobody owns" in done.stderr
    owner = owned(either)
    done = either.run("claim")
    assert done.returncode == 1 and "has an owner already" in done.stderr and "--recover" in done.stderr
    link = json.loads(either.ok("claim", "--recover", "--json").stdout)["recover"]
    assert re.match(rf"{either.origin}/#link=recover\.{owner.user['id']}\.", link)
    again = Account(either.origin, owner.port)
    assert asyncio.run(again.use(link, "Ada"))["id"] == owner.user["id"]
    # All sign-ins of before are over.
    status, _, _ = owner.raw("POST", "/api/me", b"{}", {"Origin": either.origin, "Content-Type": "application/json",
                                                        "Cookie": owner.cookie})
    assert status == 401


def test_logs(cloudflare, deno):
    deno.deploy("--no-login")
    app = deno.at(deno.host)
    app.runtime.log.open("a").write("one line\nand \x1b]0;a title\x07 another\n")
    shown = deno.ok("logs").stdout
    assert "one line\n" in shown and "another" in shown and "\x1b" not in shown and "\x07" not in shown
    assert any("one line" in line for line in json.loads(deno.ok("logs", "--json").stdout))
    cloudflare.deploy("--no-login")
    done = cloudflare.run("logs")
    assert done.returncode == 1 and "dash.cloudflare.com" in done.stderr


# ---------------------------------------------------------------- this machine

def test_a_full_disk_is_said_before_anything_is_made(either):
    def full():
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    child = subprocess.Popen(
        [program(), "self-host", "--provider", either.provider, "--yes", "--no-login"], env=either.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=full)
    _, errors = child.communicate(timeout=MINUTE)
    assert child.returncode == 1 and errors.strip().endswith("."), errors
    assert not [line for line in either.sent() if not line.startswith("GET")]
    shutil.rmtree(either.main, ignore_errors=True)
    either.deploy("--no-login")


def test_a_home_that_cannot_be_written(either):
    done = either.run("--provider", either.provider, "--yes", "--no-login", CODEX_REMOTE_HOME="/proc/nowhere")
    assert done.returncode == 1 and "/proc/nowhere" in done.stderr and done.stderr.strip().endswith(".")
    assert not [line for line in either.sent() if not line.startswith("GET")]
