"""How the token is found, on a terminal and off it, and which account it is for."""

import json
import os
from pathlib import Path

import pytest

from ControlPlane.cloudflare import Token


def tool(folder: Path, name: str, script: str) -> str:
    """A program of that name on PATH: the PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def without(hosting) -> dict:
    """No token in the environment."""
    return {"CLOUDFLARE_API_TOKEN" if hosting.provider == "cloudflare" else "DENO_DEPLOY_TOKEN": None}


def test_several_accounts_are_asked_about(cloudflare):
    other = cloudflare.plane.add_account("Work", "work")
    cloudflare.plane.tokens[cloudflare.token] = Token([other, cloudflare.account])
    person = cloudflare.type("--provider", "cloudflare", "--no-login")
    person.waits("Make the relay codex-remote in your Cloudflare account?")
    person.types("\n")
    person.waits("1  Work")
    person.waits("2  Dev")
    person.waits("Which one? 1 to 2")
    person.types("7\n")
    person.waits("Which one?")
    person.types("2\n")
    assert person.ends() == 0, person.shown
    assert cloudflare.record()["account"] == cloudflare.account and cloudflare.origin in person.shown


def test_wranglers_login_is_borrowed_by_asking_wrangler(cloudflare):
    said = cloudflare.folder / "asked"
    answer = json.dumps({"type": "oauth", "token": cloudflare.token})
    path = tool(cloudflare.folder / "bin", "wrangler", f'echo "$@" > {said}\necho \'{answer}\'')
    report = cloudflare.deploy("--no-login", CLOUDFLARE_API_TOKEN=None, PATH=path)
    assert report["origin"] == cloudflare.origin and said.read_text() == "auth token --json\n"


def test_a_wrangler_that_is_not_signed_in_is_no_way(cloudflare):
    path = tool(cloudflare.folder / "bin", "wrangler", 'echo "You are not authenticated." >&2\nexit 1')
    done = cloudflare.run("--provider", "cloudflare", "--yes", CLOUDFLARE_API_TOKEN=None, PATH=path)
    assert done.returncode == 1 and "set CLOUDFLARE_API_TOKEN" in done.stderr and cloudflare.sent() == []


@pytest.mark.parametrize("keeps", [True, False])
def test_a_token_is_pasted_without_an_echo(hosting, keeps):
    opened = hosting.folder / "opened"
    path = tool(hosting.folder / "bin", "xdg-open", f'echo "$1" > {opened}')
    person = hosting.type("--provider", hosting.provider, "--no-login", DISPLAY=":9", PATH=path, SSH_CONNECTION=None,
                          SSH_TTY=None, **without(hosting))
    person.waits("Paste it here; it is not shown")
    page = opened.read_text().strip()
    assert page in person.shown and page.startswith("https://")
    assert "workers_scripts" in page if hosting.provider == "cloudflare" else page == "https://console.deno.com"
    assert not person.echoes()
    person.types(f"  {hosting.token} \r")
    person.waits("Keep it on this machine for the next time?")
    assert person.echoes()
    person.types("y\n" if keeps else "\n")
    person.waits("Make the relay")
    person.types("y\n")
    assert person.ends() == 0, person.shown
    assert hosting.health()["ok"] is True and hosting.token not in person.text
    kept = hosting.main / f"{hosting.provider}.token"
    assert kept.exists() == keeps
    done = hosting.run("--provider", hosting.provider, "--yes", "--no-login", **without(hosting))
    assert done.returncode == (0 if keeps else 1)
    if keeps:
        assert kept.read_text() == hosting.token + "\n" and kept.stat().st_mode & 0o777 == 0o600
        kept.unlink()


def test_ctrl_c_at_the_prompt_ends_at_once(either):
    person = either.type("--provider", either.provider, **without(either))
    person.waits("Paste it here")
    person.types("half-a-token\x03")
    assert person.ends(10) != 0
    assert person.echoes() and "half-a-token" not in person.text and either.sent() == []


def test_whoever_says_no_makes_nothing(either):
    person = either.type("--provider", either.provider)
    person.waits("Make the relay codex-remote")
    person.types("n\n")
    assert person.ends() == 1 and either.relays == [] and not either.record_file().exists()
