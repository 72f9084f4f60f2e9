"""The manual page, made from what `codex-remote --help` prints, so that it cannot tell anything else."""

import re
import subprocess
from dataclasses import dataclass, field

# What no help text says.
FILES = [
    ("~/.codex-remote", "What this program keeps, readable by you alone; another folder in $CODEX_REMOTE_HOME."),
    ("~/.codex", "Codex's own folder; another one in $CODEX_HOME."),
]
ENVIRONMENT = [
    ("CODEX_REMOTE_HOME", "The folder for what this program keeps."),
    ("CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID", "The token and, where it reaches several, the account for "
     "self-host --provider cloudflare."),
    ("DENO_DEPLOY_TOKEN", "The organisation's token for self-host --provider deno."),
    ("HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE", "Proxies and certificates, as libcurl takes them."),
    ("NO_COLOR", "Print no colours."),
]
EXIT = [("0", "It was done."), ("1", "It failed; one sentence on standard error says why and what to do next."),
        ("64", "The command line is wrong.")]


@dataclass
class Help:
    """A help text, taken apart."""
    summary: str = ""
    usage: list[str] = field(default_factory=list)
    groups: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def read(text: str) -> Help:
    found, group = Help(), None
    paragraphs = text.strip("\n").split("\n\n", 1)
    found.summary = " ".join(paragraphs[0].split())
    for line in paragraphs[1].splitlines():
        if line.startswith("Usage: "):
            found.usage.append(line.removeprefix("Usage: "))
        elif line.startswith("       ") and group is None:
            found.usage.append(line.strip())
        elif heading := re.fullmatch(r"(\w+):", line):
            group = found.groups.setdefault(heading[1], [])
        elif row := re.fullmatch(r"  (\S.*?)(?:  +(\S.*))?", line):
            group.append((row[1], row[2] or ""))
        elif line.strip():
            spelling, said = group[-1]
            group[-1] = (spelling, f"{said} {line.strip()}".strip())
    return found


def every(program: str, *path: str) -> list[tuple[tuple[str, ...], Help]]:
    """The help of a command and of those below it."""
    shown = subprocess.run([program, *path, "--help"], capture_output=True, text=True, check=True)
    found = read(shown.stdout)
    out = [(path, found)]
    for name, _ in found.groups.get("Commands", []):
        out += every(program, *path, name)
    return out


def escaped(text: str) -> str:
    """Text as roff has it."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("…", "...").replace("`", r"\(ga")
    text = text.replace("'", r"\(aq").replace("~", r"\(ti").replace("^", r"\(ha")
    return "\\&" + text if text.startswith((".", "'")) else text


def rows(entries: list[tuple[str, str]]) -> list[str]:
    return [line for name, meaning in entries
            for line in (".TP", f".B {escaped(name)}", escaped(meaning) or r"\&")]


def page(program: str, version: str, date: str) -> str:
    (_, top), *commands = every(program)
    lines = [f'.TH CODEX\\-REMOTE 1 {date} "codex\\-remote {version}" "User Commands"',
             ".SH NAME", rf"codex\-remote \- {escaped(top.summary[0].lower() + top.summary[1:].rstrip('.'))}",
             ".SH SYNOPSIS", *[line for usage in top.usage for line in (f".B {escaped(usage)}", ".br")][:-1],
             ".SH DESCRIPTION", escaped("Codex works on this machine; a relay passes its messages on to a page in a "
                                        "browser, and commands run nowhere but here."),
             ".SH OPTIONS", *rows(top.groups["Options"]), ".SH COMMANDS"]
    for path, found in commands:
        lines += [f".SS {escaped(' '.join(path))}", escaped(found.summary)]
        for name in ("Arguments", "Options"):
            lines += rows([entry for entry in found.groups.get(name, []) if entry[0] != "-h, --help"])
    examples = [entry for _, found in every(program) for entry in found.groups.get("Examples", [])]
    for heading, entries in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES), ("EXIT STATUS", EXIT),
                             ("EXAMPLES", list(dict.fromkeys(examples)))):
        lines += [f".SH {heading}", *rows(entries)]
    return "\n".join([*lines, ".SH SEE ALSO", ".BR codex (1)"]) + "\n"
