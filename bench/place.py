"""The whole system for a measurement, in a folder of its own, and clocks that agree."""

import contextlib
import http.client
import json
import shutil
import tempfile
import time
from pathlib import Path

from support.account import Account
from support.anchor import Anchor
from support.direct import Direct
from support.model import Model
from support.orbit import Orbit
from support.stack import Stack, free_port


class Plain(Stack):
    """The whole without the proxies that break links: they would take part of the time."""

    async def _start(self, claimed: bool):
        self.model.configure(self.folder / "codex")
        port = free_port()
        self.orbit = Orbit(self.folder / "relay", port, port)
        await self.orbit.start()
        self.account = Account(self.orbit.origin, port)
        self.anchor = Anchor(self.folder, self.workspace, self.orbit.origin)
        self.link, said = self.orbit.claim(self.anchor.registration)
        self.anchor.sign_in(said["user"], said["machine"])
        await self.anchor.start()
        await self.account.use(self.link)
        await self.online()


@contextlib.asynccontextmanager
async def stack(kind: type[Stack] = Plain):
    """Everything, started for one measurement; `Stack` itself has proxies that can break its links."""
    folder = Path(tempfile.mkdtemp(prefix="cr-bench-", dir="/var/tmp")).resolve()
    workspace = folder / "workspace"
    workspace.mkdir()
    model = await Model.start(folder)
    try:
        whole = await kind.start(folder, workspace, model)
        try:
            yield whole
        finally:
            await whole.clean()
    finally:
        await model.process.clean()
        shutil.rmtree(folder, ignore_errors=True)


async def direct(whole: Stack) -> Direct:
    record = json.loads((whole.anchor.record / "app-server.json").read_text())
    return await Direct.start(record["socket"])


def clock_offset(model: Model, rounds: int = 300) -> float:
    """What to subtract from the model's clock (ms since 1970) to get time.perf_counter in ms: from the fastest of many
    questions, whose error is at most half its round trip."""
    connection = http.client.HTTPConnection("127.0.0.1", model.port, timeout=10)
    best = (float("inf"), 0.0)
    for _ in range(rounds):
        before = time.perf_counter()
        connection.request("GET", "/control/clock")
        said = float(connection.getresponse().read())
        after = time.perf_counter()
        best = min(best, (after - before, said - (before + after) / 2 * 1000))
    connection.close()
    return best[1]
