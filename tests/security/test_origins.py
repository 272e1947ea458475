"""T-CSRF and T-REBIND: pages of other origins in a real browser, by every way that a page has to
send something: nothing is changed, nothing is read, and our own page works beside them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import Fake, Server, chromium, run_server
from tests.browser.steps import answer, ask_and_wait
from tests.security.conftest import Tell

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

EVIL = "evil.test"

# What a page can try. Each attempt says what it saw, which must be nothing.
ATTEMPTS = """async (url) => {
  const body = JSON.stringify({ content: "sent by another page" })
  const seen = {}
  const attempt = async (name, path, options) => {
    try {
      const reply = await fetch(url + path, { credentials: "include", ...options })
      seen[name] = reply.type === "opaque" ? "opaque" : `${reply.status} ${await reply.text()}`
    } catch {
      seen[name] = "refused"
    }
  }
  const post = (type, more) =>
    ({ method: "POST", headers: { "Content-Type": type }, body, ...more })
  await attempt("plain", "chat", post("text/plain", { mode: "no-cors" }))
  await attempt("form", "chat", post("application/x-www-form-urlencoded", { mode: "no-cors" }))
  await attempt("json", "chat", post("application/json"))
  await attempt("unasked json", "chat", { method: "POST", body, mode: "no-cors" })
  const form = new FormData()
  form.append("file", new Blob(["text of another page"]), "a.txt")
  await attempt("upload", "api/files", { method: "POST", body: form, mode: "no-cors" })
  await attempt("import", "api/import", { method: "POST", body: form, mode: "no-cors" })
  await attempt("delete", "api/conversations?all=true", { method: "DELETE" })
  await attempt("settings", "api/settings", { ...post("application/json"), method: "PATCH" })
  await attempt("list", "api/conversations", {})
  await attempt("opaque list", "api/conversations", { mode: "no-cors" })
  await attempt("export", "api/export", { mode: "no-cors" })
  const unsaid = { mode: "no-cors", referrerPolicy: "no-referrer" }
  await attempt("no referrer", "api/conversations", unsaid)
  navigator.sendBeacon(url + "chat", new Blob([body], { type: "text/plain" }))
  const loaded = (tag, path) => new Promise((resolve) => {
    const one = document.createElement(tag)
    one.onload = () => resolve("loaded")
    one.onerror = () => resolve("refused")
    try {
      one.src = url + path
    } catch {
      resolve("refused") // by our own policy, which the refusal has, too
    }
    document.body.append(one)
  })
  seen.image = await loaded("img", "api/conversations")
  seen.script = await loaded("script", "api/conversations")
  seen.stream = await new Promise((resolve) => {
    const source = new EventSource(url + "api/changes")
    source.onopen = () => resolve("opened")
    source.onerror = () => { source.close(); resolve("refused") }
  })
  const target = document.createElement("iframe")
  target.name = "target"
  document.body.append(target)
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const done = new Promise((resolve) => { target.onload = resolve })
    const sent = document.createElement("form")
    Object.assign(sent, { method: "post", enctype: type, action: url + "chat", target: "target" })
    sent.append(Object.assign(document.createElement("input"), { name: body, value: "" }))
    document.body.append(sent)
    sent.submit()
    await done
  }
  return seen
}"""


@dataclass
class Answers:
    """The status of all that llmchat has answered to a page, whatever the page was told of it."""

    found: list[int] = field(default_factory=list)

    @classmethod
    async def of(cls, page: Page) -> Answers:
        answers = cls()
        session = await page.context.new_cdp_session(page)
        session.on(
            "Network.responseReceivedExtraInfo",
            lambda told: answers.found.append(told["statusCode"]),
        )
        await session.send("Network.enable")
        return answers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(provider: Fake, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with run_server(tmp_path_factory.mktemp("origins"), provider=provider.url) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside() -> AsyncIterator[int]:
    """The port of another site: a page, and one that holds it in a sandbox."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>other</title>", content_type="text/html")

    async def sandbox(_request: web.Request) -> web.Response:
        text = "<!doctype html><iframe sandbox='allow-scripts allow-forms' src='/'></iframe>"
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/sandbox", sandbox)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def resolving() -> AsyncIterator[Browser]:
    """A browser for which the names of others lead to this machine."""
    rules = f"MAP {EVIL} 127.0.0.1"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", f"--host-resolver-rules={rules}"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def kept(resolving: Browser, own: Server, fake: Fake) -> AsyncIterator[Page]:
    """Our own page, with a chat that must still be there in the end, and nothing beside it."""
    await own.forget_all()
    context = await resolving.new_context()
    page = await context.new_page()
    await page.goto(own.url)
    await ask_and_wait(page, "keep this")
    while busy(before := await state(own)):  # our own page has yet to say that it was read
        pass
    yield page
    assert await state(own) == before
    assert (await fake.told())["posts"] == 1
    await page.reload()
    await expect(answer(page)).to_have_text("keep this")
    await context.close()


def busy(found: list[Any]) -> bool:
    """Whether a chat of a list is still being written, or read."""
    return any(one["unread"] or one["running"] for one in found[0]["items"])


async def state(server: Server) -> list[Any]:
    """All that a page could have changed."""
    async with ClientSession(server.url) as session:
        found = []
        for path in ("api/conversations", "api/settings", "api/jobs?state=all", "api/endpoints"):
            async with session.get(f"/{path}") as reply:
                assert reply.status == 200
                found.append(await reply.json())
    return found


@pytest.mark.parametrize("origin", [EVIL, "127.0.0.1", "localhost", "sandbox"])
async def test_a_page_of_another_origin_changes_and_reads_nothing(
    kept: Page, own: Server, outside: int, origin: str, tell: Tell
) -> None:
    page = await kept.context.new_page()
    place = f"http://{EVIL if origin == 'sandbox' else origin}:{outside}/"
    await page.goto(place + ("sandbox" if origin == "sandbox" else ""))
    frame = page.frames[-1]
    answers = await Answers.of(page)
    seen = await frame.evaluate(ATTEMPTS, own.url)
    assert set(seen.values()) <= {"opaque", "refused"}, seen
    assert len(answers.found) >= 10
    assert set(answers.found) == {403}
    await page.close()
    tell(f"from {origin}: {len(seen) + 4} ways tried, {len(answers.found)} answers, none but 403")


async def test_a_name_that_was_rebound_gets_nothing(kept: Page, own: Server, tell: Tell) -> None:
    page = await kept.context.new_page()
    answers = await Answers.of(page)
    url = f"http://{EVIL}:{own.port}/"
    response = await page.goto(url)
    assert response is not None
    assert response.status == 421
    seen = await page.evaluate(ATTEMPTS, url)
    assert not any("keep this" in told or "conversation" in told for told in seen.values()), seen
    assert len(answers.found) >= 15
    assert set(answers.found) == {421}
    await page.close()
    tell(f"by a rebound name: {len(seen) + 4} ways tried, {len(answers.found)} answers, all 421")


async def test_a_link_to_the_page_is_followed(kept: Page, own: Server, outside: int) -> None:
    """Else nobody could come from a bookmark or a search; what it shows needs our own origin."""
    page = await kept.context.new_page()
    await page.goto(f"http://{EVIL}:{outside}/")
    await page.evaluate("(url) => { location = url }", own.url)
    await expect(page.locator(".chat-item")).to_have_count(1)
    await page.close()
