"""A chat is shared, read by somebody who is nobody here, and taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.attaching import attach, file
from tests.browser.conftest import ROOT, Fake, Watched
from tests.browser.sharing import make_link, open_sharing, read_shared
from tests.browser.side import open_settings
from tests.browser.steps import ask_and_wait, sticking_out, violations
from tests.browser.test_page import imported
from tests.pictures import png

pytestmark = pytest.mark.asyncio(loop_scope="session")

TITLE = "<img src=x onerror=alert(1)>"
ANSWER = (
    "# Tides\n\nThe *moon* does it: $a^2$\n\n```python\nprint(1)\n```\n\n<script>alert(2)</script>"
)


@pytest_asyncio.fixture(loop_scope="session")
async def reader(browser: Browser, watched: Watched) -> AsyncIterator[Page]:
    """Somebody else, on a phone, in the dark, who has never been here."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", locale="de-DE"
    )
    context.on("page", watched.attach)
    yield await context.new_page()
    await context.close()


async def test_a_shared_chat_is_read_until_its_link_is_revoked(
    page: Page, fake: Fake, libraries: Path, reader: Page, watched: Watched
) -> None:
    site = page.url
    await fake.order(mode="markdown", text=ANSWER)
    await ask_and_wait(page, TITLE)
    dialog = await open_sharing(page, TITLE)
    await expect(dialog.get_by_text("address of this computer alone")).to_be_visible()
    await dialog.get_by_role("combobox", name="The link expires").select_option("After 7 days")
    link = await make_link(dialog)
    assert link.startswith(f"{site}share/")
    assert await violations(page, libraries) == {}
    await expect(dialog.get_by_role("listitem")).to_contain_text("made")
    await page.keyboard.press("Escape")
    assert link not in await page.content()

    watched.requests.clear()
    await reader.goto(link)
    await expect(reader).to_have_title(f"{TITLE} · llmchat")
    await expect(reader.get_by_role("heading", name=TITLE)).to_be_visible()
    await expect(reader.get_by_text("Kopie eines Gesprächs")).to_be_visible()
    prose = reader.locator(".answer > .prose")
    await expect(prose.locator("h1, em, math, .code-head")).to_have_count(4)
    await expect(prose).to_contain_text("<script>alert(2)</script>")
    await expect(
        reader.locator("textarea, input, chat-app, nav, [role=complementary]")
    ).to_have_count(0)
    assert await sticking_out(reader) == []
    assert await violations(reader, libraries) == {}
    # Its own small entry: nothing of the app, and nothing of the API.
    asked = [url.removeprefix(site) for url in watched.requests]
    assert [url for url in asked if "api/" in url or "chat-app" in url or "main.js" in url] == []
    assert watched.foreign(site) == []
    await reader.emulate_media(media="print")
    await expect(reader.get_by_role("button")).to_have_count(0)
    await reader.emulate_media(media="screen")

    await fake.order(mode="markdown", text="LATER")
    await ask_and_wait(page, "and later?")
    await reader.reload()
    await expect(reader.get_by_role("article")).to_have_count(2)

    panel = await open_settings(page, "Sharing")
    await panel.get_by_role("button", name=f"Revoke the link to {TITLE}").click()
    await panel.get_by_role("button", name="Cancel").click()
    await panel.get_by_role("button", name=f"Revoke the link to {TITLE}").click()
    await panel.get_by_role("button", name="Revoke now").click()
    await expect(panel.get_by_role("heading", name="Links to all chats")).to_be_focused()
    await expect(panel.get_by_role("status")).to_have_text("The link leads nowhere any more.")
    await expect(panel.get_by_text("No link leads to one of your chats")).to_be_visible()
    assert watched.console == []
    answered = await reader.reload()
    assert answered is not None
    assert answered.status == 404
    await expect(reader.get_by_role("heading")).to_have_text("Dieser Link führt nirgendwo mehr hin")
    await expect(reader).to_have_title("Dieser Link führt nirgendwo mehr hin · llmchat")
    assert await violations(reader, libraries) == {}
    watched.console.clear()  # the browser names what was not found


async def test_a_copy_goes_on_as_a_chat_of_the_readers_own(page: Page, fake: Fake) -> None:
    await attach(page, file("picture.png", png(40, 30), "image/png"))
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    dialog = await open_sharing(page, "2 + 2?")
    bare = await make_link(dialog)
    for what in ("reasoning", "files"):
        await dialog.get_by_role("switch", name=f"Include {what}").click()
    link = await make_link(dialog)
    assert link != bare
    await expect(dialog.get_by_role("listitem").first).to_contain_text(
        "with reasoning · with files"
    )
    await read_shared(page, bare)
    await expect(page.get_by_text("1 file is not part of this copy.")).to_be_visible()
    await expect(page.locator("summary, img")).to_have_count(0)
    await read_shared(page, link)
    await page.get_by_text("Thought").click()
    await expect(page.get_by_text("Let me think.")).to_be_visible()
    picture = page.get_by_role("link", name="picture.png").locator("img")
    await expect(picture).to_have_js_property("naturalWidth", 40)
    await page.get_by_role("button", name="Continue in llmchat").click()
    await expect(page.locator("chat-message")).to_have_count(2)
    await fake.order(mode="echo")
    await ask_and_wait(page, "and 3 + 3?")
    told = await fake.told(2)
    assert [one["role"] for one in told["requests"][-1]["body"]["messages"]] == [
        "user",
        "assistant",
        "user",
    ]


async def test_a_reader_without_a_server_is_told_and_tries_again(
    page: Page, watched: Watched
) -> None:
    await ask_and_wait(page, "hello")
    link = await make_link(await open_sharing(page, "hello"))
    reached: list[bool] = []

    async def fail_once(route: Route) -> None:
        await (route.fallback() if reached else route.abort())
        reached.append(True)

    await page.route("**/data", fail_once)
    await page.goto(link)
    await expect(page.get_by_role("heading")).to_contain_text("does not answer")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="hello")).to_be_visible()
    watched.console.clear()  # the browser names the request that failed


async def test_the_page_of_a_link_preloads_what_it_needs_at_once(page: Page) -> None:
    static = ROOT / "static"
    needed: set[Path] = {static / "js/words/en.js", static / "js/words/share/en.js"}
    for name in ("share", "shared"):
        imported(static / f"js/{name}.js", needed)
    modules = {path.relative_to(static).as_posix() for path in needed}
    text = (static / "share.html").read_text(encoding="utf-8")
    preloaded = re.findall(r'rel="modulepreload" href="\.\./s/@HASH@/(.+?)"', text)
    assert preloaded == sorted(modules)
    assert "js/elements/chat-app.js" not in modules
