"""Measures everything that bench/results.json names: `bench/run [NAME…]`, each with a limit of its own."""

import asyncio
import importlib
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))

import results  # noqa: E402
from support.tools import codex, codex_remote, deno  # noqa: E402

# Which function of which module gives which names, and how many seconds it may take.
MEASURES = [
    ("sizes", "binary", 10, ("binary-size",)),
    ("sizes", "web", 10, ("web-size", "web-all-size", "web-requests")),
    ("anchor", "footprint", 60, ("anchor-ready", "anchor-idle-rss", "anchor-idle-anonymous", "anchor-per-session")),
    ("pipe", "anchor_pipe", 60, ("anchor-pipe-p50",)),
    ("latency", "event_latency", 90, ("event-latency-p50", "event-latency-p99")),
    ("turns", "turns", 60, ("send-to-model-p50", "decision-back-p50")),
    ("relay", "on_deno", 40, ("relay-p50-deno", "relay-time-per-frame-deno")),
    ("relay", "on_workerd", 40, ("relay-p50-workerd", "relay-time-per-frame-workerd")),
    ("load", "thousand", 150, ("relay-memory-per-connection", "redial-1000")),
    ("store", "operations", 180, ("store-operations-per-frame",)),
    ("timing", "unknown_user", 120, ("unknown-user-timing",)),
    ("screen", "dom_share", 40, ("dom-share-p50",)),
    ("screen", "burst", 90, ("burst-5000-on-screen", "burst-5000-longest-task")),
    ("screen", "long_burst", 90, ("burst-50000-approval-p95", "burst-50000-anchor-rss")),
    ("screen", "frames", 60, ("deltas-per-second-at-60fps",)),
    ("loading", "first_load", 60, ("web-first-paint", "web-list-shown")),
    ("history", "long_thread", 150, ("thread-10000-open",)),
    ("outage", "half_open", 70, ("half-open-found",)),
    ("deploy", "deploys", 200,
     (*(f"deploy-{provider}-{kind}{what}" for provider in ("cloudflare", "deno")
        for kind in ("first", "unchanged", "changed") for what in ("", "-bytes", "-wall")), "deploy-cpu", "deploy-rss")),
]


def versions() -> dict[str, str]:
    def said(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip().split("\n")[0]
    return {"codex": said(codex(), "--version"), "deno": said(deno(), "--version"),
            "codex-remote": said(codex_remote(), "--version"), "kernel": platform.release()}


async def main(wanted: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    every = {name for measure in MEASURES for name in measure[3]}
    exact = every.intersection(wanted)
    beginnings = tuple(set(wanted) - exact)
    done: list[results.Result] = []
    missing: list[str] = []
    failed: list[str] = []
    programs = versions()
    for module, function, limit, names in MEASURES:
        if wanted and not any(name in exact or name.startswith(beginnings) for name in names):
            continue
        print(f"measuring {', '.join(names)} …", file=sys.stderr, flush=True)
        start = time.monotonic()
        found: list[results.Result] = []
        try:
            async with asyncio.timeout(limit):
                found = await getattr(importlib.import_module(module), function)()
        except TimeoutError:
            missing.append(f"{', '.join(names)}: not measured within {limit} s.")
        except Exception as error:  # one that cannot run here says why, and the others go on
            missing.append(f"{', '.join(names)}: {type(error).__name__}: {str(error)[:600]}")
        print(results.table(found) if found else missing[-1], f"({time.monotonic() - start:.0f} s)", file=sys.stderr,
              flush=True)
        done += found
        failed += set(names) - {result.name for result in found}
        results.save(done, programs, failed)  # each time, so that a run that is broken off keeps what it has
    print(results.table(done))
    print("\n".join(["", "Not measured:", *missing] if missing else []))
    return 1 if missing else 0


sys.exit(asyncio.run(main(sys.argv[1:])))
