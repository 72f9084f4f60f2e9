"""`codex-remote self-host` against a stand-in control plane that really runs what is uploaded."""

import gzip
import hashlib
import http.client
import json
import os
import random
import shutil
import ssl
import subprocess
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

from ControlPlane import runtimes
from ControlPlane.cloudflare import Cloudflare, Token
from ControlPlane.deno_deploy import DenoDeploy
from ControlPlane.edge import Edge
from terminal import Typist

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS = ("cloudflare", "deno")
TOKENS = {"cloudflare": "cf-secret-token-5b1d", "deno": "ddo_secret-token-7c2e"}
# Which of the faults are tried; SEED repeats a run, TEST_FULL tries them all.
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
LIMIT = 120  # seconds that a run of the program may take


def scripts() -> str:
    """Where the Python environment keeps its programs, Deno among them."""
    return sysconfig.get_path("scripts")


os.environ["PATH"] = f"{scripts()}:{os.environ['PATH']}"


def missing(provider: str) -> str | None:
    """Why a provider's stand-in cannot run what is uploaded here."""
    if provider == "cloudflare" and not runtimes.find("workerd", "WORKERD"):
        return "workerd is neither on PATH nor in $WORKERD: nothing can be deployed to the stand-in for Cloudflare."
    return None


def program() -> str:
    """The program under test: CODEX_REMOTE, or what was built last."""
    if named := os.environ.get("CODEX_REMOTE"):
        return named
    built = [ROOT / ".build" / kind / "codex-remote" for kind in ("release", "debug")]
    return str(max((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime))


class Hosting:
    """One provider with one user's account, and that user's machines."""

    def __init__(self, folder: Path, provider: str, **options):
        self.folder, self.provider, self.token = folder, provider, TOKENS[provider]
        folder.mkdir(parents=True)
        self.secrets = {self.token}
        if provider == "cloudflare":
            subdomain = options.pop("subdomain", "acme")
            self.plane = Cloudflare(folder / "plane", **options)
            self.account = self.plane.add_account("Dev", subdomain)
            self.plane.tokens[self.token] = Token([self.account])
        else:
            self.plane = DenoDeploy(folder / "plane", **options)
            self.plane.tokens.add(self.token)
        self.edge = Edge(folder / "edge", ["*.acme.workers.dev", "*.acme.deno.net"], self.port_of,
                         self.plane.lagging)
        self.said = ""
        self.typists: list[Typist] = []
        # The control plane's own public name, for those who reach it through a proxy and TLS.
        self.api_host = "api.acme.workers.dev" if provider == "cloudflare" else "api.acme.deno.net"
        self.main = folder / "home"
        self.host = "codex-remote.acme.workers.dev" if provider == "cloudflare" else "codex-remote.acme.deno.net"

    @property
    def origin(self) -> str:
        return f"https://{self.host}"

    def at(self, host: str):
        return self.plane.script_at(host) if self.provider == "cloudflare" else self.plane.app_at(host)

    def port_of(self, host: str) -> int | None:
        if host == self.api_host:
            return self.plane.port
        found = self.at(host)
        return found.runtime.port if found and found.runtime else None

    @property
    def relays(self) -> list[str]:
        """The names of what there is at the provider."""
        if self.provider == "cloudflare":
            return [name for (_, name), script in self.plane.scripts.items() if script.versions]
        return list(self.plane.apps)

    @property
    def revisions(self) -> list:
        found = self.at(self.host)
        return found.versions if self.provider == "cloudflare" else found.revisions

    @property
    def live_key(self) -> str | None:
        """The deploy key that the live relay has."""
        found = self.at(self.host)
        if self.provider == "cloudflare":
            return next(b["text"] for b in found.live.bindings if b["name"] == "DEPLOY_KEY")
        return found.variables["DEPLOY_KEY"]["value"]

    def environment(self, home: Path | None = None, **changes) -> dict:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CLOUDFLARE_", "CF_", "DENO_DEPLOY"))
                       and not k.lower().endswith("_proxy")}
        variable = "CLOUDFLARE_API_TOKEN" if self.provider == "cloudflare" else "DENO_DEPLOY_TOKEN"
        base = "CLOUDFLARE_API_BASE_URL" if self.provider == "cloudflare" else "DENO_DEPLOY_API_BASE_URL"
        environment |= {
            "CODEX_REMOTE_HOME": str(home or self.main), variable: self.token, base: self.plane.url,
            "HTTPS_PROXY": self.edge.proxy_url, "SSL_CERT_FILE": str(self.edge.authority),
            "CURL_CA_BUNDLE": str(self.edge.authority), "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"}
        environment |= changes
        return {k: v for k, v in environment.items() if v is not None}

    def start(self, *words: str, home: Path | None = None, **changes) -> subprocess.Popen:
        return subprocess.Popen(
            [program(), "self-host", *words], env=self.environment(home, **changes), cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words: str, home: Path | None = None, **changes) -> subprocess.CompletedProcess:
        """A run to its end. What it says is kept, for `check_secrets`."""
        child = self.start(*words, home=home, **changes)
        try:
            output, errors = child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            output, errors = child.communicate()
            raise AssertionError(f"self-host {words} did not end in {LIMIT} s:\n{errors[-3000:]}") from None
        self.said += output + errors
        return subprocess.CompletedProcess(words, child.returncode, output, errors)

    def type(self, *words: str, home: Path | None = None, **changes) -> Typist:
        """A run that a person sits at; `close` ends the hosting's typists."""
        typist = Typist([program(), "self-host", *words], self.environment(home, **changes), self.folder)
        self.typists.append(typist)
        return typist

    def ok(self, *words: str, **options) -> subprocess.CompletedProcess:
        done = self.run(*words, **options)
        assert done.returncode == 0, f"ended with {done.returncode}:\n{done.stderr[-3000:]}"
        return done

    def deploy(self, *words: str, **options) -> dict:
        """`self-host` for this provider: its report."""
        done = self.ok("--provider", self.provider, "--yes", "--json", *words, **options)
        return json.loads(done.stdout)

    def names_itself(self):
        """The account has no workers.dev name; the edge serves the one it gets."""
        def named(name: str):
            self.host = f"codex-remote.{name}.workers.dev"
            self.edge.certify(self.host)
        self.plane.on_named = named

    def lines(self, since: int = 0) -> list[str]:
        """The requests from `since` on, with names of accounts and revisions left out."""
        out = []
        for request in self.plane.requests[since:]:
            path = request.path.removeprefix(self.plane.base)
            if self.provider == "cloudflare":
                path = path.replace(f"/accounts/{self.account}", "").replace("/workers/scripts/codex-remote", "/script")
            parts = path.split("/")
            if len(parts) > 2 and parts[-2] in ("revisions", "versions"):
                parts[-1] = "ID"
            if parts[-1] == "promote":
                parts[-2] = "ID"
            out.append(f"{request.method} {'/'.join(parts)}")
        return out

    def sent(self, since: int = 0) -> list[str]:
        """The same; the same poll again and again is one."""
        lines = self.lines(since)
        return [line for n, line in enumerate(lines) if n == 0 or line != "GET /revisions/ID" or lines[n - 1] != line]

    def record(self, home: Path | None = None) -> dict:
        return json.loads(self.record_file(home).read_text())

    def record_file(self, home: Path | None = None) -> Path:
        return (home or self.main) / "self-host" / f"{self.provider}-codex-remote.json"

    def http(self, method: str, path: str, body: object = None) -> tuple[int, dict, bytes]:
        """A request to the relay's public address, as a browser's would come."""
        proxy = urlsplit(self.edge.proxy_url)
        context = ssl.create_default_context(cafile=str(self.edge.authority))
        connection = http.client.HTTPSConnection(proxy.hostname, proxy.port, timeout=60, context=context)
        connection.set_tunnel(self.host, 443)
        try:
            data = None if body is None else json.dumps(body).encode()
            headers = {"Origin": self.origin, "Content-Type": "application/json"} if data else {}
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def health(self) -> dict:
        status, _, body = self.http("GET", "/health")
        assert status == 200
        return json.loads(body)

    def claims(self, link: str) -> dict:
        """What the relay says of a claim link when the page asks it."""
        assert link.startswith(f"{self.origin}/#link=")
        status, _, body = self.http("POST", "/api/link/look", {"link": link.partition("#link=")[2]})
        assert status == 200, body
        return json.loads(body)

    def files(self) -> dict[str, str]:
        """Every file of the web client, by path, with a digest of what is served."""
        build = self.health()["build"]
        names = json.loads(decoded(*self.http("GET", f"/{build}/files.json")[1:]))
        served = {}
        for name in names:
            status, headers, body = self.http("GET", name)
            assert status == 200, name
            served[name] = hashlib.sha256(decoded(headers, body)).hexdigest() + " " + headers["content-type"]
        return served

    def check_secrets(self):
        """No secret stands in what was said nor in any file but the records and a kept token, which are private."""
        secrets = set(self.secrets)
        for home in self.folder.glob("home*"):
            for file in home.rglob("*"):
                mode = file.stat().st_mode & 0o777
                assert mode == (0o700 if file.is_dir() else 0o600), f"{file}: {mode:o}"
                if file.parent.name == "self-host" and file.suffix == ".json":
                    secrets.add(json.loads(file.read_text())["deployKey"])
        said = self.said + "".join(typist.text for typist in self.typists)
        for secret in secrets:
            assert secret not in said
            for home in self.folder.glob("home*"):
                for file in home.rglob("*"):
                    if file.is_file() and not (file.parent.name == "self-host" and file.suffix == ".json"
                                               or file.suffix == ".token"):
                        assert secret.encode() not in file.read_bytes(), file
            for file in self.folder.glob("plane/**/runtime.log"):
                assert secret.encode() not in file.read_bytes(), file
        for file in self.folder.glob("home*/self-host/*.json"):
            assert self.token not in file.read_text(), file

    def close(self):
        for typist in self.typists:
            typist.close()
        self.plane.close()
        self.edge.close()


def decoded(headers: dict, body: bytes) -> bytes:
    if headers.get("content-encoding") == "gzip":
        return gzip.decompress(body)
    return body


def changed(folder: Path, path: str = "web/index.html", change=lambda text: text + "<!-- next -->\n") -> str:
    """A copy of the sources in which one file is another: the folder, for --templates."""
    for part in ("templates", "web"):
        shutil.copytree(ROOT / part, folder / part)
    file = folder / path
    text = file.read_text()
    assert change(text) != text
    file.write_text(change(text))
    return str(folder)
