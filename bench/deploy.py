"""What a deploy costs, against stand-in control planes that answer after 100 ms and run what they get."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "Tests"
sys.path += [str(TESTS), str(TESTS / "SelfHost")]

from hosting import PROVIDERS, Hosting, changed, missing  # noqa: E402
from results import Result, of  # noqa: E402

LATENCY, ROUNDS = 0.1, 3  # seconds
KINDS = ("first", "unchanged", "changed")
# Requests: what Cloudflare's own tool needed for a comparable Worker, recorded and not of this run; on Deno Deploy,
# whose tool was not recorded, the goal.
REQUESTS = {"cloudflare": (14, 9, 10), "deno": (5, 3, 4)}
# The same tool's time at the same latency, where it was recorded, its CPU time and its memory.
WALL = {"cloudflare": (2.4, 2.3, None), "deno": (None, None, None)}  # s
CPU, MEMORY = 1.2, 224 * 1.048576  # s, MB (recorded in MiB)


def peak(process: int) -> float:
    """The most that a process had in memory so far, MB; 0 where Linux does not tell."""
    try:
        said = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", said)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


class Run:
    """One deploy: requests without polls, bytes that their bodies had, and what the program itself took."""

    def __init__(self, hosting: Hosting, *words: str):
        count, start = len(hosting.plane.requests), time.monotonic()
        child = hosting.start("--provider", hosting.provider, "--yes", "--json", *words)
        # What wait4 tells of memory begins with this process's own, from before the program took its place (exec).
        self.memory = 0.0
        done = 0
        while not done:
            self.memory = max(self.memory, peak(child.pid))
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
            time.sleep(0.002)
        self.wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        # The report and the errors of a deploy fit into their pipes.
        output, errors = child.stdout.read(), child.stderr.read()
        child.stdout.close()
        child.stderr.close()
        if child.returncode:
            raise RuntimeError(f"self-host failed: {errors[-400:] or output[-400:]}")
        self.requests = len([line for line in hosting.sent(count) if "GET /revisions" not in line])
        self.kilobytes = sum(len(request.raw) for request in hosting.plane.requests[count:]) / 1e3
        self.cpu = usage.ru_utime + usage.ru_stime


def once(provider: str) -> dict[str, Run]:
    folder = Path(tempfile.mkdtemp(prefix="cr-deploy-", dir="/var/tmp")).resolve()
    try:
        hosting = Hosting(folder / "plane", provider, latency=LATENCY)
        try:
            return {"first": Run(hosting, "--login"), "unchanged": Run(hosting, "--login"),
                    "changed": Run(hosting, "--no-login", "--templates", changed(folder / "next"))}
        finally:
            hosting.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def deploys() -> list[Result]:
    found: list[Result] = []
    every: list[Run] = []
    for provider in PROVIDERS:
        if reason := missing(provider):
            print(reason, file=sys.stderr)
            continue
        rounds = [await asyncio.to_thread(once, provider) for _ in range(ROUNDS)]
        for kind, requests, wall in zip(KINDS, REQUESTS[provider], WALL[provider], strict=True):
            runs, name = [one[kind] for one in rounds], f"deploy-{provider}-{kind}"
            every += runs
            found += [of(name, "requests", [run.requests for run in runs], requests),
                      of(f"{name}-bytes", "KB", [run.kilobytes for run in runs]),
                      of(f"{name}-wall", "s", [run.wall for run in runs], wall)]
    found.append(of("deploy-cpu", "s", [run.cpu for run in every], CPU))
    if sys.platform == "linux":
        found.append(of("deploy-rss", "MB", [run.memory for run in every], MEMORY))
    return found
