"""How our requests differ from what Cloudflare's own tool sends for a comparable Worker, each difference with its reason.

The recording is ControlPlane/specs/wrangler-deploy-recording.json; the Worker there has a Durable Object by the `exports`
map, variables, secrets, assets and a schedule."""

import json
import re

from hosting import ROOT, changed

RECORDING = json.loads((ROOT / "Tests/ControlPlane/specs/wrangler-deploy-recording.json").read_text())

ASSETS = "the web client travels in the code, so there is no asset to upload and none to go missing"
NOT_USED = "the relay has no such thing"
REASONS = {
    "not sent: GET /workers/services/{name}": "deployments tell whether the Worker is there, in one call",
    "not sent: GET /workers/scripts/{name}/secrets": "secrets that an upload does not name are kept, so their names do not "
                                                    "matter",
    "not sent: GET /workers/scripts/{name}/settings": "its bindings are the relay's own; nobody edits them elsewhere",
    "not sent: POST /workers/scripts/{name}/assets-upload-session": ASSETS,
    "not sent: POST /workers/assets/upload": ASSETS,
    "not sent: GET /workers/workers/{name}": "the relay's own /health says what runs",
    "not sent: PUT /workers/scripts/{name}/schedules": NOT_USED,
    "sent besides: GET /accounts": "wrangler was given the account; a person need not know its id",
    "sent besides: GET /workers/scripts/{name}/versions/{id}": "its tag says whether the Worker is a relay of ours and which "
                                                              "upload it is, so that one that is right is left alone",
    "not sent: header accept-language": "no answer is meant for a person",
    "not sent: header sec-fetch-mode": "a browser's header, which Node adds",
    "not sent: header connection": "it says what HTTP/1.1 and HTTP/2 do anyway",
    "differs: header user-agent": "it is another program",
    "differs: header accept": "only JSON is understood, and whatever answers in its place may say so",
    "differs: header accept-encoding": "what libcurl can expand on this machine",
    "PUT metadata: content type": "the published schema says application/json, wrangler sends none; both are accepted",
    "PUT metadata: only theirs: assets": ASSETS,
    "PUT metadata: only theirs: compatibility_flags": NOT_USED,
    "PUT metadata: only ours: annotations": "the tag by which a later run knows the relay and its upload; wrangler sends it "
                                            "when it is asked to",
    "PUT metadata: only ours: tags": "by it `self-host list` finds relays that another machine made",
    "PUT metadata: differs: bindings": "another Worker's",
    "PUT metadata: differs: code_update_strategy": "objects take the new code at once: frames wait in the sessions, and two "
                                                   "versions side by side would speak past each other",
    "PUT metadata: differs: compatibility_date": "another Worker's, tested with its runtime",
    "PUT metadata: differs: exports": "another Worker's class",
    "PUT metadata: differs: keep_bindings": "keys of the kind secret_key are not used",
    "PUT metadata: differs: main_module": "another Worker's",
    "PUT metadata: differs: observability": "Workers Logs would hold what passes through the relay's log: it stays off",
    "PUT parts: text/plain": NOT_USED,
    "POST subdomain: header cloudflare-workers-script-api-date": "it is in no published schema, and the call does the same "
                                                                 "without it",
    "POST subdomain: differs: body": "previews are addresses at which an old version would answer: they are turned off in so "
                                     "many words",
}


def generic(path: str) -> str:
    path = re.sub(r"^/client/v4", "", path.split("?")[0])
    path = re.sub(r"^/accounts/[^/]+", "", path) if path != "/accounts" else path
    path = re.sub(r"/(scripts|services|workers)/(?!scripts|services|workers|assets|subdomain)[^/]+", r"/\1/{name}", path)
    return re.sub(r"/versions/[^/]+", "/versions/{id}", path)


def theirs(run: str) -> list[dict]:
    return next(r for r in RECORDING["runs"] if r["run"] == run)["requests"]


def upload_of(requests: list[dict]) -> dict:
    return next(r for r in requests if r["method"] == "PUT" and generic(r["path"]).endswith("/scripts/{name}"))


def metadata_of(request: dict) -> dict:
    return next(p for p in request["parts"] if p["name"] == "metadata")["json"]


def differences(ours: list, recorded: list[dict], upload: dict) -> set[str]:
    found = set()
    mine = {(r.method, generic(r.path)) for r in ours}
    its = {(r["method"], generic(r["path"])) for r in recorded}
    found |= {f"not sent: {m} {p}" for m, p in its - mine}
    found |= {f"sent besides: {m} {p}" for m, p in mine - its}
    common = RECORDING["about"]["headers_on_every_request"]
    for name, value in common.items():
        if name == "authorization":
            continue
        if any(name not in r.headers for r in ours):
            found.add(f"not sent: header {name}")
        elif any(r.headers[name] != value for r in ours):
            found.add(f"differs: header {name}")

    put = next(r for r in ours if r.method == "PUT" and generic(r.path).endswith("/scripts/{name}"))
    query = "&".join(f"{k}={v[0]}" for k, v in put.query.items())
    assert query == upload["path"].split("?")[1]
    (first, _, kind, content), *modules = put.parts
    assert first == "metadata"
    if kind != next(p for p in upload["parts"] if p["name"] == "metadata")["content_type"]:
        found.add("PUT metadata: content type")
    one, other = json.loads(content), metadata_of(upload)
    found |= {f"PUT metadata: only ours: {k}" for k in one.keys() - other.keys()}
    found |= {f"PUT metadata: only theirs: {k}" for k in other.keys() - one.keys()}
    found |= {f"PUT metadata: differs: {k}" for k in one.keys() & other.keys() if one[k] != other[k]}
    found |= {f"PUT parts: {kind}" for kind in {p["content_type"] for p in upload["parts"] if p["name"] != "metadata"}
              ^ {kind for _, _, kind, _ in modules}}
    assert all(name == file for name, file, _, _ in modules)

    post = next(r for r in ours if r.method == "POST" and r.path.endswith("/subdomain"))
    recorded_post = next(r for r in recorded if r["method"] == "POST" and r["path"].endswith("/subdomain"))
    if post.json != recorded_post["body"]:
        found.add("POST subdomain: differs: body")
    found |= {f"POST subdomain: header {h}" for h in recorded_post["headers"] if h not in post.headers}
    return found


def test_every_difference_from_wrangler_has_a_reason(cloudflare, place, capsys):
    cloudflare.deploy("--no-login")
    count = len(cloudflare.plane.requests)
    cloudflare.deploy("--no-login", "--templates", changed(place / "next"))
    runs = {"a first deploy": (cloudflare.plane.requests[:count], "exports-deploy-1-first"),
            "a changed one": (cloudflare.plane.requests[count:], "exports-deploy-3-asset-changed")}
    met = set()
    with capsys.disabled():
        for name, (ours, run) in runs.items():
            recorded = theirs(run)
            upload = upload_of(recorded)
            if "parts" not in upload:
                upload = upload_of(theirs("exports-deploy-2-unchanged"))
            print(f"\n{name}: {len(ours)} requests, wrangler's {len(recorded)}")
            for difference in sorted(differences(ours, recorded, upload)):
                met.add(difference)
                print(f"  {difference}: {REASONS.get(difference, 'NO REASON')}")
    assert met - REASONS.keys() == set()
    # A reason without its difference is out of date.
    assert REASONS.keys() - met == set()
