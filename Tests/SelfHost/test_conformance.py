"""The relay's own suite on what self-host deployed to both stand-ins, side by side."""

import os
import random
import re
import subprocess

import pytest
from hosting import PROVIDERS, ROOT, SEED, missing

SUITE = ROOT / "Tests" / "SelfHost" / "conformance"
GROUPS = re.findall(r"^  (\w+),$", (ROOT / "Tests/Orbit/conformance/suite.js").read_text(), re.M)
# What takes longest; the claim and the frames are always among those chosen.
LONG = {"floods", "frames", "restarts", "foreign", "erasure"}
CHOSEN = GROUPS if os.environ.get("TEST_FULL") else [
    "claims", "probes", random.Random(SEED).choice([g for g in GROUPS if g not in LONG | {"claims", "probes"}])]
LINE = re.compile(r"^(?:(\w+): (\w+) \.\.\.$|  (.+) \.\.\. (ok|FAILED) \(([^)]*)\))")


def table(output: str) -> dict[str, dict[str, str]]:
    """What each case of the suite came to, by provider."""
    results, group = {}, ("", "")
    for line in re.sub(r"\x1b\[[0-9;]*m", "", output).splitlines():
        if found := LINE.match(line):
            if found[1]:
                group = (found[1], found[2])
            else:
                results.setdefault(f"{group[1]}: {found[3]}", {})[group[0]] = f"{found[4]} {found[5]}"
    return results


def test_both_pass_the_relays_own_suite(capsys):
    for provider in PROVIDERS:
        if reason := missing(provider):
            pytest.skip(reason)
    done = subprocess.run(
        ["deno", "test", "--quiet", "--allow-all", "--no-prompt", "--filter", f"/: ({'|'.join(CHOSEN)})$/", SUITE],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3000)
    results = table(done.stdout)
    width = max(map(len, results), default=0)
    with capsys.disabled():
        print(f"\n{'':{width}}  {PROVIDERS[0]:14}  {PROVIDERS[1]}  ({', '.join(CHOSEN)}; SEED={SEED})")
        for name, by in results.items():
            print(f"{name:{width}}  {by.get(PROVIDERS[0], '-'):14}  {by.get(PROVIDERS[1], '-')}")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-3000:]
    assert results and all(set(by) == set(PROVIDERS) for by in results.values())
