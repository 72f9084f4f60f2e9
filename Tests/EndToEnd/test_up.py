"""`codex-remote up`: one command starts everything, its end leaves nothing, and the next run goes on."""

import os
import re
import signal
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.account import Account, Answered
from support.model import say, script
from support.page import Page
from support.ports import free_port
from support.processes import Process, eventually
from support.tools import codex_remote
from support.up import Up, runs

PROMPT = script(say("Here is the text."))


@pytest.fixture
def up(run, base):
    up = Up(Path(tempfile.mkdtemp(dir=base)), free_port())
    yield up
    run(up.clean())


async def claimed(up: Up) -> Account:
    link = await up.start()
    account = Account(up.origin)
    await account.use(link)
    await up.says("by Ada")
    return account


async def test_a_task_from_the_claim_link_to_its_text(up):
    account = await claimed(up)
    page = await Page(account).start()
    thread = await page.start_thread(up.state / "workspace")
    turn = await page.start_turn(thread, PROMPT)
    assert (await page.ended(turn))["status"] == "completed"
    assert page.items(turn, "agentMessage")[0]["text"] == "Here is the text."
    await page.stop()


async def test_the_end_leaves_nothing_and_the_next_run_goes_on(up):
    account = await claimed(up)
    [machine] = await account.machines()
    page = await Page(account).start()
    thread = await page.start_thread(up.state / "workspace")
    await page.ended(await page.start_turn(thread, PROMPT))
    await page.stop()
    before = up.children
    assert before.keys() == {"relay", "model", "app-server"}
    assert await up.process.stop(signal.SIGINT) == 0
    assert not any(runs(pid) for pid in before.values())

    assert await up.start() == up.origin, "an owned relay gets no claim link"
    await up.says("Ada")
    # The same sign-in, passkey, machine and thread.
    [again] = await eventually(account.machines, "the machine is here")
    assert again["id"] == machine["id"] and again["fingerprint"] == machine["fingerprint"]
    await account.another().sign_in()
    page = await Page(account).start()
    threads = (await page.request("thread/list"))["data"]
    assert thread in [one["id"] for one in threads]
    await page.stop()
    assert await up.process.stop(signal.SIGTERM) == 0
    assert not up.children


async def test_an_up_that_was_killed_leaves_codex_only_and_the_next_one_takes_it_over(up):
    account = await claimed(up)
    before = up.children
    await up.process.kill()
    await eventually(lambda: not runs(before["relay"]) and not runs(before["model"]), "relay and model end")
    assert runs(before["app-server"]), "its turns go on"
    assert await up.start() == up.origin
    await up.says("which ran already")
    assert up.children["app-server"] == before["app-server"]
    page = await Page(account).start()
    thread = await page.start_thread(up.state / "workspace")
    await page.ended(await page.start_turn(thread, PROMPT))
    await page.stop()
    assert await up.process.stop(signal.SIGINT) == 0
    assert not runs(before["app-server"])


async def test_what_a_killed_up_left_is_shown_and_stopped(up):
    await up.start()
    codex = up.children["app-server"]
    await up.process.kill()

    def says(command: str) -> list[str]:
        done = subprocess.run([codex_remote(), command], env={**os.environ, **up.environment}, capture_output=True,
                              text=True, check=True)
        return done.stdout.splitlines()
    again = f"codex-remote up --demo --port {up.port}"
    assert says("status")[1] == (
        f"  No anchor runs; its codex app-server does. `{again}` takes it over, `codex-remote stop` ends it.")
    assert says("stop") == [f"{up.origin}: ended codex app-server."]
    assert not runs(codex)
    assert says("status")[1] == f"  No anchor runs: `{again}` connects this machine."


async def test_a_new_run_voids_the_link_of_the_one_before(up):
    first = await up.start()
    await up.process.stop(signal.SIGINT)
    second = await up.start()
    assert first != second
    with pytest.raises(Answered) as error:
        await Account(up.origin).use(first)
    assert error.value.code == "bad-link"
    await Account(up.origin).use(second)
    await up.says("by Ada")


async def test_a_relay_that_ends_is_started_again(up):
    account = await claimed(up)
    before = up.children["relay"]
    os.kill(before, signal.SIGKILL)
    await up.says("The relay ended (signal 9) and is started again.")

    async def online():
        try:
            return [one for one in await account.machines() if one["online"]]
        except OSError:
            return None
    assert await eventually(online, "the machine is back")
    assert up.children["relay"] != before


async def test_a_machine_that_lost_its_record_asks_to_be_approved(up):
    account = await claimed(up)
    await up.process.stop(signal.SIGINT)
    [record] = up.state.glob("relays/*/machine.json")
    record.unlink()
    link = await up.start()
    code = link.partition("#code=")[2]
    assert code, link
    await account.post("/api/code/approve", code=code)
    await up.says("Approved")
    await up.says("connected as")
    await up.process.line(lambda line: line == up.origin, "the origin")


async def test_an_origin_of_ones_own_is_the_only_one(run, base):
    """Behind a TLS front, which passes the origin's Host on to the loopback port."""
    up = Up(Path(tempfile.mkdtemp(dir=base)), free_port(), "--origin", "https://desk.example")
    try:
        link = await up.start()
        assert link.startswith("https://desk.example/#link=claim.")
        account = Account("https://desk.example", up.port)
        await account.use(link)
        await up.says("by Ada")
        page = await Page(account).start()
        thread = await page.start_thread(up.state / "workspace")
        await page.ended(await page.start_turn(thread, PROMPT))
        await page.stop()
        status, _, _ = Account(up.origin).raw("GET", "/health", None, {})
        assert status == 421, "loopback's own name is another host"
    finally:
        await up.clean()


async def test_the_demo_stays_in_its_folder(up):
    await up.start()
    status = await Process.start("status", codex_remote(), "status", folder=up.folder, env=up.environment)
    await status.line(lambda line: line.startswith(f"{up.origin}, as "), "the demo's machine")
    assert await status.child.wait() == 0
    await up.process.stop(signal.SIGINT)
    assert list(up.person.iterdir()) == [], "nothing in the person's own home"
    assert [path.name for path in up.home.iterdir()] == ["demo"]
    for path in [up.home, *up.home.rglob("*")]:
        mode = path.lstat().st_mode
        # Codex's, git's and deno's own files lie below folders that are closed to others.
        foreign = {"codex", ".git", "deno", "data"} & set(path.relative_to(up.home).parts)
        if not foreign and not stat.S_ISLNK(mode):
            assert mode & 0o077 == 0, f"{path} is open to others"


async def test_a_signal_at_any_moment_leaves_nothing(up):
    """SIGINT as soon as each line of progress is there."""
    for words in ("Model", "Bundle", "Runtime", "Relay", "Verified", "Anchor"):
        up.process = await up.run()
        await up.says(words)
        before = up.children
        assert await up.process.stop(signal.SIGINT) == 0, words
        assert not any(runs(pid) for pid in {**before, **up.children}.values()), words
        assert not up.children, words


async def test_a_second_up_is_one_sentence(up):
    await up.start()
    other = await up.run()
    line = await other.line(lambda line: "runs already" in line and line, "a sentence")
    assert line == (f"codex-remote: codex-remote up runs already (process {up.process.pid}): "
                    f"open {up.origin}, or end it with Ctrl-C there.")
    assert await other.child.wait() == 1


async def test_a_port_in_use_is_one_sentence(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        taken.listen()
        process = await up.run()
        await process.line(
            lambda line: line == f"codex-remote: Port {up.port} is in use by another program: "
            "stop that, or choose another port with --port.", "the sentence")
        assert await process.child.wait() == 1
    assert not up.children


@pytest.mark.parametrize("options, environment, sentence", [
    (["--codex", "/nonexistent/codex"], {}, "There is no program at /nonexistent/codex"),
    ([], {"DENO": "/nonexistent/deno"}, "DENO names /nonexistent/deno, which is no program: correct or unset it."),
    ([], {"CODEX_REMOTE_HOME": "/dev/null/home"}, "set CODEX_REMOTE_HOME to"),
])
async def test_what_is_missing_is_one_sentence(up, options, environment, sentence):
    process = await up.run(*options, **environment)
    await process.line(lambda line: line.startswith("codex-remote: ") and sentence in line, sentence)
    assert await process.child.wait() == 1
    assert not up.children


async def test_a_port_of_the_system_is_refused(up):
    up.port = 80
    process = await up.run()
    await process.line(lambda line: line == "codex-remote: --port cannot be 80; use 1024 to 65535", "a sentence")
    assert await process.child.wait() == 64


async def test_an_old_codex_is_one_sentence(up):
    old = up.folder / "codex"
    old.write_text("#!/bin/sh\necho codex-cli 0.120.0\n")
    old.chmod(0o700)
    process = await up.run("--codex", str(old))
    await process.line(lambda line: "is codex 0.120.0, and codex-remote needs 0.163.0 or newer" in line, "a sentence")
    assert await process.child.wait() == 1


async def test_without_demo_it_uses_the_persons_own_codex(run, base, model):
    up = Up(Path(tempfile.mkdtemp(dir=base)), free_port(), demo=False)
    try:
        model.configure(up.person / ".codex")
        account = await claimed(up)
        assert up.children.keys() == {"relay", "app-server"}
        page = await Page(account).start()
        thread = await page.start_thread(up.folder)
        await page.ended(await page.start_turn(thread, PROMPT))
        await page.stop()
        assert (up.person / ".codex/sessions").exists()
        assert await up.process.stop(signal.SIGINT) == 0
        assert not up.children
    finally:
        await up.clean()


def test_help_and_version():
    program = codex_remote()
    for words in (["--help"], ["up", "--help"]):
        shown = subprocess.run([program, *words], capture_output=True, text=True)
        assert shown.returncode == 0 and "Examples:" in shown.stdout
        assert "--templates" not in shown.stdout
    version = subprocess.run([program, "--version"], capture_output=True, text=True)
    assert version.returncode == 0
    assert re.fullmatch(r"codex-remote \d+\.\d+\.\d+, commit ([0-9a-f]{7,}(-dirty)?|unknown), protocol \d+( to \d+)?\n",
                        version.stdout)
    wrong = subprocess.run([program, "up", "--prot", "1"], capture_output=True, text=True)
    assert wrong.returncode == 64 and "did you mean --port?" in wrong.stderr
    wrong = subprocess.run([program, "up", "--origin", "http://relay.example"], capture_output=True, text=True)
    assert wrong.returncode == 64 and "is no https origin" in wrong.stderr
