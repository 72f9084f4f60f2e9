"""What several tests of accounts do."""

import re

from .client import Client, expect
from .totp import App

RECOVERY_CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}-[A-Z]{4}$")
LOOPBACK = "the relay’s own computer"


async def turn_on_codes(client: Client) -> tuple[App, list[str]]:
    """Sets up one-time codes, and keeps the recovery codes."""
    await client.settings("security")
    await client.tap("Set up one-time codes")
    await expect(client.sheet.get_by_role("img", name="QR code with the key")).to_be_visible()
    app = App(await client.sheet.locator("code").text_content())
    await client.sheet.get_by_role("textbox", name="Code that the app shows").fill(app.code())
    await client.sheet.get_by_role("button", name="Turn on").click()
    await expect(client.sheet.get_by_text(RECOVERY_CODE)).to_have_count(10)
    codes = await client.sheet.get_by_text(RECOVERY_CODE).all_text_contents()
    await client.sheet.get_by_role("checkbox", name="I have kept them").check()
    await client.confirm("Done")
    return app, codes


async def kept_nowhere(client: Client, *secrets: str):
    """No secret is in the page, its address, its storage or its console."""
    found = await client.page.evaluate("""async () => {
      const all = [location.href, document.documentElement.textContent, JSON.stringify({...localStorage, ...sessionStorage}),
                   JSON.stringify(history.state)];
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
        for (const store of db.objectStoreNames) {
          all.push(JSON.stringify(await new Promise((ok) => {
            const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => ok(r.result); })));
        }
        db.close();
      }
      return all.join("\\n");
    }""") + "\n".join(client.tab.console)
    for secret in secrets:
        assert secret not in found


async def databases(client: Client) -> list[str]:
    """What the browser keeps of a user."""
    names = await client.page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))")
    return [name for name in names if name.startswith("codex-remote/")]
