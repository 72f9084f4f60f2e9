"""The page under what networks, machines and languages do to it."""

import os
import random
import uuid

import pytest

from support.client import expect
from support.model import run, say, script, tokens
from support.processes import eventually
from support.proxy import Breaker

FULL = bool(os.environ.get("TEST_FULL"))
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))


@pytest.fixture
def title():
    return f"Task {uuid.uuid4().hex[:8]}"


@pytest.mark.limit(600)
async def test_text_on_the_screen_is_whole_whatever_is_cut(ada, unclaimed, title):
    """The browser's link breaks while 5,000 tokens stream, at random bytes, some of them half-open."""
    print(f"SEED={SEED}")
    count = 5000
    await ada.start(script(tokens(count, rate=200), title=title))
    await ada.shows_token(1)
    proxy = unclaimed.browsers
    if not FULL:
        # One half-open link: bytes vanish and nothing closes; the page has 15 s to find out.
        await ada.is_connected()
        for connection in proxy.open:
            connection.blackhole()
    # Not without end: a frame may be three times as long as what a broken connection lets pass.
    breaker = Breaker(proxy, random.Random(SEED), 500, 20_000, half_open=0.1 if FULL else 0, enough=60 if FULL else 15)
    if FULL:
        proxy.cut()
    try:
        await ada.shows_token(count, timeout=400_000)
    finally:
        breaker.active = False
    await ada.is_done()
    await ada.is_connected()
    print(f"{breaker.cuts} cuts")
    assert breaker.cuts > 0
    await ada.shows_tokens(count)


HOSTILE = """<script>window.broken = 1</script><img src=x onerror="window.broken = 1"><svg onload=alert(1)>

![remote](https://tracker.example/pixel.png) <https://tracker.example/a> [script](javascript:window.broken=1)
[data](data:text/html,<script>1</script>) [odd]( java\tscript:1 ) &lt;b&gt;

| <b>a</b> | b |
|---|---|
| <iframe src="https://tracker.example"> | `<i>` |

"""


async def responsive(page):
    """The page draws a frame: nothing holds it for good."""
    await page.evaluate("""() => Promise.race([
        new Promise((resolve) => requestAnimationFrame(resolve)),
        new Promise((_, reject) => setTimeout(() => reject(new Error("no frame within 60 s")), 60000))])""")


@pytest.mark.parametrize("name, text", [
    ("markup", HOSTILE),
    ("nested quotes", "> " * 3000 + "deep"),
    ("nested lists", "\n".join("  " * depth + "- item" for depth in range(300))),
    ("emphasis", "*a **b " * 5000),
    ("brackets", "[" * 20_000 + "](" * 20_000),
    ("a fence that never ends", "```\n" + "x" * 100_000),
    ("a long line", "w" * 200_000),
    ("a wide table", "|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n" + ("|" + "b|" * 3000 + "\n") * 5),
    ("bidirectional", "\u202egnp.exe\u202c \u2066x\u2069 \u0000 \ufffe zero\u200bwidth"),
])
async def test_hostile_text_stays_text(ada, title, name, text):
    await ada.start(script(say(text), say("The end of it."), title=title))
    await ada.shows("The end of it.")
    await responsive(ada.page)
    assert await ada.page.evaluate("window.broken") is None
    assert ada.tab.foreign == [] and ada.tab.problems == []
    assert await ada.main.locator("script, iframe, img[src^=http], [onerror], [onload]").count() == 0
    for link in await ada.main.get_by_role("link").all():
        assert (await link.get_attribute("href") or "").split(":")[0] in ("#", "https", "http", "mailto") or \
            (await link.get_attribute("href")).startswith("#")


async def test_hostile_output_of_a_command(ada, workspace, title):
    """Escape sequences by the ten thousand, moves of the cursor, a title, a link, a clear."""
    file = workspace / "bomb"
    file.write_text("\x1b[31m\x1b[1mx\x1b[0m" * 20_000 + "\x1b]0;title\x07\x1b]8;;javascript:1\x07link\x1b]8;;\x07"
                    + "\x1b[2J\x1b[H\x1b[9999999999999mA\x1b[?1049h" + "\r\b" * 10_000 + "<b>bold</b>\n")
    await ada.start(script(run(f"cat {file}"), say("Printed."), title=title))
    await ada.shows("Printed.")
    await ada.main.get_by_role("group").filter(has_text="cat ").locator("summary").first.click()
    await responsive(ada.page)
    assert await ada.main.locator("b").count() == 0
    assert ada.tab.foreign == [] and ada.tab.problems == []


async def test_codex_says_what_stopped_it(ada, title):
    await ada.start(script({"error": "usage"}, title=title))
    await expect(ada.main.get_by_text("usage limit").first).to_be_visible()
    await ada.start(script(say("Begin"), {"error": "cut"}, title=f"{title} cut"))
    await expect(ada.main.get_by_text("Failed").filter(visible=True).first).to_be_visible()


async def test_the_page_speaks_russian(ada, chromium, title):
    """In the browser's language, without a word of English left on the main pages."""
    await ada.start(script(run("true", "Можно?"), say("Готово."), title=title))
    await expect(ada.card("Можно?")).to_be_visible()
    tab = await chromium.tab(locale="ru-RU")
    try:
        await tab.adopt(await ada.tab.credentials())
        await tab.page.goto(ada.stack.origin)
        await expect(tab.page.get_by_role("heading", name="Задачи", level=1).or_(
            tab.page.get_by_role("heading", name="Треды", level=1))).to_be_visible()
        assert await tab.page.evaluate("document.documentElement.lang") == "ru"
    finally:
        await tab.close()
    await ada.decide(ada.card("Можно?"), "Approve")
    await eventually(lambda: ada.says("Готово.").is_visible(), "it goes on")
