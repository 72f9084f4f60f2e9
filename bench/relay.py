"""The relay's own share on each runtime, against a bare relay there."""

import asyncio
import json
import os
from pathlib import Path

from results import Result, median, of
from support.tools import ROOT, deno


async def _samples(runtime: str, rounds: int) -> dict:
    child = await asyncio.create_subprocess_exec(
        deno(), "run", "--quiet", "--allow-all", "--no-prompt", Path("bench") / "relay.js", runtime, str(rounds),
        cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=1 << 24)
    try:
        said, wrong = await child.communicate()
    finally:
        if child.returncode is None:
            child.terminate()
    if child.returncode:
        raise RuntimeError(wrong.decode().strip()[-400:])
    return json.loads(said.decode().strip().split("\n")[-1])


async def _relay(runtime: str, rounds: int) -> list[Result]:
    samples = await _samples(runtime, rounds)
    own, bare = samples["relay"], samples["bare"]
    cold = 3  # the first bursts, in which both still warm up
    return [of(f"relay-p50-{runtime}", "ms", own["latency"], median(bare["latency"])),
            of(f"relay-time-per-frame-{runtime}", "us", own["burst"][cold:], median(bare["burst"][cold:]))]


async def on_deno(rounds: int = 1000) -> list[Result]:
    return await _relay("deno", rounds)


async def on_workerd(rounds: int = 1000) -> list[Result]:
    return await _relay("workerd", rounds)
