"""A long chat: what is far from the reader costs two nodes a message, and is all there."""

import json

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.side import titles

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = 400
NODES = """() => [...document.querySelectorAll("chat-message.bare")].map((one) =>
  [one.childNodes.length, one.firstChild.nodeType === Node.TEXT_NODE, one.textContent])"""


async def _open(page: Page) -> None:
    """A chat of questions and answers that are numbered."""
    messages = [
        {
            "uuid": f"m{number}",
            "sender": "assistant" if number % 2 else "human",
            "content": [
                {"type": "text", "text": f"{'**said**' if number % 2 else 'asked'} {number}"}
            ],
        }
        for number in range(COUNT)
    ]
    chat = {
        "uuid": "u1",
        "name": "Long",
        "created_at": "2026-01-01T10:00:00Z",
        "updated_at": "2026-01-01T10:00:00Z",
        "chat_messages": messages,
    }
    content = json.dumps([chat]).encode()
    file: FilePayload = {"name": "c.json", "mimeType": "application/json", "buffer": content}
    reply = await page.request.post(f"{page.url}api/import", multipart={"file": file})
    assert reply.status == 202, await reply.text()
    await expect(titles(page)).to_have_text(["Long"])
    await page.get_by_role("link", name="Long").click()
    await expect(page.locator("chat-message")).to_have_count(COUNT)


async def test_a_message_that_is_far_away_is_two_nodes_with_its_whole_text(page: Page) -> None:
    await _open(page)
    await expect(page.locator("chat-message").last.locator("strong")).to_have_text("said")
    bare = await page.evaluate(NODES)
    assert len(bare) > COUNT / 2
    assert all(count == 1 and is_text for count, is_text, _ in bare)
    assert [text for _, _, text in bare[:2]] == ["asked 0", "**said** 1"]
    first = page.get_by_role("article", name="Your message").first  # for those who hear the page
    await expect(first).to_have_text("asked 0")


async def test_it_is_whole_when_it_comes_near(page: Page) -> None:
    await _open(page)
    question, answer = (page.locator("chat-message").nth(index) for index in range(2))
    await expect(question.locator("user-message")).to_have_count(0)
    await page.get_by_role("log").focus()
    await page.keyboard.press("Home")
    await expect(answer.locator("strong")).to_have_text("said")
    await expect(answer).not_to_have_attribute("role", "article")  # its <article> is one
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    await expect(question.get_by_role("textbox")).to_have_value("asked 0")
