"""Runs what was uploaded: on the real workerd, on the real Deno. Each listens on 127.0.0.1 and is stopped by its id."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

from EndToEnd.support.ports import free_port

# Whatever proxies the environment names.
LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def find(name: str, variable: str) -> str | None:
    return os.environ.get(variable) or shutil.which(name)


def _wait(port: int, process: subprocess.Popen, log: pathlib.Path, seconds: float = 60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the runtime ended with {process.returncode}: {log.read_text()[-2000:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the runtime does not listen: {log.read_text()[-2000:]}")


class Runtime:
    """One deployed revision as a process with its durable data in `data`, which outlives it."""

    def __init__(self, folder: pathlib.Path, data: pathlib.Path):
        self.folder, self.data, self.port = folder, data, free_port()
        self.log = folder / "runtime.log"
        folder.mkdir(parents=True, exist_ok=True)
        data.mkdir(parents=True, exist_ok=True)

    def start(self, arguments: list[str], environment: dict):
        self.arguments, self.environment = arguments, environment
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        _wait(self.port, self.process, self.log)

    def stop(self, kill: bool = False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def restart(self, with_signal: int):
        """Ends it as the platform does, or worse, and starts it again at the same place."""
        self.process.send_signal(with_signal)
        self.process.wait(60)
        self.start(self.arguments, self.environment)

    def get(self, path: str, host: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"host": host})
        try:
            with LOCAL.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def _capnp(text: str) -> str:
    return json.dumps(text, ensure_ascii=True).replace("\\u", "\\u") if text.isascii() else json.dumps(text)


class Workerd(Runtime):
    """A Worker's version on workerd: its modules, bindings and Durable Object classes from the upload's metadata."""

    def __init__(self, folder, data, main: str, modules: dict, bindings: list, classes: dict, date: str, flags: list):
        super().__init__(folder, data)
        program = find("workerd", "WORKERD")
        if not program:
            raise RuntimeError("workerd is neither on PATH nor in $WORKERD")
        for name, (_, content) in modules.items():
            target = folder / "modules" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        kinds = {
            "application/javascript+module": "esModule",
            "text/plain": "text",
            "application/octet-stream": "data",
            "application/wasm": "wasm",
        }
        order = [main] + [name for name in modules if name != main]
        listed = ", ".join(
            f'(name = {_capnp(name)}, {kinds[modules[name][0]]} = embed {_capnp("modules/" + name)})'
            for name in order
            if modules[name][0] in kinds
        )
        bound = []
        for binding in bindings:
            name = _capnp(binding["name"])
            if binding["type"] in ("plain_text", "secret_text"):
                bound.append(f"(name = {name}, text = {_capnp(binding['text'])})")
            elif binding["type"] == "json":
                bound.append(f"(name = {name}, json = {_capnp(json.dumps(binding['json']))})")
            elif binding["type"] == "durable_object_namespace":
                bound.append(f"(name = {name}, durableObjectNamespace = {_capnp(binding['class_name'])})")
            elif binding["type"] == "version_metadata":
                continue
            else:
                raise RuntimeError(f"a {binding['type']} binding cannot be run here")
        spaces = ", ".join(
            f"(className = {_capnp(name)}, uniqueKey = {_capnp(key)}, enableSql = true)" for name, key in classes.items()
        )
        (folder / "config.capnp").write_text(
            f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "data", disk = (path = {_capnp(str(data))}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{self.port}", http = (), service = "relay")],
);
const relay :Workerd.Worker = (
  compatibilityDate = {_capnp(date)},
  compatibilityFlags = [{", ".join(map(_capnp, flags))}],
  modules = [{listed}],
  durableObjectNamespaces = [{spaces}],
  durableObjectStorage = (localDisk = "data"),
  bindings = [{", ".join(bound)}],
);
"""
        )
        self.start([program, "serve", "config.capnp"], {"PATH": os.environ["PATH"]})
        try:
            # The real platform runs the modules once before it takes them; this runtime does when it is first asked.
            self.get("/", "start.invalid")
        except OSError as error:
            self.stop()
            raise RuntimeError(f"{self.log.read_text()[-2000:]}") from error


class Deno(Runtime):
    """A revision on Deno, with what the platform grants: everything, and Deno KV at one place."""

    def __init__(self, folder, data, entrypoint: str, files: dict, variables: dict, revision: str):
        super().__init__(folder, data)
        program = find("deno", "DENO")
        if not program:
            raise RuntimeError("deno is neither on PATH nor in $DENO")
        for name, content in files.items():
            target = folder / "files" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "NO_COLOR": "1",
            "DENO_DIR": str(folder / "deno-dir"),
            "DENO_DEPLOYMENT_ID": revision,
            "DENO_DEPLOY_BUILD_ID": revision,
            "DENO_SERVE_ADDRESS": f"tcp:127.0.0.1:{self.port}",
            "DENO_KV_DEFAULT_PATH": str(data / "kv.sqlite3"),
            **variables,
        }
        self.start(
            [program, "run", "--allow-all", "--no-prompt", "--no-remote", "--no-npm", f"files/{entrypoint}"], environment
        )
