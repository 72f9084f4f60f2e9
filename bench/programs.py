"""Measurements that are programs for Deno, since they share the relay's own test client."""

import asyncio
import json
import os
import signal
import tempfile
from pathlib import Path

from support.tools import ROOT, deno


async def run(program: str, *arguments: str) -> dict:
    """The line of JSON that it prints last."""
    with tempfile.TemporaryDirectory(prefix="cr-bench-", ignore_cleanup_errors=True) as folder:
        child = await asyncio.create_subprocess_exec(
            deno(), "run", "--quiet", "--allow-all", "--no-prompt", Path("bench") / program, *arguments, cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1", "TMPDIR": folder}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=1 << 24, process_group=0)
        try:
            said, wrong = await child.communicate()
        finally:
            if child.returncode is None:  # with the relays that it started
                os.killpg(child.pid, signal.SIGKILL)
                await child.wait()
    if child.returncode:
        raise RuntimeError(wrong.decode().strip()[-400:])
    return json.loads(said.decode().strip().split("\n")[-1])
