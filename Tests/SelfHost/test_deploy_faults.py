"""Whatever happens to whichever request: after a rerun the relay works, once, with the key it had."""

import json
import os
import random

import pytest

from ControlPlane.plane import FAULTS
from hosting import SEED, changed

# How many requests each run makes; test_deploys.py lists those of the first three. On Deno the revision is asked for
# twice. `named` is an account that has no workers.dev name yet, `migrations` one that knows no exports, `promoted` an
# app that was rolled back once, so that each revision must be promoted.
REQUESTS = {
    "cloudflare": {"first": 5, "changed": 4, "unchanged": 2, "named": 6, "migrations": 6, "rotate": 4, "rollback": 1,
                   "destroy": 3},
    "deno": {"first": 7, "changed": 5, "unchanged": 1, "promoted": 7, "rotate": 6, "rollback": 3, "destroy": 3},
}
# An outage lasts until the program gives up.
KINDS = (*FAULTS, "outage")
CASES = [(provider, plan, number, fault) for provider, plans in REQUESTS.items() for plan, count in plans.items()
         for number in range(count) for fault in KINDS]
FULL = bool(os.environ.get("TEST_FULL"))
CHOSEN = CASES if FULL else sorted(random.Random(SEED).sample(CASES, 10), key=CASES.index)
# Requests of which each makes a thing: whatever happens, the platform does it once.
ONCE = {
    "cloudflare": {"PUT /workers/subdomain"},
    "deno": {"POST /apps", "POST /database_instances", "POST /apps/codex-remote/deploy"},
}


class Meeting:
    """A fault that the n-th request of a run meets, and that it was met."""

    def __init__(self, hosting, number: int, fault: str):
        self.hosting, self.number, self.fault, self.met = hosting, number + len(hosting.plane.requests), fault, []
        plane = hosting.plane
        if fault == "reset":
            plane.early = self.early
        elif fault == "refused":
            if number == 0:
                plane.refuse()
                self.met.append(number)
            plane.gone = self.gone
        else:
            plane.fault = self.happens

    def early(self, n, method, path):
        if n == self.number:
            self.met.append(n)
            return "reset"
        return None

    def gone(self, n):
        if n == self.number - 1:
            self.met.append(n)
        return n == self.number - 1

    def happens(self, n, _):
        if n == self.number or (self.fault == "outage" and n > self.number):
            self.met.append(n)
            return "500" if self.fault == "outage" else self.fault
        return None

    def end(self):
        plane = self.hosting.plane
        plane.fault, plane.early, plane.gone = lambda n, r: None, lambda n, m, p: None, lambda n: False


def prepared(make, place, provider: str, plan: str):
    """A stand-in as the plan finds it, and the words of the run that is to meet a fault."""
    options = {"named": {"subdomain": None}, "migrations": {"exports": False}}.get(plan, {})
    hosting = make(provider, **options)
    deploy = ["--provider", provider, "--yes", "--no-login"]
    if plan in ("first", "named", "migrations"):
        if plan == "named":
            hosting.names_itself()
        return hosting, deploy
    hosting.deploy("--no-login")
    if plan == "unchanged":
        return hosting, deploy
    if plan in ("rotate", "destroy"):
        return hosting, [plan, *(["--yes"] if plan == "destroy" else [])]
    next = ["--templates", changed(place / "next")]
    if plan == "changed":
        return hosting, deploy + next
    hosting.deploy("--no-login", *next)
    if plan == "rollback":
        return hosting, ["rollback"]
    hosting.ok("rollback")
    return hosting, ["--provider", provider, "--yes", "--no-login", "--templates",
                     changed(place / "later", change=lambda text: text + "<!-- later -->\n")]


def check_once(hosting, since: int):
    """Nothing was made twice, whatever was sent twice."""
    done = [(line, request) for line, request in zip(hosting.lines(since), hosting.plane.requests[since:], strict=True)
            if 200 <= request.status < 300]
    for wanted in ONCE[hosting.provider]:
        assert sum(line == wanted for line, _ in done) <= 1, [line for line, _ in done]


def sentence(errors: str) -> str:
    return errors.strip().splitlines()[-1]


@pytest.mark.parametrize(("provider", "plan", "number", "fault"), CHOSEN,
                         ids=["-".join(map(str, case)) for case in CHOSEN])
def test_a_rerun_goes_on(make, place, provider, plan, number, fault):
    hosting, words = prepared(make, place, provider, plan)
    since = len(hosting.plane.requests)
    before = hosting.record()["deployKey"] if since else None
    meeting = Meeting(hosting, number, fault)
    # The program's limits are 30 and 120 s; the fault is met within the first.
    changes = {"CODEX_REMOTE_TIME_FACTOR": "0.1"} if fault == "timeout" else {}
    child = hosting.start(*words, **changes)
    hosting.plane.on_kill = child.kill
    output, errors = child.communicate(timeout=400)
    hosting.said += output + errors
    meeting.end()
    assert meeting.met, "the fault did not happen"
    if fault == "kill-after":
        assert child.returncode == -9
    elif fault == "outage":
        assert child.returncode == 1 and sentence(errors).endswith("."), errors
    else:
        assert child.returncode == 0, errors[-3000:]
        check_once(hosting, since)

    if plan == "destroy":
        hosting.run("destroy", "--yes")
        assert hosting.relays == [] and not hosting.record_file().exists()
        assert hosting.deploy("--no-login")["changed"] is True and hosting.health()["ok"] is True
        return
    # A run that ended before it made anything leaves no record.
    key = hosting.record()["deployKey"] if hosting.record_file().exists() else None
    assert key or not hosting.relays
    assert plan == "rotate" or before in (None, key)
    if plan in ("rotate", "rollback"):
        # A rerun of the deploy, not of the command, must put everything right.
        words = ["--provider", provider, "--yes", "--no-login"]
    report = json.loads(hosting.ok(*words, "--json").stdout)
    assert hosting.relays == ["codex-remote"]
    if provider == "deno":
        assert list(hosting.plane.databases) == ["codex-remote-kv"]
    assert hosting.record()["deployKey"] == hosting.live_key == (key or hosting.live_key)
    assert report["origin"] == hosting.origin and hosting.health()["build"] == report["build"]
    assert hosting.claims(report["claim"])["kind"] == "claim"
    # What is right now is left alone.
    count = len(hosting.revisions)
    assert json.loads(hosting.ok(*words, "--json").stdout)["changed"] is False
    assert len(hosting.revisions) == count
    if fault in ("429", "refused", "reset", "500", "502-html", "timeout") and plan in ("first", "changed"):
        assert count == (1 if plan == "first" else 2)


PLANS = [(provider, plan) for provider, plans in REQUESTS.items() for plan in plans]


@pytest.mark.parametrize(("provider", "plan"), PLANS if FULL else random.Random(SEED).sample(PLANS, 1))
def test_the_matrix_covers_every_request(make, place, provider, plan):
    hosting, words = prepared(make, place, provider, plan)
    since = len(hosting.plane.requests)
    hosting.ok(*words)
    assert len(hosting.plane.requests) - since == REQUESTS[provider][plan], hosting.lines(since)


# ---------------------------------------------------------------- what is asked of the relay itself

# The requests of a deploy to the relay's own address, in order; the pinning is Deno's.
ASKED = {
    "cloudflare": ["/health", "/", "/files.json", "/anchor", "/deploy/probe", "/deploy/probe", "/health", "/deploy/claim"],
    "deno": ["/health", "/health", "/deploy/origin", "/health", "/", "/files.json", "/anchor", "/deploy/probe",
             "/deploy/probe", "/health", "/deploy/claim"],
}
EDGE_FAULTS = ("reset", "502-html", "lost-reply", "stall")
EDGE_CASES = [(provider, number, fault) for provider, paths in ASKED.items() for number in range(len(paths))
              for fault in EDGE_FAULTS]
EDGE_CHOSEN = EDGE_CASES if FULL else sorted(random.Random(SEED).sample(EDGE_CASES, 3), key=EDGE_CASES.index)


@pytest.mark.parametrize(("provider", "number", "fault"), EDGE_CHOSEN,
                         ids=["-".join(map(str, case)) for case in EDGE_CHOSEN])
def test_a_rerun_goes_on_after_a_fault_of_the_relays_address(make, provider, number, fault):
    hosting = make(provider)
    asked = []

    def happens(path):
        asked.append("/files.json" if path.endswith("/files.json") else path.split("?")[0])
        return fault if len(asked) == number + 1 else None
    hosting.edge.fault = happens
    # A stalled request takes 10 s, or 30 where it is the deployer's.
    done = hosting.run("--provider", provider, "--yes", "--no-login", "--json")
    assert len(asked) > number and asked[: number + 1] == ASKED[provider][: number + 1]
    assert done.returncode == 0 or sentence(done.stderr).endswith("."), done.stderr
    # What is asked after the relay was found in order is asked once: its answer is lost with the link in it.
    if number < len(ASKED[provider]) - 2 and fault != "stall":
        assert done.returncode == 0, done.stderr
    hosting.edge.fault = None
    key = hosting.record()["deployKey"]
    report = json.loads(hosting.ok("--provider", provider, "--yes", "--no-login", "--json").stdout)
    # A first deploy that was not found in order brings its settings there once more.
    assert hosting.relays == ["codex-remote"] and len(hosting.revisions) <= 2
    assert hosting.record()["deployKey"] == hosting.live_key == key
    assert hosting.claims(report["claim"])["kind"] == "claim"
