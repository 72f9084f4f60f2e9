"""`up` and `self-host` take the same steps: the embedded relay is a provider like the others."""

import re
import signal
import subprocess

from EndToEnd.support.ports import free_port
from EndToEnd.support.tools import codex, deno
from hosting import program

LINE = re.compile(r"✓ (\w+) +(.*?)(?:  [\d.]+ m?s)?$")
# What a step is called where the account is this machine, and the one that a platform needs which tells its address late.
NAMES = {"Runtime": "Account"}
STEPS = ["Bundle", "Account", "Relay", "Verified"]


def steps(said: str) -> dict[str, str]:
    """Steps that were done, with their outcome."""
    found = [match.groups() for line in said.splitlines() if (match := LINE.search(line))]
    return {NAMES.get(name, name): detail for name, detail in found}


def up(place) -> str:
    """What a run of `up` says until it shows its link, and in the end."""
    environment = {"CODEX_REMOTE_HOME": str(place / "up"), "HOME": str(place), "CODEX_HOME": "", "DENO": deno(),
                   "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
    child = subprocess.Popen(
        [program(), "up", "--demo", "--no-open", "--port", str(free_port()), "--codex", codex()], env=environment,
        cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        link = child.stdout.readline()
        assert "#link=claim." in link
    finally:
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
    return errors


def test_up_and_self_host_share_every_step(either, place):
    done = either.ok("--provider", either.provider, "--yes", "--no-login")
    theirs, ours = steps(up(place)), steps(done.stderr)
    assert [name for name in ours if name != "Address"] == STEPS
    assert [name for name in theirs if name in STEPS] == STEPS
    assert ("Address" in ours) == (either.provider == "deno")
    assert theirs["Verified"] == ours["Verified"] and "round trip" in ours["Verified"]
    builds = [re.search(r"build (\w{16})", each["Bundle"])[1] for each in (theirs, ours)]
    assert builds[0] == builds[1] == either.health()["build"]
