"""Cloudflare's API, as far as a Worker with Durable Objects needs it. Says no where the real one says no."""

import hashlib
import json
import pathlib
import re
import uuid

from . import schema
from .cloudflare_records import NAME, STAMP, SUBDOMAIN, Refused, Script, Token, Version, shown
from .cloudflare_upload import check_modules, read_parts, reconcile_classes, resolve_bindings
from .plane import Answer, Plane, Request
from .runtimes import Workerd


class Cloudflare(Plane):
    """`exports=False` is an account that knows only migrations; `refuses_lists` whether a token that may not list accounts
    gets an error (9109) and not an empty list, which no source states; `delay` how many requests the edge answers as before,
    after another version went live."""

    base = "/client/v4"

    def __init__(self, folder: pathlib.Path, latency: float = 0, exports: bool = True, delay: int = 0,
                 refuses_lists: bool = False):
        self.refuses_lists = refuses_lists
        self.folder, self.exports, self.delay = folder, exports, delay
        self.accounts: dict[str, dict] = {}
        self.tokens: dict[str, Token] = {}
        self.subdomains: dict[str, str] = {}
        self.scripts: dict[tuple[str, str], Script] = {}
        self.domains: dict[str, tuple[str, str]] = {}
        self.refusals: list[str] = []
        self.zones: list[str] = []
        self.on_named = lambda name: None
        super().__init__(latency)

    # ---------------------------------------------------------------- set-up by a test

    def add_account(self, name: str, subdomain: str | None = None) -> str:
        id = hashlib.md5(name.encode()).hexdigest()
        self.accounts[id] = {"id": id, "name": name, "type": "standard", "created_on": STAMP, "settings": {}}
        if subdomain:
            self.subdomains[id] = subdomain
        return id

    def close(self):
        super().close()
        for script in self.scripts.values():
            if script.runtime:
                script.runtime.stop()

    def script_at(self, host: str) -> Script | None:
        """The Worker that a workers.dev host name, or one of the user's own, leads to."""
        if host in self.domains:
            return self.scripts.get(self.domains[host])
        for (account, name), script in self.scripts.items():
            if script.subdomain and host == f"{name}.{self.subdomains.get(account)}.workers.dev":
                return script
        return None

    def hosts(self, account: str, name: str) -> list[str]:
        own = [host for host, place in self.domains.items() if place == (account, name)]
        return [*own, f"{name}.{self.subdomains.get(account)}.workers.dev"]

    # ---------------------------------------------------------------- answering

    def error_answer(self, status, message, headers):
        return Answer(status, self._envelope(None, [{"code": 10013, "message": message}]), headers)

    def _envelope(self, result, errors=(), info=None):
        envelope = {"success": not errors, "errors": list(errors), "messages": [], "result": result}
        if info:
            envelope["result_info"] = info
        return envelope

    def answer(self, request: Request) -> Answer:
        try:
            result = self._answer(request)
            if isinstance(result, Answer):
                return result
            return Answer(200, self._envelope(result))
        except Refused as refused:
            self.refusals.append(f"{request.method} {request.path}: {refused.code} {refused.message}")
            error = {"code": refused.code, "message": refused.message}
            if refused.meta:
                error["meta"] = refused.meta
            return Answer(refused.status, self._envelope(None, [error]))
        except schema.Invalid as invalid:
            self.refusals.append(f"{request.method} {request.path}: {invalid}")
            return Answer(400, self._envelope(None, [{"code": 10001, "message": f"not in the schema: {invalid}"}]))

    def _answer(self, request: Request):
        if not request.path.startswith(self.base + "/"):
            raise Refused(404, 7000, "No route for that URI")
        path = request.path.removeprefix(self.base)
        token = self._token(request)
        for method, pattern, handler in SILENT + HANDLERS:
            found = re.fullmatch(pattern, path)
            if not found or request.method != method:
                continue
            parameters = found.groupdict()
            if (method, pattern, handler) in HANDLERS:
                known = schema.route(method, path)
                if not known:
                    raise schema.Invalid(f"{method} {path} is no path of the schema")
                schema.check_query(method, known[0], request.query)
                if not (method == "PUT" and handler is Cloudflare._put_script):
                    schema.check_json(method, known[0], request.headers.get("content-type"),
                                      request.json if request.raw else None)
            self._may(token, parameters.get("account"), method, path)
            return handler(self, request, token=token, **parameters)
        raise Refused(404, 7000, "No route for that URI")

    def _token(self, request: Request) -> Token:
        given = request.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise Refused(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
        token = self.tokens.get(given.removeprefix("Bearer "))
        if not token:
            raise Refused(401, 10000, "Authentication error")
        return token

    def _may(self, token: Token, account: str | None, method: str, path: str):
        if account is None:
            return
        if account not in self.accounts or account not in token.accounts:
            raise Refused(403, 10000, "Authentication error")
        if "/workers/" in path:
            wanted = "workers_scripts:read" if method == "GET" else "workers_scripts:edit"
            if wanted not in token.permissions and "workers_scripts:edit" not in token.permissions:
                raise Refused(403, 10000, "Authentication error")

    def _script(self, account: str, name: str) -> Script:
        script = self.scripts.get((account, name))
        if not script or not script.versions:
            raise Refused(404, 10007, "This Worker does not exist on your account.")
        return script

    # ---------------------------------------------------------------- accounts and tokens

    def _accounts(self, request, token):
        if "account_settings:read" not in token.permissions:
            if self.refuses_lists:
                raise Refused(403, 9109, "Unauthorized to access requested resource")
            found = []
        else:
            found = [self.accounts[id] for id in token.accounts if id in self.accounts]
        info = {"page": 1, "per_page": 20, "count": len(found), "total_count": len(found), "total_pages": 1}
        return Answer(200, self._envelope(found, info=info))

    def _user(self, request, token):
        if "user_details:read" not in token.permissions:
            raise Refused(403, 9109, "Unauthorized to access requested resource")
        return {"id": "0" * 32, "email": "dev@example.com"}

    def _verify(self, request, token):
        if token.kind != "user":
            raise Refused(401, 1000, "Invalid API Token")
        return {"id": "f" * 32, "status": "active"}

    def _verify_account(self, request, token, account):
        return {"id": "f" * 32, "status": "active"}

    # ---------------------------------------------------------------- subdomain

    def _get_subdomain(self, request, token, account):
        if account not in self.subdomains:
            raise Refused(404, 10007, "You do not have a workers.dev subdomain.")
        return {"subdomain": self.subdomains[account]}

    def _put_subdomain(self, request, token, account):
        name = request.json["subdomain"]
        if not SUBDOMAIN.match(name):
            raise Refused(400, 10033, "The subdomain is not valid.")
        if any(taken == name for id, taken in self.subdomains.items() if id != account):
            raise Refused(409, 10031, "The subdomain is unavailable.")
        if account in self.subdomains:
            raise Refused(409, 10036, "The account has a subdomain already.")
        self.subdomains[account] = name
        self.on_named(name)
        return {"subdomain": name}

    def _free_subdomain(self, request, token, account, subdomain):
        if subdomain in self.subdomains.values():
            raise Refused(409, 10031, "The subdomain is unavailable.")
        raise Refused(404, 10032, "The subdomain is available.")

    def _script_subdomain(self, request, token, account, name):
        script = self._script(account, name)
        if account not in self.subdomains:
            raise Refused(400, 10063, "You need a workers.dev subdomain first.")
        if request.method == "POST":
            script.subdomain = request.json["enabled"]
        return {"enabled": script.subdomain, "previews_enabled": bool(script.subdomain and request.method == "POST"
                                                                      and request.json.get("previews_enabled"))}

    # ---------------------------------------------------------------- scripts

    def _scripts(self, request, token, account):
        wanted = [pair.rpartition(":") for pair in request.query.get("tags", [""])[0].split(",") if pair]
        return [self._about(s) for (a, _), s in self.scripts.items() if a == account and s.versions and all(
            (tag in s.versions[-1].metadata.get("tags", [])) == (allowed == "yes") for tag, _, allowed in wanted)]

    def _about(self, script: Script) -> dict:
        live = script.live or script.versions[-1]
        return {"id": script.name, "tag": "t" * 32, "etag": live.id.replace("-", ""), "handlers": ["fetch"],
                "created_on": STAMP, "modified_on": STAMP, "usage_model": "standard", "has_modules": True,
                "compatibility_date": live.metadata.get("compatibility_date"), "logpush": False,
                "last_deployed_from": script.last_deployed_from, "migration_tag": script.migration_tag}

    def _service(self, request, token, account, name):
        try:
            script = self._script(account, name)
        except Refused:
            raise Refused(404, 10090, "workers.api.error.service_not_found") from None
        return {"id": name, "created_on": STAMP, "modified_on": STAMP, "usage_model": "standard",
                "default_environment": {"environment": "production", "script": self._about(script)}}

    def _settings(self, request, token, account, name):
        script = self._script(account, name)
        version = script.versions[-1]
        return {"bindings": [shown(b) for b in version.bindings], "logpush": False, "usage_model": "standard",
                "compatibility_date": version.metadata.get("compatibility_date"),
                "compatibility_flags": version.metadata.get("compatibility_flags", []),
                "migration_tag": script.migration_tag,
                "annotations": version.annotations, "tags": version.metadata.get("tags", [])}

    def _put_script(self, request, token, account, name):
        if not NAME.match(name):
            raise Refused(400, 10016, "The Worker's name is not valid.")
        metadata, modules = read_parts(request)
        script = self.scripts.get((account, name)) or Script(name)
        old = script.versions[-1] if script.versions else None
        bindings = resolve_bindings(metadata, old, request.query.get("bindings_inherit") == ["strict"])
        check_modules(metadata, modules)
        reconciled, classes = reconcile_classes(script, metadata, modules, bindings, self.exports)
        version = Version(str(uuid.uuid4()), metadata, metadata["main_module"], modules, bindings,
                          metadata.get("annotations", {}))
        runtime = self._run(account, script, version, classes)
        script.classes = classes
        script.versions.append(version)
        script.used_exports = script.used_exports or "exports" in metadata
        if "migrations" in metadata:
            script.migration_tag = metadata["migrations"]["new_tag"]
        self.scripts[account, name] = script
        self._deploy(script, version, runtime)
        result = {**self._about(script), "startup_time_ms": 1, "has_assets": False,
                  "deployment_id": version.id.replace("-", "")}
        if "exports" in metadata:
            result["exports_reconciliation"] = reconciled
        return result

    def _run(self, account, script, version, classes) -> Workerd:
        """Really starts it: code that does not start is refused as the real one refuses it."""
        old = script.runtime
        for host in self.hosts(account, script.name):
            self.lag(host, old)
        if old:
            old.stop()
        try:
            return self._start(account, script, version, classes)
        except RuntimeError as error:
            if old and script.live:
                script.runtime = self._start(account, script, script.live, script.classes)
            raise Refused(400, 10021, f"Uncaught Error: {error}") from error

    def _start(self, account, script, version, classes) -> Workerd:
        home = self.folder / account[:8] / script.name
        return Workerd(home / f"{version.id}-{uuid.uuid4().hex[:6]}", home / "data", version.main, version.modules,
                       version.bindings, classes, version.metadata["compatibility_date"],
                       version.metadata.get("compatibility_flags", []))

    def _deploy(self, script, version, runtime):
        script.runtime = runtime
        script.last_deployed_from = "api"
        script.deployments.insert(0, {
            "id": str(uuid.uuid4()), "source": "api", "strategy": "percentage", "author_email": "dev@example.com",
            "created_on": STAMP, "annotations": {"workers/triggered_by": "upload", **version.annotations},
            "versions": [{"version_id": version.id, "percentage": 100}]})

    def _delete_script(self, request, token, account, name):
        script = self._script(account, name)
        if script.classes and request.query.get("force") != ["true"]:
            raise Refused(400, 10064, "The Worker has Durable Objects; use force.")
        if script.runtime:
            script.runtime.stop()
        del self.scripts[account, name]

    # ---------------------------------------------------------------- versions, deployments, secrets

    def _versions(self, request, token, account, name):
        script = self._script(account, name)
        return {"items": [{"id": v.id, "number": n + 1, "metadata": {"created_on": STAMP, "source": "api"},
                           "annotations": v.annotations} for n, v in reversed(list(enumerate(script.versions)))]}

    def _version(self, request, token, account, name, version):
        found = self._script(account, name).version(version)
        return {"id": found.id, "number": 1, "annotations": found.annotations,
                "metadata": {"created_on": STAMP, "source": "api"},
                "resources": {"bindings": [shown(b) for b in found.bindings], "script": {"etag": found.id},
                              "script_runtime": {"usage_model": "standard"}}}

    def _deployments(self, request, token, account, name):
        return {"deployments": self._script(account, name).deployments}

    def _deploy_version(self, request, token, account, name):
        script = self._script(account, name)
        body = request.json
        if len(body["versions"]) != 1 or body["versions"][0]["percentage"] != 100:
            raise Refused(400, 10021, "The percentages do not add up to 100.")
        version = script.version(body["versions"][0]["version_id"])
        now = {b["name"]: b.get("text") for b in script.versions[-1].bindings if b["type"] == "secret_text"}
        then = {b["name"]: b.get("text") for b in version.bindings if b["type"] == "secret_text"}
        if now != then and request.query.get("force") != ["true"]:
            raise Refused(400, 10220, "A secret has changed since this version; use force.")
        script.runtime.stop()
        self._deploy(script, version, self._start(account, script, version, script.classes))
        return script.deployments[0]

    def _secrets(self, request, token, account, name):
        version = self._script(account, name).versions[-1]
        return [{"name": b["name"], "type": b["type"]} for b in version.bindings if b["type"] == "secret_text"]

    def _put_secret(self, request, token, account, name):
        script = self._script(account, name)
        body = request.json
        self._change_secrets(account, script, {body["name"]: body["text"]})
        return {"name": body["name"], "type": "secret_text"}

    def _bulk_secrets(self, request, token, account, name):
        script = self._script(account, name)
        self._change_secrets(account, script, {k: v and v["text"] for k, v in request.json["secrets"].items()})
        return self._secrets(request, token, account, name)

    def _change_secrets(self, account, script, changes):
        latest = script.versions[-1]
        if script.live.id != latest.id:
            raise Refused(400, 10214, "The latest version is not deployed.")
        bindings = [b for b in latest.bindings if b["name"] not in changes]
        bindings += [{"type": "secret_text", "name": k, "text": v} for k, v in changes.items() if v is not None]
        version = Version(str(uuid.uuid4()), latest.metadata, latest.main, latest.modules, bindings, {})
        script.runtime.stop()
        script.versions.append(version)
        self._deploy(script, version, self._start(account, script, version, script.classes))

    # ---------------------------------------------------------------- domains, schedules, tails

    def _domains(self, request, token, account):
        [wanted] = request.query.get("hostname", [None])
        return [{"id": hashlib.md5(host.encode()).hexdigest(), "hostname": host, "service": service,
                 "zone_id": "z" * 32, "zone_name": host.split(".", 1)[1], "environment": "production"}
                for host, (owner, service) in self.domains.items() if owner == account and wanted in (None, host)]

    def _put_domain(self, request, token, account):
        body = request.json
        self._script(account, body["service"])
        if not any(body["hostname"].endswith(f".{zone}") for zone in self.zones):
            raise Refused(400, 100117, "The host name is in no zone of this account.")
        self.domains[body["hostname"]] = (account, body["service"])
        return {"id": uuid.uuid4().hex, "hostname": body["hostname"], "service": body["service"],
                "zone_id": body.get("zone_id", "z" * 32), "zone_name": body["hostname"].split(".", 1)[1],
                "environment": "production"}

    def _tail(self, request, token, account, name):
        self._script(account, name)
        return {"id": uuid.uuid4().hex, "url": "wss://tail.example/", "expires_at": STAMP}


A = r"/accounts/(?P<account>[^/]+)"
S = A + r"/workers/scripts/(?P<name>[^/]+)"
# Paths that the real API has and the schema extract has not.
SILENT = [
    ("GET", A + r"/workers/services/(?P<name>[^/]+)", Cloudflare._service),
    ("GET", A + r"/workers/subdomains/(?P<subdomain>[^/]+)", Cloudflare._free_subdomain),
]
HANDLERS = [
    ("GET", "/accounts", Cloudflare._accounts),
    ("GET", "/user", Cloudflare._user),
    ("GET", "/user/tokens/verify", Cloudflare._verify),
    ("GET", A + "/tokens/verify", Cloudflare._verify_account),
    ("GET", A + "/workers/subdomain", Cloudflare._get_subdomain),
    ("PUT", A + "/workers/subdomain", Cloudflare._put_subdomain),
    ("GET", A + "/workers/domains", Cloudflare._domains),
    ("PUT", A + "/workers/domains", Cloudflare._put_domain),
    ("GET", A + "/workers/scripts", Cloudflare._scripts),
    ("PUT", S, Cloudflare._put_script),
    ("DELETE", S, Cloudflare._delete_script),
    ("GET", S + "/settings", Cloudflare._settings),
    ("GET", S + "/subdomain", Cloudflare._script_subdomain),
    ("POST", S + "/subdomain", Cloudflare._script_subdomain),
    ("GET", S + "/versions", Cloudflare._versions),
    ("GET", S + "/versions/(?P<version>[^/]+)", Cloudflare._version),
    ("GET", S + "/deployments", Cloudflare._deployments),
    ("POST", S + "/deployments", Cloudflare._deploy_version),
    ("GET", S + "/secrets", Cloudflare._secrets),
    ("PUT", S + "/secrets", Cloudflare._put_secret),
    ("PATCH", S + "/secrets-bulk", Cloudflare._bulk_secrets),
    ("POST", S + "/tails", Cloudflare._tail),
]
