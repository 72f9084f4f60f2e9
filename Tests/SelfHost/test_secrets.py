"""One walk through every command, and then a search through all that it said, logged and kept."""

import json
import stat

from hosting import changed


def test_no_secret_is_said_logged_or_kept_in_the_open(either, place):
    provider = ["--provider", either.provider]
    either.run(*provider, "--dry-run")
    either.deploy("--login")
    first = either.record()["deployKey"]
    either.run(*provider, "--dry-run", "--templates", changed(place / "next"))
    either.run(*provider, "--dry-run", "--json")
    for words in (["list"], ["list", *provider], ["status"], ["claim"], ["logs"], ["claim", "--recover"]):
        either.run(*words)
        either.run(*words, "--json")
    either.run("rotate")
    second = either.record()["deployKey"]
    either.run("upgrade", "--json")
    either.run(*provider, "--yes", "--no-login", "--templates", str(place / "next"))
    either.run("rollback")
    variable = "CLOUDFLARE_API_TOKEN" if either.provider == "cloudflare" else "DENO_DEPLOY_TOKEN"
    for token in ("wrong-token-1d2e", "ddp_wrong-token-3f4a"):
        either.secrets.add(token)
        either.run(*provider, "--yes", "--json", **{variable: token})
    # The matrix of faults looks at each of its runs in the same way.
    for fault in ("500", "502-html"):
        either.plane.fault = lambda n, request, fault=fault: fault
        either.run(*provider, "--yes", "--json")
    either.plane.fault = lambda n, request: None
    # What the platform was told, and with it the relay's own logs, do not say them either.
    assert first != second and first not in json.dumps([r.path for r in either.plane.requests])
    either.secrets |= {first, second}
    either.check_secrets()
    assert len(either.said) > 5000 and stat.S_IMODE(either.record_file().stat().st_mode) == 0o600
    either.run("destroy", "--yes")
    # Of a relay that is gone nothing is left.
    left = [file for file in either.main.rglob("*") if file.is_file() and file.stat().st_size]
    assert not [file for file in left if second in file.read_text(errors="replace")], left
