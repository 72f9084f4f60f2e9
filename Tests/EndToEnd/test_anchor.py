"""The anchor's commands: what ends what, and what people and scripts are told."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import uuid

import pytest

from support.model import hold, run, say, script
from support.page import Page
from support.processes import Process, eventually
from support.tools import codex, codex_remote


@pytest.fixture
def thread(run, page, workspace):
    return run(page.start_thread(workspace))


async def command(stack, *words: str, home=None) -> tuple[int, str, str]:
    """Runs a command to its end: its status, output and errors."""
    environment = {**os.environ, **stack.anchor.environment}
    if home:
        environment["CODEX_REMOTE_HOME"] = str(home)
    child = await asyncio.create_subprocess_exec(
        codex_remote(), *words, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    output, errors = await child.communicate()
    return child.returncode, output.decode(), errors.decode()


def alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return state != "" and not state.startswith("Z")


async def again(stack):
    """The next anchor, online, with its app-server."""
    await stack.anchor.start()
    await stack.online()
    await eventually(lambda: stack.anchor.app_server, "app-server is written down")


async def test_status_tells_people_and_scripts(page, stack):
    async def told() -> dict | None:
        status, output, _ = await command(stack, "status", "--json")
        entry = json.loads(output)[0]
        # What the anchor tells is written beside what it does.
        return entry if status == 0 and entry["appServer"] and entry.get("anchor", {}).get("sessions") else None
    entry = await eventually(told, "the session is told of")
    assert entry["origin"] == stack.origin
    assert entry["anchor"]["link"] == "connected" and entry["anchor"]["process"]["pid"] == stack.anchor.process.pid
    assert entry["anchor"]["owner"] == stack.account.user["name"]
    status, output, _ = await command(stack, "status")
    assert status == 0 and "Connected" in output and entry["fingerprint"] in output


async def test_an_interrupt_ends_anchor_and_app_server(stack):
    server = stack.anchor.app_server
    assert await stack.anchor.process.stop(signal.SIGINT) == 0
    await eventually(lambda: not alive(server), "app-server ends too")
    assert stack.anchor.app_server is None
    status, output, _ = await command(stack, "status")
    assert status == 0 and "No anchor runs" in output
    await again(stack)


async def test_a_running_turn_takes_two_interrupts(page, thread, stack, model):
    marker = uuid.uuid4().hex
    await page.start_turn(thread, script(say("before"), hold(marker), say("after")))
    await model.holding(marker)
    server = stack.anchor.app_server
    anchor = stack.anchor.process
    anchor.child.send_signal(signal.SIGINT)
    await anchor.line(lambda line: "Ctrl-C again" in line, "what a second Ctrl-C does")
    assert anchor.running and alive(server)
    assert await anchor.stop(signal.SIGINT) == 0
    await eventually(lambda: not alive(server), "app-server ends too")
    await model.release(marker)
    await again(stack)


async def test_termination_leaves_the_turn_running(page, thread, stack, workspace):
    file = workspace / uuid.uuid4().hex
    turn = await page.start_turn(thread, script(run(f"echo once >> {file}", "May I?"), say("done")))
    await page.asked(turn)
    server = stack.anchor.app_server
    assert await stack.anchor.process.stop(signal.SIGTERM) == 0
    assert alive(server) and stack.anchor.app_server == server
    status, output, _ = await command(stack, "status")
    assert "app-server" in output
    status, _, errors = await command(stack, "logout")
    assert status == 1 and "app-server runs on" in errors and "codex-remote stop" in errors
    await again(stack)
    assert stack.anchor.app_server == server
    other = await Page(stack.account).start()
    await other.request("thread/resume", threadId=thread)
    assert await other.decide(await other.asked(turn), "accept") == {"outcome": "delivered"}
    await other.ended(turn)
    assert file.read_text() == "once\n"
    await other.stop()


async def test_stop_ends_both_and_says_so(stack):
    server, anchor = stack.anchor.app_server, stack.anchor.process
    status, output, _ = await command(stack, "stop")
    assert status == 0 and "ended the anchor and codex app-server" in output
    await eventually(lambda: not anchor.running and not alive(server), "both end")
    assert (await command(stack, "stop"))[1] == "Nothing runs.\n"
    # What a killed anchor left is ended as well.
    await again(stack)
    server = stack.anchor.app_server
    await stack.anchor.kill()
    assert json.loads((await command(stack, "stop", "--json"))[1]) == [
        {"anchor": False, "appServer": True, "origin": stack.origin}]
    assert not alive(server)
    await again(stack)


async def test_a_damaged_record_keeps_no_other_anchor_running(stack):
    damaged = stack.anchor.home / "relays/another.example/machine.json"
    damaged.parent.mkdir()
    damaged.write_text("{")
    try:
        status, output, errors = await command(stack, "status")
        assert status == 1 and "Connected" in output and f"{damaged} is damaged" in errors
        status, output, errors = await command(stack, "stop")
        assert status == 1 and "ended the anchor" in output and f"{damaged} is damaged" in errors
        await eventually(lambda: not stack.anchor.process.running, "it ended")
        # A script is told of what went wrong, and of nothing else.
        assert list(json.loads((await command(stack, "stop", "--json"))[1])) == ["error"]
    finally:
        shutil.rmtree(damaged.parent)
        await again(stack)


async def test_a_second_anchor_is_refused(stack):
    status, _, errors = await command(stack, "anchor", "--codex", codex())
    assert status == 1 and str(stack.anchor.process.pid) in errors and "codex-remote stop" in errors


async def test_sign_in_by_code_and_out_again(stack, folder):
    home = folder / "laptop"
    login = await Process.start(
        "login", codex_remote(), "login", "--relay", stack.origin, "--name", "Laptop", "--json", folder=folder,
        env={"CODEX_REMOTE_HOME": str(home), "NO_COLOR": "1"})
    link = await login.line(lambda line: stack.origin + "/#code=" in line and line.strip(), "the link")
    code = link.partition("#code=")[2]
    looked = await stack.account.post("/api/code/look", code=code)
    assert looked["name"] == "Laptop"
    await login.line(lambda line: looked["fingerprint"] in line, "the key that the browser shows")
    await stack.account.post("/api/code/approve", code=code)
    said = await login.line(lambda line: line.startswith("{") and json.loads(line), "the machine")
    assert await login.child.wait() == 0 and said["name"] == "Laptop" and said["fingerprint"] == looked["fingerprint"]
    assert {"Laptop"} <= {machine["name"] for machine in await stack.account.machines()}
    assert (home / "relays").stat().st_mode & 0o777 == 0o700
    for file in home.rglob("*"):
        assert file.is_dir() or file.stat().st_mode & 0o777 == 0o600, file
    status, _, errors = await command(stack, "logout", home=home)
    assert status == 0 and "Signed out" in errors
    status, _, errors = await command(stack, "logout", home=home)
    assert status == 1 and "nothing to forget" in errors
    assert not list(home.rglob("key.der"))
    await login.clean()


async def test_what_is_missing_is_said_in_a_sentence(stack, folder):
    home = folder / "empty"
    for words, sentence in (
            (["anchor", "--codex", codex()], "signed in at no relay"),
            (["anchor", "--codex", "/nowhere/codex"], "no program at /nowhere/codex"),
            (["login"], "--relay"),
            (["login", "--relay", "http://relay.example"], "https"),
    ):
        status, _, errors = await command(stack, *words, home=home)
        assert status in (1, 64) and sentence in errors, errors
        assert errors.count("\n") <= 2, errors
