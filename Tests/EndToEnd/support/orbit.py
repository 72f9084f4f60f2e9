"""The relay alone, on Deno, started from the sources: so that it can be killed and started again."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import http.client
import json
import secrets
import shutil
import time
from pathlib import Path

from .passkey import encode
from .processes import PATIENCE, Process
from .tools import ROOT, deno

HOST = "codex-remote.localhost"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml",
         ".webmanifest": "application/manifest+json", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}
FIXED = {"index.html": "/", "sw.js": "/sw.js", "manifest.webmanifest": "/manifest.webmanifest"}


def bundle(target: Path):
    """The relay's files with the web client in them, in the form that SelfHost gives them."""
    for part in ("orbit", "deno"):
        shutil.copytree(ROOT / "templates" / part, target / part)
    web = ROOT / "web"
    files = {str(path.relative_to(web)): path.read_bytes() for path in sorted(web.rglob("*")) if path.is_file()}
    build = hashlib.sha256(b"".join(name.encode() + body for name, body in files.items())).hexdigest()[:16]
    assets = {}
    for name, body in files.items():
        if (kind := TYPES.get(Path(name).suffix)) is None:
            continue
        if name in FIXED:
            body = body.replace(b"{{base}}", f"/{build}".encode())
        assets[FIXED.get(name, f"/{build}/{name}")] = (kind, name not in FIXED, body)
    assets[f"/{build}/files.json"] = ("application/json", True, json.dumps(list(assets)).encode())
    served = {path: {"type": kind, "immutable": immutable, "body": base64.b64encode(gzip.compress(body)).decode()}
              for path, (kind, immutable, body) in assets.items()}
    (target / "assets.js").write_text(f"export const build = {json.dumps(build)};\n"
                                      f"export const files = {json.dumps(served)};\n")


class Orbit:
    """`origin_port` is the port of the pinned origin: the relay's own, or that of a proxy in front of it."""

    def __init__(self, folder: Path, origin_port: int, port: int):
        self.folder = folder
        self.port = port
        self.origin = f"http://{HOST}:{origin_port}"
        self.key = secrets.token_urlsafe(32)
        self.process: Process | None = None
        if not (folder / "files").exists():
            bundle(folder / "files")

    async def start(self):
        main = self.folder / "files" / "deno" / "main.js"
        environment = {"ORIGIN": self.origin, "DEPLOY_KEY": self.key, "PORT": str(self.port),
                       "KV_PATH": str(self.folder / "relay.kv"), "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
        self.process = await Process.start(
            "orbit", deno(), "run", "--quiet", "--no-prompt", "--no-config", "--unstable-kv",
            "--allow-net=127.0.0.1,[::1]", "--allow-env", f"--allow-read={self.folder}",
            f"--allow-write={self.folder}", main, folder=self.folder, env=environment)
        ready = await self.process.line(lambda line: line.startswith('{"ready"') and line, "that it is ready")
        self.port = json.loads(ready)["ready"]
        return self

    async def kill(self):
        await self.process.kill()

    async def clean(self):
        if self.process:
            await self.process.clean()

    def _deploy(self, path: str, **body) -> tuple[str, dict]:
        """Asks as a deployer does, with the hash of a new link's secret; returns the secret and what the relay said."""
        secret = encode(secrets.token_bytes(32))
        now = int(time.time())
        head = encode(json.dumps({"alg": "HS256", "typ": "deploy+jwt"}).encode())
        claims = encode(json.dumps({"aud": self.origin, "iat": now, "exp": now + 60,
                                    "jti": encode(secrets.token_bytes(16))}).encode())
        mark = encode(hmac.digest(self.key.encode(), f"{head}.{claims}".encode(), "sha256"))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", path, body=json.dumps({
            "claim": encode(hashlib.sha256(secret.encode()).digest()), **body}),
            headers={"Host": self.origin.removeprefix("http://"), "Content-Type": "application/json",
                     "Authorization": f"Bearer {head}.{claims}.{mark}"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        assert answer.status == 200, said
        return secret, said

    def claim(self, machine: dict | None = None) -> tuple[str, dict]:
        """A claim link as a deployer makes it, with a machine to go with it; and what the relay said."""
        secret, said = self._deploy("/deploy/claim", machine=machine)
        return f"{self.origin}/#link=claim.{said['user']}.{secret}", said

    def recover(self) -> str:
        """A link that lets the owner in again."""
        secret, said = self._deploy("/deploy/recover")
        return f"{self.origin}/#link=recover.{said['user']}.{secret}"

    async def age_verifications(self):
        """Makes every sign-in's last verification an hour old, in the relay's own store."""
        script = self.folder / "age.js"
        script.write_text("""
            const kv = await Deno.openKv(Deno.args[0]);
            for await (const { key, value } of kv.list({ prefix: [] })) {
              if (!String(key[1]).startsWith("signin:")) continue;
              value.value.verified -= 3_600_000;
              await kv.set(key, value);
            }
            kv.close();
        """)
        aged = await Process.start("age", deno(), "run", "--quiet", "--no-config", "--unstable-kv",
                                   f"--allow-read={self.folder}", f"--allow-write={self.folder}", script,
                                   self.folder / "relay.kv", folder=self.folder)
        async with asyncio.timeout(PATIENCE):
            assert await aged.child.wait() == 0, aged.lines
        await aged.clean()
