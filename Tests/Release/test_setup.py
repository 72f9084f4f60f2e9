"""scripts/setup on machines that lack something, each made of stand-ins for the programs it asks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SWIFT = 'echo "Swift version 6.3.1 (swift-6.3.1-RELEASE)"'
# What the script uses of any system.
TOOLS = ("bash", "sh", "env", "cat", "dirname", "basename", "readlink", "head", "sed", "grep", "tee", "mktemp", "rm",
         "sleep", "mkdir", "cp")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="The stand-ins are those of Debian.")


class Machine:
    """A checkout and a PATH that has only what it was given."""

    def __init__(self, folder: Path):
        self.checkout, self.programs = folder / "checkout", folder / "programs"
        self.programs.mkdir(parents=True)
        shutil.copytree(ROOT / "scripts", self.checkout / "scripts")
        self.log = folder / "log"
        for name in TOOLS:
            (self.programs / name).symlink_to(shutil.which(name))
        self.has("uname", "echo Linux")
        self.has("id", "echo 0")

    def has(self, name: str, script: str):
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.log}\n{script}\n')
        path.chmod(0o755)

    def has_everything(self):
        self.has("swift", SWIFT)
        for name in ("ld.lld", "git", "bwrap", "pkg-config", "apt-get", "sudo"):
            self.has(name, "exit 0")
        self.has("python3", 'if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin && '
                            "cp \"$(readlink -f \"$0\")\" .venv/bin/python; fi")

    def run(self, *words: str) -> tuple[int, str]:
        environment = {"PATH": str(self.programs), "SSL_CERT_FILE": "/certificates.pem"}
        done = subprocess.run([self.checkout / "scripts/setup", *words], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        assert done.stdout == ""
        return done.returncode, done.stderr

    def refused(self, *words: str) -> str:
        """The last line of a run that must fail: a sentence."""
        status, said = self.run(*words)
        assert status == 1, said
        sentence = said.strip().splitlines()[-1]
        assert sentence.startswith("setup: ") and sentence.endswith("."), said
        return sentence

    def ran(self, program: str) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(f"{program} ")]


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    machine.has_everything()
    return machine


def test_nothing_is_installed_where_nothing_is_missing(machine):
    assert machine.run()[0] == 0
    before = len(machine.ran("python3"))
    assert machine.run() == (0, "")
    assert machine.ran("python3")[before:] == ["python3 -c import ensurepip, venv", "python3 -c import pip"]
    assert machine.ran("apt-get") == []


def test_no_swift(machine):
    (machine.programs / "swift").unlink()
    assert "there is no Swift toolchain" in machine.refused()
    assert machine.ran("apt-get") == []


def test_a_swift_that_is_too_old(machine):
    machine.has("swift", 'echo "swift-driver version: 1.1"; echo "Apple Swift version 6.1.2 (swiftlang)"')
    assert "this Swift is 6.1; install Swift 6.2 or newer" in machine.refused()


def test_a_swift_that_does_not_start(machine):
    machine.has("swift", 'echo "swift: error while loading shared libraries: libedit.so.2" >&2; exit 127')
    assert "libedit.so.2" in machine.refused()


def test_packages_are_missing_and_nobody_is_root(machine):
    machine.has("id", "echo 1000")
    (machine.programs / "git").unlink()
    machine.has("sudo", "exit 1")
    assert "run 'apt-get install git' as root" in machine.refused()
    (machine.programs / "sudo").unlink()
    assert "run 'apt-get install git' as root" in machine.refused()
    assert machine.ran("apt-get") == []


def test_sudo_is_asked_where_it_asks_nothing(machine):
    machine.has("id", "echo 1000")
    (machine.programs / "git").unlink()
    machine.has("sudo", 'if [ "$1" = -n ]; then exit 0; fi; exec "$@"')
    assert machine.run()[0] == 0
    assert machine.ran("apt-get")[-1] == "apt-get -q install -y --no-install-recommends git"


def test_another_system_than_debian(machine):
    (machine.programs / "apt-get").unlink()
    (machine.programs / "bwrap").unlink()
    assert "these are missing: bubblewrap" in machine.refused()


def test_no_network(machine):
    (machine.programs / "git").unlink()
    machine.has("apt-get", 'echo "E: Failed to fetch" >&2; exit 100')
    said = machine.refused()
    assert "apt-get could not install git" in said and "network" in said


def test_a_list_of_packages_that_cannot_be_fetched_need_not_matter(machine):
    (machine.programs / "git").unlink()
    machine.has("apt-get", 'if [ "$2" = update ]; then exit 100; fi')
    status, said = machine.run()
    assert status == 0 and "trying with the lists that are there" in said


def test_another_program_that_installs_is_awaited(machine):
    (machine.programs / "git").unlink()
    machine.has("sleep", "exit 0")
    (machine.programs / "once").mkdir()
    machine.has("apt-get", 'if rmdir "$(dirname "$0")/once" 2>/dev/null; then\n'
                           'echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100; fi')
    (machine.programs / "rmdir").symlink_to(shutil.which("rmdir"))
    status, said = machine.run()
    assert status == 0 and "waiting for it" in said
    assert machine.ran("apt-get") == ["apt-get -q update"] * 2 + [
        "apt-get -q install -y --no-install-recommends git"]


def test_pip_without_a_network(machine):
    machine.has("python3", 'if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin && '
                           'cp "$(readlink -f "$0")" .venv/bin/python; fi\n[ "$2" != pip ]')
    assert "pip could not install scripts/requirements.txt" in machine.refused()


def test_what_tests_and_a_release_need(machine):
    machine.has("apt-get", "exit 0")
    machine.run("--dist")
    assert machine.ran("apt-get")[-1].endswith(" dpkg-dev")
    machine.run("--tests")
    assert machine.ran("apt-get")[-1].endswith(" dpkg-dev procps openssl chromium")
    assert machine.run("--test")[0] == 64
