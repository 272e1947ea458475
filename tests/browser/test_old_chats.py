"""Chats that versions before this store kept in the browser come to the server, whole and once."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Watched
from tests.browser.steps import answer, last_message, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")

ID = "0123456789abcdef01234567"
KEPT = f"localStorage.getItem('llmchat.chat.{ID}')"


def _reply(content: str, **members: object) -> dict[str, Any]:
    timings = {"queue_seconds": 0, "first_token_seconds": 0.5, "total_seconds": 2.5}
    usage = {"prompt_tokens": 3, "completion_tokens": 21}
    done = {"finish_reason": "stop", "usage": usage, "timings": timings, "model": "old-model"}
    return {
        "content": content,
        "reasoning": "",
        "thoughtSeconds": None,
        "tools": [],
        "last": "1-9",
        "status": None,
        "usage": usage,
        "done": done,
        "failed": None,
        "before": None,
        **members,
    }


def _answer(number: int, reply: dict[str, Any], *earlier: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "role": "assistant",
        "model": None,
        "key": f"k{number}",
        "job": f"gone-{number}",
        "asked": 1_700_000_000_000 + number,
        "reply": reply,
        "earlier": list(earlier),
    }


def _chat() -> dict[str, Any]:
    cut = {"content": "It is ", "reasoning": "Hm.", "thoughtSeconds": 2}
    unfinished = _reply("half an ans", done=None, usage=None)
    return {
        "id": ID,
        "title": "Which tea?",
        "updated": 1_700_000_009_000,
        "messages": [
            {"id": "q1", "role": "user", "content": "Which **tea**?"},
            _answer(1, _reply("green.", before=cut), _reply("Black.")),
            {"id": "q2", "role": "user", "content": "Why?"},
            _answer(2, unfinished),
        ],
    }


def _forget_unknown_jobs(watched: Watched) -> None:
    """The browser tells of the answers that the server was asked for and does not know."""
    assert all("404" in one for one in watched.console)
    watched.console.clear()


async def _load(page: Page) -> None:
    await page.evaluate(
        "([key, text]) => localStorage.setItem(key, text)",
        [f"llmchat.chat.{ID}", json.dumps(_chat())],
    )
    await page.evaluate("localStorage.setItem('llmchat.draft.' + '" + ID + "', 'and then')")
    await page.reload()


async def test_an_old_chat_is_brought_with_its_thoughts_numbers_and_versions(
    page: Page, watched: Watched
) -> None:
    await _load(page)
    await expect(page.locator(".notice")).to_contain_text("kept by the server now")
    await page.get_by_role("link", name="Which tea?").click()
    await expect(answer(page)).to_have_text("half an ans")
    await expect(last_message(page).get_by_role("button", name="Continue")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("and then")
    first = page.get_by_role("article", name="Answer").first
    await expect(first.locator(".prose").last).to_have_text("It is green.")
    await expect(first.locator(".stats")).to_contain_text("old-model · 21 tokens")
    await expect(first.locator("summary")).to_contain_text("Thought")
    await first.get_by_role("button", name="Earlier answer").click()
    await expect(answer(page)).to_have_text("Black.")
    assert await page.evaluate(KEPT) is None
    chat = await stored(page)
    assert chat["id"] == ID
    assert chat["updated"] == 1_700_000_009_000
    assert [one["content"] for one in chat["messages"]] == [
        *("Which **tea**?", "Black.", "It is green.", "Why?", "half an ans"),
    ]
    _forget_unknown_jobs(watched)


async def test_an_old_chat_that_comes_again_is_not_there_twice(
    page: Page, watched: Watched
) -> None:
    await _load(page)
    await expect(page.locator(".notice")).to_contain_text("kept by the server now")
    await _load(page)
    await expect(page.locator(".notice")).to_contain_text("kept by the server now")
    await expect(page.get_by_role("link", name="Which tea?")).to_have_count(1)
    assert await page.evaluate(KEPT) is None
    _forget_unknown_jobs(watched)


async def test_an_old_chat_that_cannot_be_brought_stays_where_it_is(
    page: Page, watched: Watched
) -> None:
    async def refuse(route: Route) -> None:
        problem = {"code": "storage-full", "detail": "The disk is full.", "status": 507}
        await route.fulfill(status=507, json=problem)

    await page.route("**/api/import", refuse)
    await _load(page)
    await expect(page.locator(".notice")).to_contain_text("could not be brought")
    kept = await page.evaluate(KEPT)
    assert json.loads(kept) == _chat()
    await page.unroute_all()
    await page.reload()
    await expect(page.locator(".notice")).to_contain_text("kept by the server now")
    watched.console.clear()  # the browser tells of the refusal
