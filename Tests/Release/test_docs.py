"""README and docs show what the commands really print, and name only what there is."""

import os
import re
import subprocess

import pytest

import printed


@pytest.fixture(scope="module")
def found():
    # Packing less tightly takes a sixth of the time.
    os.environ["DPKG_DEB_COMPRESSOR_LEVEL"] = "1"
    folder = printed.Path(printed.tempfile.mkdtemp(prefix="cr-printed-", dir="/var/tmp")).resolve()
    try:
        yield printed.every(folder)
    finally:
        del os.environ["DPKG_DEB_COMPRESSOR_LEVEL"]
        printed.shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("file", printed.FILES, ids=lambda file: file.name)
def test_what_is_shown_is_what_is_printed(found, file):
    blocks = printed.BLOCK.findall(file.read_text())
    assert len(blocks) >= 3
    for name, shown in blocks:
        if name.startswith(("cloudflare-", "deno-")) and printed.missing(name.split("-")[0]):
            continue  # `every` has said why
        assert printed.masked(found[name]) == printed.masked(shown), (
            f"{file.name}, {name}: run `.venv/bin/python Tests/Release/printed.py`, look at the change, and commit it.")


def test_every_command_that_is_named_exists():
    known = {}
    for file in [*printed.FILES, *(printed.ROOT / "docs").glob("*.md")]:
        for words in re.findall(r"codex-remote((?: [a-z][a-z-]*| --[a-z-]+)+)", file.read_text()):
            names = []
            for word in words.split():
                if word.startswith("--"):
                    break
                names.append(word)
            # Prose goes on after a command: what counts is how far the words are commands.
            line = names
            while line:
                key = tuple(line)
                if key not in known:
                    done = subprocess.run([printed.program(), *line, "--help"], capture_output=True, text=True)
                    known[key] = done.stdout if f"Usage: codex-remote {' '.join(line)}" in done.stdout else None
                if known[key]:
                    break
                line = line[:-1]
            if line == names:
                for option in re.findall(r"--[a-z-]+", words):
                    shown = known[tuple(line)] if line else ""
                    assert not line or option in shown, f"{file.name}: codex-remote{words}: there is no {option}."


def test_files_that_are_linked_exist():
    for file in [*printed.ROOT.glob("*.md"), *(printed.ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"


# What is made by the commands that the documents explain.
MADE = {"bench/results.json"}


def test_paths_that_are_named_exist():
    named = re.compile(r"(?<![\w/.])(?:Tests|Sources|scripts|packaging|templates|web|docs|bench)/[\w./*-]*[\w*]")
    for file in [*printed.ROOT.glob("*.md"), *(printed.ROOT / "docs").glob("*.md")]:
        for path in named.findall(file.read_text()):
            assert path in MADE or any(printed.ROOT.glob(path)), f"{file.name}: {path}"
