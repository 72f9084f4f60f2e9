"""One walk through every command, and then a search through all that it said, logged and kept."""

import json
import stat

from hosting import changed


def test_no_secret_is_said_logged_or_kept_in_the_open(hosting, place):
    provider = ["--provider", hosting.provider]
    hosting.run(*provider, "--dry-run")
    hosting.deploy("--login")
    first = hosting.record()["deployKey"]
    hosting.run(*provider, "--dry-run", "--templates", changed(place / "next"))
    hosting.run(*provider, "--dry-run", "--json")
    for words in (["list"], ["list", *provider], ["status"], ["claim"], ["logs"], ["claim", "--recover"]):
        hosting.run(*words)
        hosting.run(*words, "--json")
    hosting.run("rotate")
    second = hosting.record()["deployKey"]
    hosting.run("upgrade", "--json")
    hosting.run(*provider, "--yes", "--no-login", "--templates", str(place / "next"))
    hosting.run("rollback")
    variable = "CLOUDFLARE_API_TOKEN" if hosting.provider == "cloudflare" else "DENO_DEPLOY_TOKEN"
    for token in ("wrong-token-1d2e", "ddp_wrong-token-3f4a"):
        hosting.secrets.add(token)
        hosting.run(*provider, "--yes", "--json", **{variable: token})
    # The matrix of faults looks at each of its runs in the same way.
    for fault in ("500", "502-html"):
        hosting.plane.fault = lambda n, request, fault=fault: fault
        hosting.run(*provider, "--yes", "--json")
    hosting.plane.fault = lambda n, request: None
    # What the platform was told, and with it the relay's own logs, do not say them either.
    assert first != second and first not in json.dumps([r.path for r in hosting.plane.requests])
    hosting.secrets |= {first, second}
    hosting.check_secrets()
    assert len(hosting.said) > 5000 and stat.S_IMODE(hosting.record_file().stat().st_mode) == 0o600
    hosting.run("destroy", "--yes")
    # Of a relay that is gone nothing is left.
    left = [file for file in hosting.main.rglob("*") if file.is_file() and file.stat().st_size]
    assert not [file for file in left if second in file.read_text(errors="replace")], left
