"""`make dist`: what it makes can be installed, runs, is made the same way twice, and tells nothing of who made it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build" / "release" / "codex-remote"
LIMIT = 18_000_000  # bytes of the program
# What docs/self-hosting.md and the README name, and what every Linux has.
LIBRARIES = {"libcurl", "libcrypto", "libqrencode", "libz", "libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64",
             "ld-linux-aarch64"}

sys.path.append(str(ROOT / "packaging"))

import elf  # noqa: E402

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists() or not (ROOT / ".git").exists(),
    reason="A release is made from a git checkout and what `make build` built; one of them is missing.")


def run(*command, **options) -> str:
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          **options)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def place():
    with tempfile.TemporaryDirectory(prefix="cr-dist-", dir="/var/tmp") as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="module")
def made(place):
    """The folders of two runs whose surroundings differ in all that must not matter."""
    places = {"first": {"TZ": "UTC"}, "second": {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}}
    # Packing less tightly takes a sixth of the time.
    surroundings = {"RELEASE_URL": "https://releases.example/v", "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
    runs = [
        subprocess.Popen(
            [sys.executable, ROOT / "scripts" / "dist", "--as-is", "--output", place / name],
            env=os.environ | surroundings | changes, umask=0o22 if n == 0 else 0o77,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for n, (name, changes) in enumerate(places.items())]
    for child in runs:
        output, _ = child.communicate(timeout=300)
        assert child.returncode == 0, output
    return [place / name for name in places]


def one(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


@pytest.fixture(scope="module")
def package(made):
    if not (shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps")):
        pytest.skip("dpkg-deb and dpkg-shlibdeps are missing: no .deb is made here.")
    return one(made[0], "*.deb")


@pytest.fixture(scope="module")
def root(place, package):
    """Where the package is unpacked."""
    run("dpkg-deb", "-x", package, place / "root")
    return place / "root"


def about(program: Path, **options) -> dict:
    said = json.loads(run(program, "--version", "--json", **options))
    protocols = f"{said['protocol']['min']}"
    if said["protocol"]["max"] != said["protocol"]["min"]:
        protocols += f" to {said['protocol']['max']}"
    line = run(program, "--version", **options)
    assert line == f"codex-remote {said['version']}, commit {said['commit']}, protocol {protocols}\n"
    return said


def test_two_runs_make_the_same_bytes(made):
    first, second = made
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir()) and len(names) >= 4
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


@pytest.mark.skipif(sys.platform != "linux", reason="Only programs for Linux have what is settled.")
def test_what_differs_between_two_builds_is_settled(root):
    data = PROGRAM.read_bytes()
    other = bytearray(data)
    for name, skipped in ((".swift_modhash", 0), (".note.gnu.build-id", 16)):
        offset, length = elf.sections(data)[name]
        for at in range(offset + skipped, offset + length):
            other[at] ^= 0xA5
    assert elf.settled(bytes(other)) == elf.settled(data) == (root / "usr/bin/codex-remote").read_bytes()


def test_checksums_name_every_file(made):
    lines = dict(line.split("  ")[::-1] for line in (made[0] / "SHA256SUMS").read_text().splitlines())
    assert set(lines) == {path.name for path in made[0].iterdir()} - {"SHA256SUMS"}
    for name, digest in lines.items():
        assert hashlib.sha256((made[0] / name).read_bytes()).hexdigest() == digest, name


def test_the_installed_program_runs(root, place):
    home = place / "home"
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    program = root / "usr/bin/codex-remote"
    said = about(program, env=environment, cwd=place)
    assert said == about(PROGRAM)
    assert "self-host" in run(program, "--help", env=environment, cwd=place)
    assert not home.exists()


def test_the_package_has_what_it_says(package, root):
    for line in run("dpkg-deb", "-c", package).splitlines():
        mode, owner, *_, path = line.split()
        assert owner == "root/root", line
        file = "-rwxr-xr-x" if path.endswith("bin/codex-remote") else "-rw-r--r--"
        wanted = "drwxr-xr-x" if path.endswith("/") else file
        assert mode == wanted, line
    control = run("dpkg-deb", "-I", package, "md5sums")
    sums = dict(line.split("  ")[::-1] for line in control.splitlines())
    files = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    assert set(sums) == set(files)
    for name, path in files.items():
        assert hashlib.md5(path.read_bytes()).hexdigest() == sums[name], name
    manual = run("gzip", "-dc", root / "usr/share/man/man1/codex-remote.1.gz")
    for command in re.findall(r"^  ([a-z-]+) ", run(PROGRAM, "--help").partition("Options:")[0], re.MULTILINE):
        assert f".SS {command}\n".replace("-", r"\-") in manual
    for shell in ("bash-completion/completions/codex-remote", "zsh/vendor-completions/_codex-remote",
                  "fish/vendor_completions.d/codex-remote.fish"):
        assert "__complete" in (root / "usr/share" / shell).read_text()


def test_lintian_has_nothing_to_say(package):
    if not shutil.which("lintian"):
        pytest.skip("There is no lintian: Debian's own rules for packages are not checked here.")
    said = run("lintian", "--allow-root", "--fail-on", "none", package)
    assert said == ""


def test_dpkg_installs_and_removes_it(package, place):
    """With the packages of this machine as the ones that are there, so that a dependency none of them meets shows."""
    if os.geteuid() != 0:
        pytest.skip("Only root can have dpkg install below another root; the package was unpacked instead.")
    other = place / "installed"
    (other / "var/lib/dpkg/info").mkdir(parents=True)
    (other / "var/lib/dpkg/updates").mkdir()
    status = Path("/var/lib/dpkg/status").read_text()
    others = [entry for entry in status.split("\n\n") if not entry.startswith("Package: codex-remote\n")]
    (other / "var/lib/dpkg/status").write_text("\n\n".join(others))
    dpkg = ["dpkg", f"--root={other}", "--log=/dev/null"]
    run(*dpkg, "--install", package)
    assert "install ok installed" in run(*dpkg, "--status", "codex-remote")
    assert run(*dpkg, "--verify", "codex-remote") == ""
    about(other / "usr/bin/codex-remote")
    run(*dpkg, "--purge", "codex-remote")
    assert [path for path in other.rglob("*codex-remote*") if "var/lib" not in str(path)] == []


def test_the_program_needs_the_documented_libraries_only(root):
    program = root / "usr/bin/codex-remote"
    headers = run("readelf", "-d", program)
    needed = {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.*)\]", headers)}
    assert needed <= LIBRARIES, needed - LIBRARIES
    assert "RPATH" not in headers and "RUNPATH" not in headers
    assert "not found" not in run("ldd", program)


def test_the_package_depends_on_its_libraries(package):
    depends = run("dpkg-deb", "-f", package, "Depends")
    for part in ("libc6 (>= ", "libcurl4", "libssl3", "libqrencode4", "zlib1g", "libstdc++6", "libgcc-s1"):
        assert part in depends, depends
    if b"GLIBC_ABI_DT_RELR\0" in PROGRAM.read_bytes():
        least = re.search(r"libc6 \(>= 2\.(\d+)\)", depends)
        assert int(least[1]) >= 36, depends


def test_the_program_is_small_and_tells_nothing_of_where_it_was_built(made, place):
    archive = one(made[0], "codex-remote-*-*-*.tar.gz")
    run("tar", "-xzf", archive, "-C", place)
    folder = place / archive.name.removesuffix(".tar.gz")
    data = (folder / "codex-remote").read_bytes()
    assert len(data) <= LIMIT
    # A home may be the root, which is no trace of anybody.
    for path in {f"{ROOT}/", f"{Path.home()}/", str(place), f"{os.uname().nodename}/"} - {"//"}:
        assert path.encode() not in data, path
    sections = run("readelf", "-S", "--wide", folder / "codex-remote") if shutil.which("readelf") else ""
    assert ".symtab" not in sections and ".debug" not in sections
    assert about(folder / "codex-remote") == about(PROGRAM)


def test_the_licence_is_shipped(made, root):
    licence = (ROOT / "LICENSE").read_text()
    with tarfile.open(one(made[0], "codex-remote-*-*-*.tar.gz")) as archive:
        name = next(name for name in archive.getnames() if name.endswith("/LICENSE"))
        assert archive.extractfile(name).read().decode() == licence
    packaged = (root / "usr/share/doc/codex-remote/copyright").read_text()
    for line in licence.splitlines()[2:]:
        assert line.removeprefix("Copyright (c) ") in packaged


def source(made) -> Path:
    return next(path for path in made[0].glob("codex-remote-*.tar.gz") if path.name.count("-") == 2)


def test_the_source_is_all_of_the_commit(made):
    with tarfile.open(source(made)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        prefix = archive.getnames()[0].partition("/")[0]
        commit = archive.extractfile(f"{prefix}/scripts/commit").read().decode()
    assert set(run("git", "-C", ROOT, "ls-tree", "-r", "--name-only", "HEAD").splitlines()) <= names
    assert f"commit='{run('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD').strip()}'" in commit


def test_the_formula(made):
    formula = made[0] / "codex-remote.rb"
    text = formula.read_text()
    assert not re.search(r"@[A-Z0-9]+@", text)
    assert f'url "https://releases.example/v/{source(made).name}"' in text
    assert f'sha256 "{hashlib.sha256(source(made).read_bytes()).hexdigest()}"' in text
    if not shutil.which("ruby"):
        pytest.skip("There is no ruby: the formula's syntax is not checked here.")
    assert "Syntax OK" in run("ruby", "-c", formula)


@pytest.mark.skipif(not os.environ.get("TEST_FULL"), reason="TEST_FULL=1 builds the source as the formula does.")
def test_the_source_builds(made, place):
    run("tar", "-xzf", source(made), "-C", place)
    folder = place / source(made).name.removesuffix(".tar.gz")
    run("swift", "build", "--configuration", "release", "--product", "codex-remote", cwd=folder)
    said = about(folder / ".build/release/codex-remote")
    assert said["commit"] == run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()


def test_a_program_of_another_commit_is_refused(place):
    other = place / "other"
    other.write_text('#!/bin/sh\necho \'{"version":"0.1.0","commit":"0000000","protocol":{"min":1,"max":1}}\'\n')
    other.chmod(0o755)
    done = subprocess.run([ROOT / "scripts/dist", "--program", other, "--output", place / "none"], capture_output=True,
                          text=True)
    assert done.returncode == 1 and "the program is of 0000000" in done.stderr
    assert not (place / "none").exists()


def test_program_and_relay_are_of_one_version():
    relay = (ROOT / "templates/orbit/version.js").read_text()
    said = about(PROGRAM)
    assert f'export const version = "{said["version"]}"' in relay
    assert re.search(r"min: (\d+), max: (\d+)", relay).groups() == (
        str(said["protocol"]["min"]), str(said["protocol"]["max"]))


def test_only_what_it_made_is_deleted(place):
    """An output folder may hold other things."""
    folder = place / "shared"
    folder.mkdir()
    (folder / "codex-remote-notes.txt").write_text("mine\n")
    command = [ROOT / "scripts/dist", "--as-is", "--output", folder]
    environment = {**os.environ, "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
    for _ in range(2):
        subprocess.run(command, check=True, capture_output=True, env=environment)
        assert (folder / "codex-remote-notes.txt").read_text() == "mine\n"
        assert "notes" not in (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text("00  other.tar.gz\n")
    made = sorted(folder.iterdir())
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and "another project's" in done.stderr and sorted(folder.iterdir()) == made
