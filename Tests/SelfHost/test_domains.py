"""A host name of the user's own on Cloudflare."""

import json

HOST = "relay.example.com"


def at_home(cloudflare):
    cloudflare.plane.zones.append("example.com")
    cloudflare.edge.certify(HOST, "*.acme.workers.dev")


def test_a_relay_under_ones_own_name(cloudflare, place):
    from hosting import changed
    at_home(cloudflare)
    report = cloudflare.deploy("--no-login", "--domain", HOST)
    cloudflare.host = HOST
    assert report["origin"] == f"https://{HOST}" and cloudflare.health()["ok"] is True
    assert cloudflare.sent() == [
        "GET /accounts", "GET /workers/domains", "GET /script/deployments", "PUT /script", "PUT /workers/domains"]
    assert not next(iter(cloudflare.plane.scripts.values())).subdomain
    # It is known from then on, said again or not.
    assert cloudflare.deploy("--no-login")["changed"] is False
    assert cloudflare.deploy("--no-login", "--domain", HOST)["changed"] is False
    report = cloudflare.deploy("--no-login", "--templates", changed(place / "next"))
    assert report["origin"] == f"https://{HOST}" and cloudflare.health()["build"] == report["build"]


def test_a_relay_that_is_adopted_stays_at_its_name(cloudflare):
    at_home(cloudflare)
    origin = cloudflare.deploy("--no-login", "--domain", HOST)["origin"]
    cloudflare.host = HOST
    other = cloudflare.folder / "home-other"
    assert cloudflare.deploy("--no-login", home=other)["origin"] == origin == f"https://{HOST}"
    assert cloudflare.health()["ok"] is True
    assert not next(iter(cloudflare.plane.scripts.values())).subdomain


def test_moving_to_another_name_is_not_done_by_the_way(cloudflare):
    cloudflare.deploy("--no-login")
    at_home(cloudflare)
    count = len(cloudflare.plane.requests)
    done = cloudflare.run("--provider", "cloudflare", "--no-login", "--domain", HOST)
    assert done.returncode == 1 and "Passkeys" in done.stderr and "--yes" in done.stderr
    assert cloudflare.lines(count) == []
    report = cloudflare.deploy("--no-login", "--domain", HOST)
    assert report["changed"] is True and report["origin"] == f"https://{HOST}"
    assert cloudflare.http("GET", "/health")[0] == 421
    cloudflare.host = HOST
    assert cloudflare.health()["ok"] is True
    assert json.loads(cloudflare.ok("status", "--json").stdout)["origin"] == f"https://{HOST}"


def test_a_name_that_leads_elsewhere_is_not_taken_away(cloudflare):
    at_home(cloudflare)
    shop = cloudflare.plane.domains[HOST] = (cloudflare.account, "shop")
    done = cloudflare.run("--provider", "cloudflare", "--yes", "--no-login", "--domain", HOST.upper())
    assert done.returncode == 1 and "leads to the Worker shop" in done.stderr and "--adopt" in done.stderr
    assert cloudflare.relays == [] and cloudflare.plane.domains[HOST] == shop and not cloudflare.record_file().exists()
    cloudflare.host = HOST
    cloudflare.deploy("--no-login", "--domain", HOST, "--adopt")
    assert cloudflare.health()["ok"] is True


def test_a_name_in_no_zone_of_the_account(cloudflare):
    done = cloudflare.run("--provider", "cloudflare", "--yes", "--no-login", "--domain", HOST)
    assert done.returncode == 1 and "100117" in done.stderr and "zone" in done.stderr


def test_deno_has_its_own_way(deno):
    done = deno.run("--provider", "deno", "--yes", "--domain", HOST)
    assert done.returncode == 64 and "console" in done.stderr and deno.sent() == []


def test_what_is_no_host_name(cloudflare):
    for domain in ("relay", "x y.example", "https://relay.example.com", "relay.example.com/x"):
        done = cloudflare.run("--provider", "cloudflare", "--yes", "--domain", domain)
        assert done.returncode == 64 and "is no host name" in done.stderr
    assert cloudflare.sent() == []
