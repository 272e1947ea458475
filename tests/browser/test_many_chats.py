"""Ten thousand chats: the list is read as it is scrolled, and no row is ever made anew."""

import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from llmchat.domain.conversation import Conversation, ConversationId
from llmchat.storage.conversations import insert_conversation
from llmchat.storage.database import Database
from tests.browser.conftest import Fake, run_server
from tests.browser.side import row, titles

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = 10_000
PAGE = 50
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


@pytest_asyncio.fixture(loop_scope="session")
async def many(browser: Browser, fake: Fake, tmp_path: Path) -> AsyncIterator[Page]:
    """The page of a server that has so many chats."""
    database = Database.open(tmp_path / "llmchat.db")
    await database.write(_fill)
    await database.close()
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(_COUNT_CHANGES)
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await expect(titles(page).first).to_have_text(f"chat {COUNT - 1}")
        yield page
    await context.close()


# What is done in the list is counted, since how long it takes says more of the machine.
_COUNT_CHANGES = """
  window.changes = { rows: 0, other: 0 }
  new MutationObserver((all) => all.forEach(({ type, target, addedNodes, removedNodes }) => {
    if (!target.closest?.("chat-list")) return
    const touched = [...addedNodes, ...removedNodes].filter((one) => one.matches?.(".chat-item"))
    if (type === "childList" && target.matches("ul")) changes.rows += touched.length
    else changes.other++
  })).observe(document, { subtree: true, childList: true, attributes: true })
"""

_SCROLL_THROUGH = """async () => {
  const [box, list] = [".chat-scroll", "chat-list"].map((one) => document.querySelector(one))
  const whole = () => document.querySelector(".list-end").dataset.state === "whole"
  const count = () => list.querySelectorAll(".chat-item").length
  let most = 0
  while (!whole()) {
    const [before, work] = [count(), changes.rows + changes.other]
    await new Promise((done) => {
      const look = () => {
        box.scrollTo(0, 1e9)
        whole() || count() > before ? done() : requestAnimationFrame(look)
      }
      look()
    })
    await new Promise(requestAnimationFrame)
    most = Math.max(most, (changes.rows + changes.other - work) / Math.max(1, count() - before))
  }
  return most
}"""


async def _changes_of(page: Page) -> dict[str, int]:
    counted: dict[str, int] = await page.evaluate("changes")
    return counted


async def test_ten_thousand_chats_are_read_page_by_page(many: Page) -> None:
    page = many
    first = await row(page, "chat 0").element_handle()
    assert first is not None
    assert await titles(page).count() < 6 * PAGE
    headings = await page.locator(".chat-day").all_text_contents()
    assert headings[:4] == ["Pinned", "Today", "Yesterday", "Last 7 days"]
    most = await page.evaluate(_SCROLL_THROUGH)
    shown = await titles(page).all_text_contents()
    assert len(shown) == len(set(shown)) == COUNT
    assert await first.evaluate("(one) => one.isConnected")
    assert (await _changes_of(page))["rows"] <= COUNT + 1  # each was put in its place once
    assert most < 6  # changes for each row of a page, however many there are already
    assert await page.evaluate("document.querySelectorAll('*').length") < 7 * COUNT

    await page.locator(".chat-scroll").evaluate("(one) => one.scrollTo(0, one.scrollHeight / 2)")
    await page.evaluate(
        "(id) => fetch(`api/conversations/${id}`, { method: 'PATCH',"
        " headers: { 'content-type': 'application/json' }, body: '{\"title\": \"renamed\"}' })",
        f"{COUNT // 2:032x}",
    )
    before = await _changes_of(page)
    await expect(row(page, "renamed")).to_have_count(1)
    after = await _changes_of(page)
    assert after["rows"] == before["rows"]
    assert after["other"] - before["other"] < 10


async def test_groups_out_of_view_are_not_laid_out_and_are_as_high_as_if_they_were(
    many: Page,
) -> None:
    while await titles(many).count() < 20 * PAGE:
        before = await titles(many).count()
        await many.locator(".chat-scroll").evaluate("(one) => one.scrollTo(0, 1e9)")
        await expect(titles(many).nth(before)).to_be_attached()
    await many.locator(".chat-scroll").evaluate("(one) => one.scrollTo(0, 0)")
    await many.wait_for_function(
        """() => !document.querySelector("chat-list > section:last-of-type .chat-link")
          .checkVisibility({ contentVisibilityAuto: true })"""
    )
    estimated, laid_out = await many.evaluate(
        """() => {
          const groups = [...document.querySelectorAll("chat-list > section")]
          const height = (one) => Math.round(one.getBoundingClientRect().height)
          const before = groups.map(height)
          groups.forEach((one) => one.style.setProperty("content-visibility", "visible"))
          return [before, groups.map(height)]
        }"""
    )
    assert estimated == laid_out


async def test_a_chat_is_deleted_at_once_among_ten_thousand(many: Page) -> None:
    page = many
    title = await titles(page).nth(40).text_content()
    assert title is not None
    late = await page.evaluate(
        """async () => {
          const row = document.querySelectorAll(".chat-item")[40]
          row.querySelector("a").focus()
          const began = performance.now()
          row.querySelector("a").dispatchEvent(
            new KeyboardEvent("keydown", { key: "Delete", bubbles: true }))
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
          return performance.now() - began
        }"""
    )
    await expect(row(page, title)).to_have_count(0)
    assert late < MOST_LATE_MS
