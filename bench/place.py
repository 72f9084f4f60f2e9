"""The whole system for a measurement, in a folder of its own, and clocks that agree."""

import contextlib
import http.client
import json
import shutil
import tempfile
import time
from pathlib import Path

from support.direct import Direct
from support.model import Model
from support.stack import Stack


@contextlib.asynccontextmanager
async def stack():
    folder = Path(tempfile.mkdtemp(prefix="cr-bench-", dir="/var/tmp")).resolve()
    workspace = folder / "workspace"
    workspace.mkdir()
    model = await Model.start(folder)
    try:
        whole = await Stack.start(folder, workspace, model)
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
