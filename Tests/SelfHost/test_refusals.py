"""What cannot be done is said in a sentence, and leaves everything as it was."""

import re

from ControlPlane.cloudflare import Token
from hosting import changed


def refused(hosting, *words: str, **environment) -> str:
    """What a deploy that must fail says; it made nothing."""
    before, count = hosting.relays, len(hosting.revisions) if hosting.relays else 0
    done = hosting.run("--provider", hosting.provider, "--yes", "--no-login", *words, **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert hosting.relays == before and (len(hosting.revisions) if hosting.relays else 0) == count
    sentence = done.stderr.strip().splitlines()[-1]
    assert sentence.endswith((".", "!")), sentence
    return sentence


def writes(hosting) -> list[str]:
    return [line for line in hosting.sent() if not line.startswith("GET")]


def test_a_token_that_nobody_knows(cloudflare, deno):
    said = refused(cloudflare, CLOUDFLARE_API_TOKEN="cf-mistyped")
    assert "Workers Scripts: Edit" in said and "cf-mistyped" not in said
    said = refused(deno, DENO_DEPLOY_TOKEN="ddo_mistyped")
    assert "console.deno.com" in said and "ddo_mistyped" not in said
    assert writes(cloudflare) == writes(deno) == []
    # Nothing was made, so there is nothing that would have to be destroyed.
    assert not cloudflare.record_file().exists() and not deno.record_file().exists()


def test_what_is_no_token(cloudflare):
    for value in (f"{cloudflare.token}\nsecond", f"{cloudflare.token} second", "т" * 40):
        said = refused(cloudflare, CLOUDFLARE_API_TOKEN=value)
        assert said.startswith("codex-remote: CLOUDFLARE_API_TOKEN holds") and cloudflare.token not in said
    assert cloudflare.sent() == []
    cloudflare.ok("--provider", "cloudflare", "--dry-run", CLOUDFLARE_API_TOKEN=f" {cloudflare.token}\n")


def test_no_token_and_nobody_to_ask(cloudflare, deno):
    assert "CLOUDFLARE_API_TOKEN" in refused(cloudflare, CLOUDFLARE_API_TOKEN=None)
    assert "DENO_DEPLOY_TOKEN" in refused(deno, DENO_DEPLOY_TOKEN=None)
    assert cloudflare.sent() == deno.sent() == []


def test_a_personal_token_of_deno(deno):
    said = refused(deno, DENO_DEPLOY_TOKEN="ddp_personal")
    assert "ddp_" in said and "ddo_" in said and "personal" in said and "ddp_personal" not in said
    assert deno.sent() == []


def test_a_permission_that_is_missing_is_named(cloudflare):
    for permissions in ({"account_settings:read"}, {"account_settings:read", "workers_scripts:read"}):
        cloudflare.plane.tokens[cloudflare.token] = Token([cloudflare.account], permissions)
        assert "Workers Scripts: Edit" in refused(cloudflare)
    cloudflare.plane.tokens[cloudflare.token] = Token([cloudflare.account], {"workers_scripts:edit"})
    assert "Account Settings: Read" in refused(cloudflare)
    # Who says which account is meant needs no permission to list them.
    cloudflare.deploy("--no-login", CLOUDFLARE_ACCOUNT_ID=cloudflare.account)


def test_a_token_that_may_list_no_account_is_told_whichever_way(make):
    """Which answer such a token gets is stated nowhere."""
    for refuses in (False, True):
        cloudflare = make("cloudflare", refuses_lists=refuses)
        cloudflare.plane.tokens[cloudflare.token] = Token([cloudflare.account], {"workers_scripts:edit"})
        assert "Account Settings: Read" in refused(cloudflare)


def test_a_missing_app_is_one_whichever_status_says_so(make):
    for status in (400, 403, 404):
        deno = make("deno", missing=status)
        assert deno.deploy("--no-login")["changed"] is True and deno.health()["ok"] is True


def test_an_upload_whose_answer_was_lost(make):
    """Where a revision tells its labels it is found again; where it does not, the same is uploaded once more."""
    for shows, uploads in ((True, 1), (False, 2)):
        deno = make("deno", shows_labels=shows)
        deno.plane.fault = lambda n, request: "lost-reply" if n == 3 else None
        assert deno.deploy("--no-login")["origin"] == deno.origin
        assert len(deno.revisions) == uploads and list(deno.plane.databases) == ["codex-remote-kv"]
        assert deno.deploy("--no-login")["changed"] is False


def test_several_accounts_are_listed(cloudflare):
    other = cloudflare.plane.add_account("Work", "work")
    cloudflare.plane.tokens[cloudflare.token] = Token([other, cloudflare.account])
    said = refused(cloudflare)
    assert "CLOUDFLARE_ACCOUNT_ID" in said and f"{other} (Work)" in said and f"{cloudflare.account} (Dev)" in said
    cloudflare.deploy("--no-login", CLOUDFLARE_ACCOUNT_ID=cloudflare.account)
    # From then on it is known.
    assert cloudflare.deploy("--no-login")["changed"] is False


def test_an_account_gets_its_workers_name(make):
    cloudflare = make("cloudflare", subdomain=None)
    cloudflare.names_itself()
    report = cloudflare.deploy("--no-login")
    assert re.fullmatch(r"https://codex-remote\.relay-[a-z0-9]{8}\.workers\.dev", report["origin"])
    assert report["origin"] == cloudflare.origin and cloudflare.health()["ok"] is True
    assert cloudflare.sent().count("PUT /workers/subdomain") == 1
    assert cloudflare.deploy("--no-login")["changed"] is False


def test_an_account_that_knows_only_migrations(make, place):
    cloudflare = make("cloudflare", exports=False)
    cloudflare.deploy("--no-login")
    assert cloudflare.sent().count("PUT /script") == 2
    count = len(cloudflare.plane.requests)
    cloudflare.deploy("--no-login", "--templates", changed(place / "next"))
    assert cloudflare.sent(count).count("PUT /script") == 1
    assert len(cloudflare.revisions) == 2 and cloudflare.health()["ok"] is True


def disown(hosting):
    """As if the relay of that name were something else of the user's."""
    found = hosting.at(hosting.host)
    if hosting.provider == "cloudflare":
        for version in found.versions:
            version.annotations = {}
    else:
        found.labels = {}


def test_a_foreign_thing_is_left_alone(hosting):
    hosting.deploy("--no-login")
    disown(hosting)
    other, revisions = hosting.folder / "home-other", len(hosting.revisions)
    for home in (hosting.main, other):
        said = refused(hosting, home=home)
        assert "--adopt" in said and "--name" in said
    assert len(hosting.revisions) == revisions
    hosting.deploy("--no-login", "--adopt", home=other)
    assert hosting.health()["ok"] is True and hosting.relays == ["codex-remote"]
    # It is ours now.
    assert hosting.deploy("--no-login", home=other)["changed"] is False


def test_nothing_but_the_relay_is_destroyed(hosting):
    hosting.deploy("--no-login")
    disown(hosting)
    done = hosting.run("destroy", "--yes")
    assert done.returncode == 1 and "nothing was deleted" in done.stderr
    assert hosting.relays == ["codex-remote"] and hosting.record_file().exists()


def test_another_account_is_left_alone(cloudflare):
    cloudflare.deploy("--no-login")
    other = cloudflare.plane.add_account("Work", "work")
    cloudflare.plane.tokens[cloudflare.token] = Token([other, cloudflare.account])
    count, record = len(cloudflare.plane.requests), cloudflare.record()
    deploy = ["--provider", "cloudflare", "--yes", "--no-login"]
    for words in (["destroy", "--yes"], ["upgrade"], ["rotate"], ["rollback"], deploy):
        done = cloudflare.run(*words, CLOUDFLARE_ACCOUNT_ID=other)
        assert done.returncode == 1 and cloudflare.lines(count) == [], words
        assert words == ["rollback"] or f"in account {cloudflare.account}, not in {other}" in done.stderr
    assert cloudflare.record() == record


def test_another_organisation_is_left_alone(deno):
    deno.deploy("--no-login")
    deno.plane.organisation = "other"
    done = deno.run("destroy", "--yes")
    assert done.returncode == 1 and f"codex-remote.other.deno.net, not at {deno.origin}" in done.stderr
    deno.plane.organisation = "acme"
    # A token that reaches no such app, while the relay runs.
    app = deno.plane.apps.pop("codex-remote")
    deno.at = lambda host: app
    done = deno.run("destroy", "--yes")
    deno.plane.apps["codex-remote"] = app
    assert done.returncode == 1 and f"{deno.origin} answers: nothing was deleted" in done.stderr
    assert deno.record_file().exists() and deno.health()["ok"] is True


def test_a_relay_whose_written_down_revision_is_gone_is_destroyed_all_the_same(deno):
    deno.deploy("--no-login")
    labels = deno.plane.apps["codex-remote"].labels
    [name] = [name for name, value in labels.items() if value == deno.plane.apps["codex-remote"].live.id]
    labels[name] = "rgone"
    live, deno.plane.apps["codex-remote"].live = deno.plane.apps["codex-remote"].live, None
    done = deno.run("destroy", "--yes")
    assert done.returncode == 1 and "does not say where the app of that name is" in done.stderr
    deno.plane.apps["codex-remote"].live = live
    deno.plane.organisation = "other"
    done = deno.run("destroy", "--yes")
    assert done.returncode == 1 and f"codex-remote.other.deno.net, not at {deno.origin}" in done.stderr
    deno.plane.organisation = "acme"
    assert deno.run("destroy", "--yes").returncode == 0
    assert deno.plane.apps == {}


def test_a_key_that_was_not_sent_is_not_kept(either):
    either.deploy("--no-login")
    variable = "CLOUDFLARE_API_TOKEN" if either.provider == "cloudflare" else "DENO_DEPLOY_TOKEN"
    assert either.run("rotate", **{variable: "ddo_mistyped"}).returncode == 1
    assert either.record()["deployKey"] == either.live_key


def test_a_name_that_no_provider_takes(hosting):
    for name in ("x", "-relay", "Relay", "a" * 31):
        done = hosting.run("--provider", hosting.provider, "--yes", f"--name={name}")
        assert done.returncode != 0 and "3 to 30" in done.stderr
    assert hosting.sent() == []


def test_a_change_that_fails_its_verification_is_taken_back(either, place):
    build = either.deploy("--no-login")["build"]
    broken = changed(place / "broken", "templates/orbit/headers.js",
                     lambda text: text.replace("content-security-policy", "x-no-policy"))
    done = either.run("--provider", either.provider, "--yes", "--no-login", "--templates", broken)
    assert done.returncode == 1
    assert "security headers" in done.stderr and "What ran before was put back." in done.stderr
    status, headers, _ = either.http("GET", "/")
    assert status == 200 and "default-src 'none'" in headers["content-security-policy"]
    assert either.health()["build"] == build
    # The next run goes on from there.
    good = either.deploy("--no-login", "--templates", changed(place / "good"))["build"]
    assert either.health()["build"] == good != build


def test_code_that_does_not_start_changes_nothing(either, place):
    build = either.deploy("--no-login")["build"]
    # workerd says nothing of a throw until it is asked; a missing module is seen at once.
    entry, line, reason = {
        "cloudflare": ("cloudflare/worker.js", 'import "./nothing.js";', "No such module"),
        "deno": ("deno/deploy.js", 'throw new Error("no start");', "no start"),
    }[either.provider]
    broken = changed(place / "broken", f"templates/{entry}", lambda text: f"{line}\n{text}")
    done = either.run("--provider", either.provider, "--yes", "--no-login", "--templates", broken)
    assert done.returncode == 1 and reason in done.stderr
    assert either.health()["build"] == build
    assert either.deploy("--no-login")["build"] == build
    assert either.health()["build"] == build


def test_two_runs_at_once(hosting):
    second = []

    def start(n, _):
        if n == 1:
            second.append(hosting.run("--provider", hosting.provider, "--yes", "--no-login"))
    # The second one runs whole while a request of the first is under way.
    hosting.plane.fault = start
    hosting.deploy("--no-login")
    assert second[0].returncode == 1 and "Another run" in second[0].stderr
    assert hosting.relays == ["codex-remote"] and len(hosting.revisions) == 1


def test_a_database_too_many(make):
    deno = make("deno", databases_limit=0)
    said = deno.run("--provider", "deno", "--yes", "--no-login")
    assert said.returncode == 1 and "no further database" in said.stderr and "codex-remote-kv" in said.stderr
    deno.plane.limit = 1
    deno.deploy("--no-login")
    assert list(deno.plane.databases) == ["codex-remote-kv"] and deno.health()["ok"] is True
