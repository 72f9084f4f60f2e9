"""The package for Debian and its relatives."""

import email.utils
import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from archives import File, compressed, folders

HERE = Path(__file__).parent
MAINTAINER = "The codex-remote authors <codex-remote@packages.invalid>"


def said(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"dist: {command[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def dependencies(binary: bytes, folder: Path) -> str:
    """The packages of the libraries that a program is linked to, with the least versions that have what it calls."""
    place = "debian/codex-remote"
    (folder / place / "DEBIAN").mkdir(parents=True)
    (folder / "debian" / "control").write_text("Source: codex-remote\n\nPackage: codex-remote\nArchitecture: any\n")
    (folder / place / "program").write_bytes(binary)
    line = said("dpkg-shlibdeps", "-O", "-e", f"{place}/program", cwd=folder)
    line = line.removeprefix("shlibs:Depends=")
    if b"GLIBC_ABI_DT_RELR\0" not in binary:
        return line
    # Packed relocations, which glibc knows from 2.36 on, are no symbol and so no part of that line.
    least = re.search(r"libc6 \(>= (\d+)\.(\d+)\)", line)
    if not least:
        raise SystemExit(f"dist: dpkg-shlibdeps names no version of libc6: {line}")
    version = max((2, 36), (int(least[1]), int(least[2])))
    return line.replace(least[0], "libc6 (>= {}.{})".format(*version))


def changelog(version: str, date: int) -> str:
    return (f"codex-remote ({version}) unstable; urgency=medium\n\n"
            "  * What changed stands in /usr/share/doc/codex-remote/NEWS.gz.\n\n"
            f" -- {MAINTAINER}  {email.utils.formatdate(date)}\n")


def contents(program: bytes, texts: dict[str, str], version: str, date: int) -> dict[str, File]:
    """What the package installs, by path.
    - texts: the manual page, the shells' completions and the project's own texts, by name."""
    files = {
        "usr/bin/codex-remote": File(program, 0o755),
        "usr/share/man/man1/codex-remote.1.gz": File(compressed(texts["codex-remote.1"].encode())),
        "usr/share/doc/codex-remote/changelog.gz": File(compressed(changelog(version, date).encode())),
        "usr/share/doc/codex-remote/NEWS.gz": File(compressed(texts["CHANGELOG.md"].encode())),
        "usr/share/doc/codex-remote/copyright": File(copyright_file(texts["LICENSE"]).encode()),
    }
    completions = {"bash": "usr/share/bash-completion/completions/codex-remote",
                   "zsh": "usr/share/zsh/vendor-completions/_codex-remote",
                   "fish": "usr/share/fish/vendor_completions.d/codex-remote.fish"}
    return files | {path: File(texts[shell].encode()) for shell, path in completions.items()}


def copyright_file(licence: str) -> str:
    """In Debian's machine-readable form (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/)."""
    holder = re.search(r"^Copyright \(c\) (.*)$", licence, re.MULTILINE)[1]
    terms = licence.partition(holder)[2].strip()
    body = "\n".join(f" {line}" if line else " ." for line in terms.splitlines())
    return (HERE / "copyright.in").read_text().replace("@HOLDER@", holder).replace("@TERMS@", body)


def package(files: dict[str, File], version: str, date: int, target: Path):
    """Writes the .deb."""
    with tempfile.TemporaryDirectory() as place:
        root, scratch = Path(place, "root"), Path(place, "scratch")
        scratch.mkdir()
        size = sum((len(file.data) + 1023) // 1024 for file in files.values()) + len(folders(files))
        sums = "".join(f"{hashlib.md5(file.data, usedforsecurity=False).hexdigest()}  {path}\n"
                       for path, file in sorted(files.items()))
        control = (HERE / "control.in").read_text()
        for name, value in (
                ("VERSION", version), ("ARCHITECTURE", said("dpkg", "--print-architecture")), ("SIZE", str(size)),
                ("MAINTAINER", MAINTAINER), ("DEPENDS", dependencies(files["usr/bin/codex-remote"].data, scratch))):
            control = control.replace(f"@{name}@", value)
        everything = files | {"DEBIAN/control": File(control.encode()), "DEBIAN/md5sums": File(sums.encode())}
        for path, file in everything.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(file.data)
            (root / path).chmod(file.mode)
        for path in [root, *(root / folder for folder in folders(everything))]:
            path.chmod(0o755)
        for path in root.rglob("*"):
            os.utime(path, (date, date))
        os.utime(root, (date, date))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(target)], check=True,
                       stdout=subprocess.DEVNULL, env=os.environ | {"SOURCE_DATE_EPOCH": str(date), "TZ": "UTC"})
