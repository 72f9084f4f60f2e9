"""Deno Deploy's REST API v2, as far as an app with Deno KV needs it. Fields that no published example shows are
refused, since no request schema is published."""

import base64
import json
import pathlib
import re
import uuid
from dataclasses import dataclass, field

from .plane import Answer, Plane, Request
from .runtimes import Deno

SLUG = re.compile(r"^(?!-)(?!..--)[a-z0-9-]{3,32}(?<!-)$")
STAMP = "2026-11-21T07:00:00.000Z"
VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str):
        self.status, self.code, self.message = status, code, message


@dataclass
class Revision:
    id: str
    app: str
    entrypoint: str
    files: dict
    databases: list
    labels: dict
    status: str = "queued"
    polls: int = 0
    detail: dict | None = None


@dataclass
class App:
    id: str
    slug: str
    config: dict
    labels: dict
    variables: dict = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    live: Revision | None = None
    pinned: bool = False
    runtime: Deno | None = None


class DenoDeploy(Plane):
    """`polls` is how often a revision is asked for before it is done; `databases_limit` what the plan includes;
    `shows_labels` whether a revision tells the labels that it was deployed with; `delay` how many requests the edge
    answers as before, after another revision went live; `missing` the status of what is not there, which no source
    states."""

    base = "/v2"

    def __init__(self, folder: pathlib.Path, latency: float = 0, organisation: str = "acme", polls: int = 2,
                 databases_limit: int = 1, shows_labels: bool = True, delay: int = 0, missing: int = 404):
        self.missing = missing
        self.shows_labels, self.delay = shows_labels, delay
        self.folder, self.organisation, self.polls, self.limit = folder, organisation, polls, databases_limit
        self.tokens: set[str] = set()
        self.apps: dict[str, App] = {}
        self.databases: dict[str, dict] = {}
        self.refusals: list[str] = []
        super().__init__(latency)

    def close(self):
        super().close()
        for app in self.apps.values():
            if app.runtime:
                app.runtime.stop()

    def app_at(self, host: str) -> App | None:
        for app in self.apps.values():
            if host == f"{app.slug}.{self.organisation}.deno.net" and app.live:
                return app
        return None

    # ---------------------------------------------------------------- answering

    def error_answer(self, status, message, headers):
        return Answer(status, {"error": {"code": "INTERNAL", "message": message}}, headers)

    def answer(self, request: Request) -> Answer:
        try:
            given = request.headers.get("authorization", "")
            token = given.removeprefix("Bearer ")
            if not given.startswith("Bearer ddo_") or token not in self.tokens:
                raise Refused(401, "INVALID_TOKEN", "The token is not valid.")
            path = request.path.removeprefix(self.base)
            for method, pattern, handler in HANDLERS:
                found = re.fullmatch(pattern, path)
                if found and request.method == method:
                    return handler(self, request, **found.groupdict())
            raise Refused(404, "NOT_FOUND", "Not found.")
        except Refused as refused:
            self.refusals.append(f"{request.method} {request.path}: {refused.code} {refused.message}")
            return Answer(refused.status, {"error": {"code": refused.code, "message": refused.message}})

    def _body(self, request: Request, allowed: set[str]) -> dict:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            raise Refused(400, "MALFORMED_REQUEST", "The content type is not application/json.")
        try:
            body = request.json
        except ValueError:
            raise Refused(400, "MALFORMED_REQUEST", "The body is no JSON.") from None
        self._only(body, allowed, "body")
        return body

    def _only(self, value, allowed: set[str], what: str):
        if not isinstance(value, dict):
            raise Refused(400, "MALFORMED_REQUEST", f"{what} is no object.")
        for name in value:
            if name not in allowed:
                raise Refused(400, "MALFORMED_REQUEST", f"{what} has the unknown member {name}.")

    def _app(self, key: str) -> App:
        for app in self.apps.values():
            if key in (app.slug, app.id):
                return app
        raise Refused(self.missing, "APP_NOT_FOUND", "The app does not exist.")

    def _shown(self, app: App) -> dict:
        return {"id": app.id, "slug": app.slug, "labels": app.labels, "layers": [], "config": app.config,
                "env_vars": [{"id": v["id"], "key": k, "secret": v["secret"], "contexts": v["contexts"],
                              **({} if v["secret"] else {"value": v["value"]})} for k, v in app.variables.items()],
                "created_at": STAMP, "updated_at": STAMP}

    def _list(self, request):
        limit = int(request.query.get("limit", ["30"])[0])
        if not 1 <= limit <= 100:
            raise Refused(400, "MALFORMED_REQUEST", "limit is from 1 to 100.")
        start = int(request.query.get("cursor", ["0"])[0])
        apps = sorted(self.apps.values(), key=lambda a: a.slug)
        headers = {}
        if start + limit < len(apps):
            headers["link"] = f'<https://console.deno.com/api/v2/apps?limit={limit}&cursor={start + limit}>; rel="next"'
        return Answer(200, [self._shown(a) for a in apps[start : start + limit]], headers)

    def _create(self, request):
        body = self._body(request, {"slug", "labels", "layers", "config", "env_vars"})
        slug = body.get("slug")
        if not isinstance(slug, str) or not SLUG.match(slug):
            raise Refused(400, "MALFORMED_REQUEST", "The slug is not valid.")
        if slug in self.apps:
            raise Refused(409, "SLUG_ALREADY_IN_USE", "The slug is in use.")
        app = App(str(uuid.uuid4()), slug, self._config(body.get("config", {})), self._labels(body.get("labels", {})))
        self._variables(app, body.get("env_vars", []))
        self.apps[slug] = app
        return Answer(201, self._shown(app))

    def _config(self, config):
        self._only(config, {"runtime", "install", "build"}, "config")
        runtime = config.get("runtime")
        if runtime is not None:
            self._only(runtime, {"type", "entrypoint", "args", "cwd"}, "config.runtime")
            if runtime.get("type") != "dynamic" or not runtime.get("entrypoint"):
                raise Refused(400, "MALFORMED_REQUEST", "config.runtime wants type dynamic and an entrypoint.")
        return config

    def _labels(self, labels):
        if not isinstance(labels, dict) or len(labels) > 5 or not all(isinstance(v, str) for v in labels.values()):
            raise Refused(400, "MALFORMED_REQUEST", "At most 5 labels, each a string.")
        return labels

    def _variables(self, app: App, given):
        for entry in given:
            self._only(entry, {"id", "key", "value", "secret", "contexts", "delete"}, "env_vars")
            key = entry.get("key", "")
            if not VARIABLE.match(key) or key.startswith(("DENO_", "LD_", "OTEL_")):
                raise Refused(400, "MALFORMED_REQUEST", f"{key} is no name for a variable.")
            if entry.get("delete"):
                app.variables.pop(key, None)
                continue
            if not isinstance(entry.get("value"), str) or len(entry["value"].encode()) > 16 << 10:
                raise Refused(400, "MALFORMED_REQUEST", f"{key} has no value, or one over 16 KB.")
            app.variables[key] = {"id": str(uuid.uuid4()), "value": entry["value"],
                                  "secret": bool(entry.get("secret")),
                                  "contexts": entry.get("contexts", ["production"])}

    def _get(self, request, app):
        return Answer(200, self._shown(self._app(app)))

    def _patch(self, request, app):
        found = self._app(app)
        body = self._body(request, {"slug", "labels", "layers", "config", "env_vars"})
        if "labels" in body:
            found.labels = self._labels(body["labels"])
        if "config" in body:
            found.config = self._config(body["config"])
        self._variables(found, body.get("env_vars", []))
        return Answer(200, self._shown(found))

    def _delete(self, request, app):
        found = self._app(app)
        if found.runtime:
            found.runtime.stop()
        del self.apps[found.slug]
        return Answer(204)

    # ---------------------------------------------------------------- databases

    def _database(self, request):
        body = self._body(request, {"slug", "connection"})
        self._only(body.get("connection"), {"engine"}, "connection")
        if body["connection"].get("engine") != "denokv":
            raise Refused(400, "MALFORMED_REQUEST", "The engine is unknown.")
        slug = body.get("slug")
        if not isinstance(slug, str) or not SLUG.match(slug):
            raise Refused(400, "MALFORMED_REQUEST", "The slug is not valid.")
        if slug in self.databases:
            raise Refused(409, "SLUG_ALREADY_IN_USE", "The slug is in use.")
        if len(self.databases) >= self.limit:
            raise Refused(400, "DATABASE_INSTANCE_LIMIT_EXCEEDED", "The plan has no further database.")
        self.databases[slug] = {"id": str(uuid.uuid4()), "slug": slug, "engine": "denokv", "databases": []}
        return Answer(201, self.databases[slug])

    # ---------------------------------------------------------------- revisions

    def _deploy(self, request, app):
        found = self._app(app)
        body = self._body(request, {"assets", "labels", "config", "production"})
        files = {}
        for name, entry in body.get("assets", {}).items():
            self._only(entry, {"kind", "encoding", "content"}, f"assets.{name}")
            if entry.get("kind") != "file" or not isinstance(entry.get("content"), str):
                raise Refused(400, "MALFORMED_REQUEST", f"{name} is no file.")
            if name.startswith("/") or ".." in name.split("/"):
                raise Refused(400, "MALFORMED_REQUEST", f"{name} is no path.")
            encoding = entry.get("encoding", "utf-8")
            if encoding == "base64":
                files[name] = base64.b64decode(entry["content"], validate=True)
            elif encoding == "utf-8":
                files[name] = entry["content"].encode()
            else:
                raise Refused(400, "MALFORMED_REQUEST", f"{name} has the unknown encoding {encoding}.")
        databases = []
        production = body.get("production", {})
        self._only(production, {"databases"}, "production")
        for entry in production.get("databases", []):
            self._only(entry, {"instance", "name"}, "production.databases")
            known = [d for d in self.databases.values() if entry.get("instance") in (d["id"], d["slug"])]
            if not known:
                raise Refused(400, "DATABASE_INSTANCE_NOT_FOUND", "The database does not exist.")
            databases.append(known[0]["slug"])
        config = self._config(body.get("config", found.config))
        entrypoint = config.get("runtime", {}).get("entrypoint")
        labels = self._labels(body.get("labels", {}))
        revision = Revision("r" + uuid.uuid4().hex[:11], found.slug, entrypoint, files, databases, labels)
        found.revisions.insert(0, revision)
        return Answer(202, self._revision(revision))

    def _revision(self, revision: Revision) -> dict:
        app = self.apps.get(revision.app)
        timelines = []
        if revision.status == "succeeded" and app and app.live is revision:
            timelines = [{"name": "Production", "hostnames": [f"{app.slug}.{self.organisation}.deno.net"]}]
        return {"id": revision.id, "status": revision.status,
                "failure_reason": "error" if revision.status == "failed" else None,
                "failure_detail": revision.detail, "timelines": timelines, "created_at": STAMP, "updated_at": STAMP,
                **({"labels": revision.labels} if self.shows_labels else {})}

    def _find(self, id: str) -> tuple[App, Revision]:
        for app in self.apps.values():
            for revision in app.revisions:
                if revision.id == id:
                    return app, revision
        raise Refused(404, "REVISION_NOT_FOUND", "The revision does not exist.")

    def _poll(self, request, revision):
        app, found = self._find(revision)
        found.polls += 1
        if found.status in ("queued", "building") and found.polls >= self.polls:
            self._activate(app, found, promote=not app.pinned)
        elif found.status == "queued":
            found.status = "building"
        return Answer(200, self._revision(found))

    def _activate(self, app: App, revision: Revision, promote: bool):
        if revision.entrypoint not in revision.files:
            revision.status = "failed"
            revision.detail = {"stage": "warmup", "code": "boot_failed",
                               "message": f"Module not found: {revision.entrypoint}"}
            return
        variables = {k: v["value"] for k, v in app.variables.items() if "production" in v["contexts"]}
        home = self.folder / app.slug
        # An app without a database gets one in memory per instance, as an unattached KV may.
        data = self.folder / "databases" / revision.databases[0] if revision.databases else home / f"memory-{revision.id}"
        old = app.runtime
        if promote:
            self.lag(f"{app.slug}.{self.organisation}.deno.net", old)
        if old and promote:
            old.stop()
        try:
            runtime = Deno(home / f"{revision.id}-{uuid.uuid4().hex[:6]}", data, revision.entrypoint, revision.files,
                           variables, revision.id)
        except RuntimeError as error:
            revision.status = "failed"
            revision.detail = {"stage": "warmup", "code": "boot_failed", "message": str(error)[:500]}
            if old and promote and app.live:
                self._activate(app, app.live, promote=False)
                app.runtime = app.runtime
            return
        revision.status = "succeeded"
        if promote or app.runtime is old and old and old.process.poll() is not None:
            app.runtime, app.live = runtime, revision
        else:
            runtime.stop()

    def _promote(self, request, revision):
        app, found = self._find(revision)
        if found.status != "succeeded":
            raise Refused(400, "MALFORMED_REQUEST", "The revision has not succeeded.")
        app.pinned = True
        self._activate(app, found, promote=True)
        return Answer(204)

    def _revisions(self, request, app):
        limit = int(request.query.get("limit", ["30"])[0])
        if not 1 <= limit <= 100:
            raise Refused(400, "MALFORMED_REQUEST", "limit is from 1 to 100.")
        return Answer(200, [self._revision(r) for r in self._app(app).revisions[:limit]])

    def _logs(self, request, app):
        found = self._app(app)
        if "start" not in request.query:
            raise Refused(400, "MALFORMED_REQUEST", "start is missing.")
        if "end" not in request.query:
            raise Refused(400, "MALFORMED_REQUEST", "without end this is a stream.")
        lines = found.runtime.log.read_text().splitlines() if found.runtime else []
        limit = int(request.query.get("limit", ["100"])[0])
        return Answer(200, {"logs": [{"timestamp": STAMP, "level": "info", "message": line, "region": "local",
                                      "revision_id": found.live.id} for line in lines[-limit:]], "next_cursor": None})


APP = r"/apps/(?P<app>[^/]+)"
REVISION = r"/revisions/(?P<revision>[^/]+)"
HANDLERS = [
    ("GET", "/apps", DenoDeploy._list),
    ("POST", "/apps", DenoDeploy._create),
    ("GET", APP, DenoDeploy._get),
    ("PATCH", APP, DenoDeploy._patch),
    ("DELETE", APP, DenoDeploy._delete),
    ("POST", APP + "/deploy", DenoDeploy._deploy),
    ("GET", APP + "/revisions", DenoDeploy._revisions),
    ("GET", APP + "/logs", DenoDeploy._logs),
    ("GET", REVISION, DenoDeploy._poll),
    ("POST", REVISION + "/promote", DenoDeploy._promote),
    ("POST", "/database_instances", DenoDeploy._database),
]
