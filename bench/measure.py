"""Measures everything that bench/results.json names: `bench/run [NAME…]`."""

import asyncio
import platform
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))

import latency  # noqa: E402
import results  # noqa: E402
from support.tools import codex, codex_remote, deno  # noqa: E402

# What gives which names.
MEASURES = {latency.event_latency: ("event-latency-p50", "event-latency-p99")}


def versions() -> dict[str, str]:
    def said(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().split("\n")[0]
    return {"codex": said(codex(), "--version"), "deno": said(deno(), "--version"),
            "codex-remote": said(codex_remote(), "--version"), "kernel": platform.release()}


async def main(wanted: list[str]):
    done: list[results.Result] = []
    for measure, names in MEASURES.items():
        if wanted and not any(name.startswith(prefix) for name in names for prefix in wanted):
            continue
        print(f"measuring {', '.join(names)} …", file=sys.stderr, flush=True)
        done += await measure()
    print(results.table(done))
    results.save(done, versions())


asyncio.run(main(sys.argv[1:]))
