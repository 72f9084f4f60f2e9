"""A thousand users, each with a machine and a browser, on one relay."""

from programs import run
from results import Result

USERS, REDIAL = 1000, 10.0  # s: the limit


async def thousand() -> list[Result]:
    found = await run("load.js", str(USERS))
    if found["out"]:
        raise RuntimeError(f"{found['out']} of {USERS} users were signed out, or without their machine, after a restart")
    whole, *parts = (size / 1e3 for size in found["relay"])
    return [Result("relay-memory-per-connection", "KB", whole, min(parts), max(parts), found["bare"][0] / 1e3),
            Result("redial-1000", "s", found["redial"], baseline=REDIAL)]
