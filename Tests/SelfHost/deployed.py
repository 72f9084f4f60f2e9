"""A relay that self-host deployed to a stand-in, for the relay's own tests: tells where it is, then does what it is told.

Started as `deployed.py PROVIDER FOLDER WEB`; a line of JSON says where; then each line of standard input is a word that is
answered with a line: `restart` (as the platform ends an instance), `kill`; the end of the input ends it."""

import json
import signal
import shutil
import sys
from pathlib import Path

for place in (Path(__file__).parent, Path(__file__).parents[1]):
    sys.path.append(str(place))

from hosting import ROOT, Hosting  # noqa: E402


def sources(folder: Path, web: Path) -> str:
    """The repository's relay with another web client."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copytree(web, folder / "web")
    return str(folder)


def main(provider: str, folder: str, web: str):
    hosting = Hosting(Path(folder) / "plane", provider)
    try:
        report = hosting.deploy("--no-login", "--templates", sources(Path(folder) / "sources", Path(web)))
        found = hosting.at(hosting.host)
        runtime = found.runtime
        print(json.dumps({"origin": report["origin"], "port": runtime.port, "build": report["build"],
                          "deployKey": hosting.live_key, "data": str(runtime.data), "host": hosting.host,
                          "page": hosting.http("GET", "/")[2].decode("latin-1")}), flush=True)
        for line in sys.stdin:
            gentle = signal.SIGINT if provider == "deno" else signal.SIGKILL
            runtime.restart(signal.SIGKILL if line.strip() == "kill" else gentle)
            print("done", flush=True)
    finally:
        hosting.close()


main(*sys.argv[1:])
