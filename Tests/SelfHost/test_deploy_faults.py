"""Whatever happens to whichever request: after a rerun the relay works, once, with the key it had."""

import json
import os
import random

import pytest

from ControlPlane.plane import FAULTS
from hosting import SEED, changed

# How many requests each deploy makes; test_deploys.py lists them. On Deno the revision is asked for twice.
REQUESTS = {("cloudflare", "first"): 5, ("cloudflare", "changed"): 4, ("deno", "first"): 7, ("deno", "changed"): 5}
# An outage lasts until the program gives up.
KINDS = (*FAULTS, "outage")
CASES = [(provider, deploy, number, fault) for (provider, deploy), count in REQUESTS.items()
         for number in range(count) for fault in KINDS]
FULL = bool(os.environ.get("TEST_FULL"))
# A time-out takes as long as the program's own limits, 30 to 120 s: with TEST_FULL only.
QUICK = [case for case in CASES if case[3] != "timeout"]
CHOSEN = CASES if FULL else sorted(random.Random(SEED).sample(QUICK, 12), key=CASES.index)


@pytest.mark.parametrize(("provider", "deploy", "number", "fault"), CHOSEN,
                         ids=["-".join(map(str, case)) for case in CHOSEN])
def test_a_rerun_goes_on(make, place, provider, deploy, number, fault):
    hosting = make(provider)
    words = ["--provider", provider, "--yes", "--no-login"]
    if deploy == "changed":
        hosting.deploy("--no-login")
        words += ["--templates", changed(place / "next")]
    base = len(hosting.plane.requests)
    met = []

    def happens(n, _):
        if n == base + number or (fault == "outage" and n > base + number):
            met.append(n)
            return "reset" if fault == "outage" else fault

    hosting.plane.fault = happens
    child = hosting.start(*words)
    hosting.plane.on_kill = child.kill
    output, errors = child.communicate(timeout=400)
    hosting.said += output + errors
    hosting.plane.fault = lambda n, request: None
    assert met, "the fault did not happen"
    if fault == "kill-after":
        assert child.returncode == -9
    elif fault == "outage":
        assert child.returncode == 1 and errors.strip().splitlines()[-1].endswith("."), errors
    else:
        assert child.returncode == 0, errors[-3000:]

    key = hosting.record()["deployKey"]
    report = json.loads(hosting.ok(*words, "--json").stdout)
    assert hosting.relays == ["codex-remote"]
    if provider == "deno":
        assert list(hosting.plane.databases) == ["codex-remote-kv"]
    assert hosting.record()["deployKey"] == hosting.live_key == key
    assert report["origin"] == hosting.origin and hosting.health()["build"] == report["build"]
    assert hosting.claims(report["claim"])["kind"] == "claim"
    # What is right now is left alone.
    count = len(hosting.revisions)
    assert json.loads(hosting.ok(*words, "--json").stdout)["changed"] is False
    assert len(hosting.revisions) == count
    hosting.check_secrets()
