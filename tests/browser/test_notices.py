"""What the server has to say to people: shown until put away, marked until it is over."""

import asyncio
import resource
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Server, Watched, run_server
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _leave_room(server: Server, size: int) -> None:
    """No file of the server may grow beyond this size: its disk is full, or has room again."""
    limits = (size, resource.RLIM_INFINITY)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)


async def _open(context: BrowserContext, server: Server) -> Page:
    page = await context.new_page()
    await page.goto(server.url)
    return page


async def test_a_full_disk_is_told_and_the_question_can_be_sent_again(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    async with run_server(tmp_path, provider=fake.url) as server:
        page = await _open(context, server)
        await ask_and_wait(page, "hello")
        _leave_room(server, 1)
        await ask(page, "one more")
        problem = last_message(page).locator(".problem")
        await expect(problem).to_contain_text("The disk is full")
        banner = page.locator(".server-notice")
        await expect(banner).to_contain_text("Free some space")
        await expect(page.get_by_role("article", name="Your message").last).to_have_text("one more")
        _leave_room(server, resource.RLIM_INFINITY)
        await expect(problem.get_by_role("button", name="Continue")).to_have_count(0)
        await _until_there_is_room(page, server)
        await problem.get_by_role("button", name="Try again").click()
        await expect(answer(page)).to_have_text("one more")
        await page.reload()
        await expect(composer(page)).to_be_visible()
        await expect(banner).to_have_count(0)
        # Before the server goes: the page would miss it.
        assert [one for one in watched.console if "507" not in one] == []


async def _until_there_is_room(page: Page, server: Server) -> None:
    """The server looks every few seconds."""
    while True:
        models = await page.request.get(f"{server.url}models")
        if not (await models.json())["notices"]:
            return
        await asyncio.sleep(0.1)


async def test_a_notice_that_was_put_away_leaves_a_mark_that_brings_it_back(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    async with run_server(tmp_path, provider=fake.url) as server:
        page = await _open(context, server)
        banner, mark = page.locator(".server-notice"), page.locator(".notices-button")
        _leave_room(server, 1)
        await ask(page, "hello")
        await expect(banner).to_be_visible()
        await expect(mark).to_be_hidden()
        assert await violations(page, libraries) == {}
        await page.get_by_role("button", name="Put this notice away").click()
        await expect(banner).to_be_hidden()
        await expect(mark).to_be_focused()
        assert await violations(page, libraries) == {}
        await page.reload()  # it is not over, so it is told again
        await expect(banner).to_be_visible()
        await page.get_by_role("button", name="Put this notice away").click()
        await page.keyboard.press("Enter")
        await expect(banner).to_be_visible()
        await expect(page.get_by_role("button", name="Put this notice away")).to_be_focused()
