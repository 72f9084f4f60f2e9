"""What is downloaded: the program, and the web client until its list can be used."""

import base64
import gzip
import json
import re
import tempfile
from pathlib import Path

from results import Result
from support.orbit import bundle
from support.tools import codex_remote

PROGRAM, FIRST, ALL, REQUESTS = 18.0, 60.0, 180.0, 40.0  # MB, KB, KB: the limits


async def binary() -> list[Result]:
    return [Result("binary-size", "MB", Path(codex_remote()).stat().st_size / 1e6, baseline=PROGRAM)]


async def web() -> list[Result]:
    """From the bundle: the page, and everything that it names to be loaded with it."""
    with tempfile.TemporaryDirectory() as folder:
        bundle(Path(folder) / "files")
        text = (Path(folder) / "files" / "assets.js").read_text()
    files = json.loads(re.search(r"export const files = (.*);", text)[1])
    sizes = {path: len(base64.b64decode(file["body"])) / 1e3 for path, file in files.items()}
    page = gzip.decompress(base64.b64decode(files["/"]["body"])).decode()
    named = {path for path in re.findall(r'(?:href|src)="([^"]+)"', page) if path.endswith((".js", ".css"))}
    first = ["/", *named]
    return [Result("web-size", "KB", sum(sizes[path] for path in first), baseline=FIRST),
            Result("web-all-size", "KB", sum(sizes.values()), baseline=ALL),
            Result("web-requests", "", len(first), baseline=REQUESTS)]
