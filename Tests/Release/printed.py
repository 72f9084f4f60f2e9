"""What the commands that README and docs show really print: `python Tests/Release/printed.py` writes it into them.

A block to keep true stands below a comment `<!-- printed: NAME -->`. What differs each time (times, builds, links) is
left as it is where nothing else changed."""

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "Tests"), str(ROOT / "Tests" / "SelfHost")]

from EndToEnd.support.account import Account  # noqa: E402
from EndToEnd.support.ports import free_port  # noqa: E402
from hosting import PROVIDERS, Hosting, changed, missing, program, scripts  # noqa: E402

FILES = [ROOT / "README.md", ROOT / "docs" / "self-hosting.md"]
BLOCK = re.compile(r"<!-- printed: ([a-z-]+) -->\n+```(?:console|text)\n(.*?)```", re.DOTALL)
LIMIT = 180  # seconds that a command may take
COLUMNS = 100

# What the stand-ins and this machine put in the place of what a user would see.
USUAL = [
    (r"http://127\.0\.0\.1:\d+/client/v4", "https://api.cloudflare.com/client/v4"),
    (r"http://127\.0\.0\.1:\d+/v2", "https://api.deno.com/v2"),
    (r"accounts/[0-9a-f]{32}", "accounts/0123456789abcdef0123456789abcdef"),
    (r"account [0-9a-f]{32}", "account 0123456789abcdef0123456789abcdef"),
    (r"codex-remote\.localhost:\d+", "codex-remote.localhost:4391"),
    (r"(connected as |The page shows )\S+?(,| with)", r"\1desk\2"),
    (r"(Codex     \S+, ).*", r"\1/usr/local/bin/codex"),
    (r"\n+(  [█▀▄ ]+\n)+", "\n\n    (its QR code)\n"),
]
# What is another at each run.
VOLATILE = [
    (r"\b\d+(\.\d+)? m?s\b", "TIME"), (r"\b[0-9a-f]{16}\b", "BUILD"), (r"\b\d+ files, \d+ KB", "SIZE"),
    (r"(claim|recover)\.u_[\w-]+\.[\w-]+", "LINK"), (r"\d+ bytes(: \d+ parts)?", "SIZE"),
    (r"key [A-Z0-9]{4}(-[A-Z0-9]{4})+", "KEY"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"), (r"commit [0-9a-f]{7,}(-dirty)?|commit unknown", "COMMIT"),
    (r" +\d+(\.\d+)? [KM]B  ", "SIZE"), (r"(linux|macos)-\w+\.tar|_\w+\.deb", "PLATFORM"),
    (r"(deno|Codex    ) \d+\.\d+\.\d+", r"\1 VERSION"), (r"relay-[a-z0-9]{8}", "relay-NAME"),
]


def replaced(text: str, patterns: list[tuple[str, str]]) -> str:
    for pattern, by in patterns:
        text = re.sub(pattern, by, text)
    return text


def masked(text: str) -> str:
    return replaced(text, VOLATILE)


def screen(output: str) -> str:
    """What stands on a terminal after the output: a line that was written over counts as it was last."""
    lines = [re.split(r"\r|\x1b\[K", line.rstrip("\r"))[-1] for line in output.split("\n")]
    return replaced("\n".join(line.rstrip() for line in lines), USUAL).strip("\n") + "\n"


def on_terminal(words: list[str], environment: dict, folder: Path, answers: dict[str, str], until: str = "") -> str:
    """What a command prints on a terminal.
    - answers: what is typed, by the end of the question.
    - until: what it is stopped after, as Ctrl-C does."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(words[0], words, environment | {"TERM": "xterm", "NO_COLOR": "1"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    output, answered, end = b"", 0, time.monotonic() + LIMIT
    while True:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise AssertionError(f"{words} did not end in {LIMIT} s: {output.decode(errors='replace')[-2000:]}")
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so of a terminal that nobody has open any more
            piece = b""
        if not piece:
            break
        output += piece
        said = output.decode(errors="replace")
        for question, answer in answers.items():
            if said[answered:].rstrip().endswith(question):
                answered = len(said)
                os.write(terminal, answer.encode() + b"\n")
        if until and until in said:
            until = ""
            cut = said
            os.kill(child, signal.SIGINT)
    os.waitpid(child, 0)
    os.close(terminal)
    return screen(cut if "cut" in locals() else output.decode())


def of_self_host(provider: str, folder: Path) -> dict[str, str]:
    """The blocks of one provider: a relay's whole life."""
    hosting, found = Hosting(folder / provider, provider), {}

    def show(name: str, words: str, *more: str):
        answers = {"[Y/n]": "", "[y/N]": "y", "to go on:": "codex-remote"}
        line = [program(), "self-host", *words.split(), *more]
        said = on_terminal(line, hosting.environment(), hosting.folder, answers)
        found[name] = f"$ codex-remote self-host {words}\n{said}"
    with contextlib.closing(hosting):
        show(f"{provider}-dry-run", f"--provider {provider} --dry-run")
        show(f"{provider}-first", f"--provider {provider} --login")
        show(f"{provider}-again", f"--provider {provider} --login")
        show(f"{provider}-list", "list")
        show(f"{provider}-claim", "claim")
        hosting.deploy("--no-login", "--templates", changed(folder / f"{provider}-next"))
        show(f"{provider}-status", "status")
        show(f"{provider}-upgrade", "upgrade")
        show(f"{provider}-rollback", "rollback")
        show(f"{provider}-rotate", "rotate")
        broken = changed(folder / f"{provider}-broken", "templates/orbit/headers.js",
                         lambda text: text.replace("content-security-policy", "x-no-policy"))
        show(f"{provider}-taken-back", "upgrade", "--templates", broken)
        owner = Account(hosting.origin, hosting.port_of(hosting.host))
        asyncio.run(owner.use(hosting.deploy("--no-login")["claim"]))
        show(f"{provider}-claim-recover", "claim --recover")
        if provider == "cloudflare":
            host = "relay.example.com"
            hosting.plane.zones.append("example.com")
            hosting.edge.certify(host, "*.acme.workers.dev")
            show("cloudflare-domain", f"--provider cloudflare --domain {host} --no-login")
            hosting.host = host
        show(f"{provider}-destroy", "destroy")
    return found


def dist(folder: Path) -> str:
    """What `make dist` says after the build."""
    done = subprocess.run([sys.executable, ROOT / "scripts" / "dist", "--as-is", "--output", folder],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def of_program(folder: Path) -> dict[str, str]:
    """The blocks that need no provider."""
    home = folder / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CODEX", "SSH_"))}
    environment |= {"HOME": str(home), "CODEX_REMOTE_HOME": str(home / ".codex-remote"),
                    "PATH": f"{scripts()}:{os.environ['PATH']}"}

    def show(words: str, *more: str, until: str = "") -> str:
        said = on_terminal([program(), *words.split(), *more], environment, home, {}, until)
        return f"$ codex-remote {words}\n{said}"
    found = {"version": show("--version"), "help": show("--help"), "self-host-help": show("self-host --help"),
             "version-json": show("--version --json")}
    found["dist"] = "$ make dist\n" + dist(folder / "dist")
    found["demo"] = show("up --demo", "--no-open", "--port", str(free_port()), until="that it can.")
    return found


def every(folder: Path) -> dict[str, str]:
    found = of_program(folder)
    for provider in PROVIDERS:
        if reason := missing(provider):
            print(reason, file=sys.stderr)
        else:
            found |= of_self_host(provider, folder)
    return found


def written(text: str, found: dict[str, str]) -> str:
    """The text with its blocks as the commands print them now."""
    def block(match: re.Match) -> str:
        now = found.get(match[1], match[2])
        return match[0] if masked(now) == masked(match[2]) else match[0].removesuffix(match[2] + "```") + now + "```"
    return BLOCK.sub(block, text)


def main():
    folder = Path(tempfile.mkdtemp(prefix="cr-printed-", dir="/var/tmp")).resolve()
    try:
        found = every(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if sys.argv[1:]:
        print("\n".join(found[name] for name in sys.argv[1:]))
        return
    for file in FILES:
        text = file.read_text()
        if (now := written(text, found)) != text:
            file.write_text(now)
            print(f"{file.relative_to(ROOT)} has changed.")


if __name__ == "__main__":
    main()
