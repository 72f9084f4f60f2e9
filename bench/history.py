"""How long it takes to open a thread of 10,000 items at its end."""

import asyncio
import json

from place import stack
from results import Result, of
from screen import browser, signed_in
from support.model import say, script

TURNS, ITEMS, ROUNDS, LIMIT = 40, 250, 5, 500.0
OPENED = """new Promise((resolve, reject) => {
  const start = performance.now();
  location.hash = HASH;
  (function look() {
    const last = [...document.querySelectorAll("main *")].findLast((each) => each.childElementCount === 0 &&
      each.textContent.trim() === LAST);
    const at = last?.getBoundingClientRect();
    if (at && at.top >= 0 && at.bottom <= innerHeight) {
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    } else if (performance.now() - start > 10000) reject(new Error("the thread's end was not shown"));
    else requestAnimationFrame(look);
  })();
})"""


async def long_thread() -> list[Result]:
    times = []
    async with stack() as whole:
        async with whole.page() as page:
            thread = await page.start_thread(whole.workspace)
            says = [say(f"Answer {number} of this turn, with a *word* or two.") for number in range(ITEMS - 2)]
            for _ in range(TURNS):
                # Codex sums the thread up once it fills the model's context, and goes on.
                ended = await page.ended(await page.start_turn(thread, script(*says, say("The end."))))
                if ended["status"] != "completed":
                    raise RuntimeError(f"a turn of the thread failed: {json.dumps(ended.get('error'))}")
            machine = page.machine
        async with browser() as chromium:
            tab = await signed_in(chromium, whole)
            await tab.open(f"{whole.origin}/#/")
            await tab.until("document.querySelector('.rowbox')", "the list is shown")
            place = json.dumps(f"#/thread/{machine}/{thread}")
            for _ in range(ROUNDS + 1):
                times.append(await tab.evaluate(OPENED.replace("HASH", place).replace("LAST", '"The end."')))
                await tab.evaluate("location.hash = '#/'; 0")
                await asyncio.sleep(0.5)
    # The first time codex reads the thread from its file and the page loads the modules that show it.
    return [of("thread-10000-open", "ms", times, LIMIT)]
