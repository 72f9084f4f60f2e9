"""A relay deployed, deployed again and changed: exactly these requests, and nothing that is right is touched."""

import json
import os
import stat
import subprocess

from hosting import PROVIDERS, changed, program

FIRST = {
    "cloudflare": ["GET /accounts", "GET /script/deployments", "GET /workers/subdomain", "PUT /script",
                   "POST /script/subdomain"],
    "deno": ["GET /apps/codex-remote", "POST /apps", "POST /database_instances", "POST /apps/codex-remote/deploy",
             "GET /revisions/ID", "PATCH /apps/codex-remote"],
}
UNCHANGED = {
    "cloudflare": ["GET /script/deployments", "GET /script/versions/ID"],
    "deno": ["GET /apps/codex-remote"],
}
CHANGED = {
    "cloudflare": ["GET /script/deployments", "GET /script/versions/ID", "PUT /script", "POST /script/subdomain"],
    "deno": ["GET /apps/codex-remote", "POST /apps/codex-remote/deploy", "GET /revisions/ID",
             "PATCH /apps/codex-remote"],
}
GOALS = {"cloudflare": (6, 3, 4), "deno": (5, 3, 4)}
# What a real platform, too, answers to a look at something that is not there.
EXPECTED = ("deployments: 10007", "codex-remote: APP_NOT_FOUND")


def refusals(hosting) -> list[str]:
    return [line for line in hosting.plane.refusals if not any(words in line for words in EXPECTED)]


def test_first_unchanged_and_changed(hosting, place):
    first = hosting.deploy("--login")
    assert hosting.sent() == FIRST[hosting.provider]
    assert first["origin"] == hosting.origin and first["changed"] is True
    assert hosting.health()["build"] == first["build"]
    assert hosting.claims(first["claim"])["kind"] == "claim"
    key, count = hosting.record()["deployKey"], len(hosting.plane.requests)
    assert hosting.live_key == key

    again = hosting.deploy("--login")
    assert hosting.sent(count) == UNCHANGED[hosting.provider]
    assert again["changed"] is False and again["machine"]
    assert len(hosting.revisions) == 1 and hosting.live_key == key

    count = len(hosting.plane.requests)
    third = hosting.deploy("--no-login", "--templates", changed(place / "next"))
    assert hosting.sent(count) == CHANGED[hosting.provider]
    assert third["changed"] is True and third["build"] != first["build"] == again["build"]
    assert hosting.health()["build"] == third["build"]
    assert len(hosting.revisions) == 2 and hosting.relays == ["codex-remote"]
    assert hosting.record()["deployKey"] == key == hosting.live_key
    assert refusals(hosting) == []

    for requests, goal in zip((FIRST, UNCHANGED, CHANGED), GOALS[hosting.provider], strict=True):
        assert len([line for line in requests[hosting.provider] if "GET /revisions" not in line]) <= goal


def test_login_saves_a_machine(hosting):
    report = hosting.deploy("--login")
    record = hosting.main / "relays" / hosting.host
    machine = json.loads((record / "machine.json").read_text())
    assert machine["origin"] == hosting.origin and machine["machine"] == report["machine"]
    assert (record / "key.der").stat().st_size > 0
    done = subprocess.run([program(), "status", "--json"], env=hosting.environment(), capture_output=True, text=True)
    assert json.loads(done.stdout)[0]["origin"] == hosting.origin


def test_the_claim_link_works_once_more(either):
    first = either.deploy("--no-login")["claim"]
    second = json.loads(either.ok("claim", "--json").stdout)["claim"]
    assert second != first and either.claims(second)["kind"] == "claim"
    status, _, _ = either.http("POST", "/api/link/look", {"link": first.partition("#link=")[2]})
    assert status != 200


def test_both_serve_the_same_files(make):
    served = {}
    for provider in PROVIDERS:
        hosting = make(provider)
        hosting.deploy("--no-login")
        served[provider] = hosting.files()
    assert len(served["deno"]) > 10 and served["cloudflare"] == served["deno"]


def test_a_dry_run_changes_nothing(hosting):
    done = hosting.ok("--provider", hosting.provider, "--dry-run")
    assert [request.method for request in hosting.plane.requests] == ["GET"] * len(hosting.plane.requests)
    assert hosting.relays == [] and not hosting.record_file().exists()
    assert "Nothing was changed." in done.stderr and "•••" in done.stdout
    written = [line for line in FIRST[hosting.provider] if not line.startswith("GET")]
    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith(("PUT", "POST", "PATCH"))] == [
        line.split()[0] for line in written]

    hosting.deploy("--no-login")
    key = hosting.record()["deployKey"]
    assert key not in hosting.ok("--provider", hosting.provider, "--dry-run").stdout


def test_the_record_is_private(either):
    old = os.umask(0)
    try:
        either.deploy("--no-login")
    finally:
        os.umask(old)
    assert stat.S_IMODE(either.record_file().stat().st_mode) == 0o600


def test_rotation_signs_nobody_out(either):
    report = either.deploy("--login")
    key = either.record()["deployKey"]
    either.ok("rotate")
    assert either.record()["deployKey"] == either.live_key != key
    again = either.deploy("--login")
    assert again["changed"] is False and again["machine"] == report["machine"]
    # What ran before has the key before.
    done = either.run("rollback")
    assert done.returncode == 1 and "no earlier version" in done.stderr
    either.secrets.add(key)


def test_rollback_and_forward_again(either, place):
    first = either.deploy("--no-login")["build"]
    second = either.deploy("--no-login", "--templates", changed(place / "next"))["build"]
    either.ok("rollback")
    assert either.health()["build"] == first
    either.ok("rollback")
    assert either.health()["build"] == second
    # A platform that promotes nothing by itself after a rollback gets told to.
    third = either.deploy("--no-login")["build"]
    assert either.health()["build"] == third == first
    fourth = either.deploy(
        "--no-login", "--templates", changed(place / "later", change=lambda text: text + "<!-- later -->\n"))["build"]
    assert either.health()["build"] == fourth
    assert refusals(either) == []


def test_destroy(either):
    either.deploy("--login")
    refused = either.run("destroy")
    assert refused.returncode == 1 and "--yes" in refused.stderr and either.relays == ["codex-remote"]
    either.ok("destroy", "--yes")
    assert either.relays == [] and not either.record_file().exists()
    assert not list(either.main.rglob("machine.json"))
    assert "No relay yet" in either.ok("list").stdout
    # And from the start again, with what a destroyed relay left behind.
    assert either.deploy("--no-login")["changed"] is True
    assert either.health()["ok"] is True


def test_status_and_list(either, place):
    report = either.deploy("--no-login")
    status = json.loads(either.ok("status", "--json").stdout)
    assert status["reachable"] is True and status["upToDate"] is True and status["build"] == report["build"]
    assert [line["origin"] for line in json.loads(either.ok("list", "--json").stdout)] == [either.origin]
    either.deploy("--no-login", "--templates", changed(place / "next"))
    status = json.loads(either.ok("status", "--json").stdout)
    assert status["upToDate"] is False and status["carries"]["build"] == report["build"] != status["build"]
    # The relay's own code counts, not only the page that it serves.
    either.deploy("--no-login", "--templates", changed(place / "code", "templates/orbit/version.js",
                                                       lambda text: text + "// next\n"))
    status = json.loads(either.ok("status", "--json").stdout)
    assert status["upToDate"] is False and status["build"] == report["build"]
    either.ok("upgrade")
    assert json.loads(either.ok("status", "--json").stdout)["upToDate"] is True


def test_a_relay_made_on_another_machine_is_adopted(hosting):
    hosting.deploy("--no-login")
    key, other = hosting.record()["deployKey"], hosting.folder / "home-other"
    report = hosting.deploy("--no-login", home=other)
    assert hosting.relays == ["codex-remote"] and report["origin"] == hosting.origin
    assert hosting.record(other)["deployKey"] == hosting.live_key != key
    assert hosting.claims(report["claim"])["kind"] == "claim"


def test_a_relay_made_on_another_machine_is_listed(hosting):
    hosting.deploy("--no-login")
    other = hosting.folder / "home-other"
    assert json.loads(hosting.ok("list", "--json", home=other).stdout) == []
    listed = json.loads(hosting.ok("list", "--provider", hosting.provider, "--json", home=other).stdout)
    assert [(line["name"], line["known"]) for line in listed] == [("codex-remote", False)]
    assert "--name codex-remote adopts it" in hosting.ok("list", "--provider", hosting.provider, home=other).stdout
    listed = json.loads(hosting.ok("list", "--provider", hosting.provider, "--json").stdout)
    assert [(line["origin"], line["known"]) for line in listed] == [(hosting.origin, True)]
