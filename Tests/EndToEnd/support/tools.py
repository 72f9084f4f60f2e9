"""Where the real programs are that the tests run against."""

import os
import shutil
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ARTIFACTS = ROOT / ".artifacts"


def deno() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "deno"
    return str(beside) if beside.exists() else shutil.which("deno") or "deno"


def codex() -> str:
    if named := os.environ.get("CODEX"):
        return named
    bundled = Path(sysconfig.get_path("purelib")) / "codex_cli_bin" / "bin" / "codex"
    return str(bundled) if bundled.exists() else shutil.which("codex") or "codex"


def codex_remote() -> str:
    """The program under test: CODEX_REMOTE, or what was built last."""
    if named := os.environ.get("CODEX_REMOTE"):
        return named
    built = [ROOT / ".build" / kind / "codex-remote" for kind in ("release", "debug")]
    built = sorted((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime)
    if not built:
        raise RuntimeError("codex-remote is not built: run `make build`.")
    return str(built[-1])
