"""Ten thousand chats: the list is read as it is scrolled, and no row is ever made anew."""

import sqlite3
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from llmchat.domain.conversation import Conversation, ConversationId
from llmchat.storage.conversations import insert_conversation
from llmchat.storage.database import Database
from tests.browser.conftest import Fake, run_server
from tests.browser.side import row, titles

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = 10_000
READ = 1_000  # of them by scrolling
HOUR_MS = 3_600_000
MOST_LATE_MS = 2_000  # a busy machine; some 30 ms on an idle one


def _fill(connection: sqlite3.Connection) -> None:
    now = int(time.time() * 1000)
    for number in range(COUNT):
        updated = now - number * 2 * HOUR_MS
        one = Conversation(
            ConversationId(f"{COUNT - number:032x}"),
            f"chat {number}",
            updated,
            updated,
            pinned=number == COUNT - 1,
        )
        insert_conversation(connection, "", one)


async def test_ten_thousand_chats_are_read_page_by_page(
    browser: Browser, fake: Fake, tmp_path: Path
) -> None:
    database = Database.open(tmp_path / "llmchat.db")
    await database.write(_fill)
    await database.close()
    context = await browser.new_context()
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await expect(titles(page).first).to_have_text(f"chat {COUNT - 1}")
        first = await row(page, "chat 0").element_handle()
        assert first is not None
        assert await titles(page).count() < 300
        headings = await page.locator(".chat-day").all_text_contents()
        assert headings[:4] == ["Pinned", "Today", "Yesterday", "Last 7 days"]
        shown = 0
        while shown < READ:
            before = shown
            await page.locator(".chat-scroll").evaluate("(one) => one.scrollTo(0, 1e9)")
            await expect(titles(page).nth(before)).to_be_attached()
            shown = await titles(page).count()
        assert await first.evaluate("(one) => one.isConnected")
        assert len(set(await titles(page).all_text_contents())) == shown
        late = await page.evaluate(
            """async () => {
              const row = document.querySelectorAll(".chat-item")[500]
              row.querySelector("a").focus()
              const began = performance.now()
              row.querySelector("a").dispatchEvent(
                new KeyboardEvent("keydown", { key: "Delete", bubbles: true }))
              await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
              return performance.now() - began
            }"""
        )
        await expect(titles(page)).to_have_count(shown - 1)
        print(f"deleting one of {shown} took {late:.0f} ms to the next frame")  # noqa: T201
        assert late < MOST_LATE_MS
    await context.close()
