"""The server ends, by a crash or in order, and starts again: the page goes on by itself."""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import Fake, Server, run_server
from tests.browser.steps import answer, ask, last_message, stored_answers, until_ended
from tests.system.program import descendants

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4 "


async def test_a_server_that_is_killed_in_mid_answer_loses_nothing_and_the_same_text_goes_on(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="resume", release=1)
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0 piece 1")
        await server.kill()
        await expect(page.locator(".waiting")).to_contain_text("Reconnecting")
        await expect(answer(page)).to_have_text("piece 0 piece 1")
    async with run_server(tmp_path, provider=fake.url, port=server.port):
        problem = last_message(page).locator(".problem")
        await expect(problem).to_contain_text("llmchat was stopped")
        await expect(page.locator(".problem:visible")).to_have_count(1)
        await expect(page.locator(".waiting")).to_be_hidden()
        kept = await answer(page).text_content()
        assert kept == "piece 0 piece 1"
        await problem.get_by_role("button", name="Continue").click()
        await expect(problem).to_be_hidden()
        await expect(answer(page)).to_have_text("piece 0 piece 1")
        await fake.order(release=0)
        await expect(answer(page)).to_have_text(WHOLE.strip())
        await expect(page.get_by_role("article", name="Answer")).to_have_count(1)
        await until_ended(page)
        (stored,) = await stored_answers(page)
    assert stored["content"] == WHOLE
    assert (await fake.told())["posts"] == 2


async def test_a_question_that_had_no_answer_yet_is_asked_again_without_a_click(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="silent")
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await ask(page, "Are you there?")
        await expect(page.locator(".waiting")).to_contain_text("Waiting for echo")
        await fake.told(asked=1)
        await server.kill()
        await expect(page.locator(".waiting")).to_contain_text("Reconnecting")
    async with run_server(tmp_path, provider=fake.url, port=server.port):
        await expect(page.locator(".waiting")).to_contain_text("Restarted. Asking again")
        await expect(page.locator(".waiting-why")).to_have_text("llmchat was started again.")
        await fake.order(release=0)
        await expect(answer(page)).to_have_text("after the silence")
        await expect(page.locator(".problem")).to_be_hidden()
    assert (await fake.told())["posts"] == 2


def _kill_workers(server: Server) -> None:
    for child in descendants(server.process.pid):
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(child, signal.SIGKILL)


async def test_an_answer_whose_worker_dies_keeps_its_text_and_is_continued(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="resume", release=1)
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0 piece 1")
        _kill_workers(server)
        problem = last_message(page).locator(".problem")
        await expect(problem).to_contain_text("worker process ended")
        await expect(answer(page)).to_have_text("piece 0 piece 1")
        await problem.get_by_role("button", name="Continue").click()
        await fake.order(release=0)
        await expect(answer(page)).to_have_text(WHOLE.strip())


async def test_a_question_whose_worker_dies_is_asked_again_and_says_why(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="silent")
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await ask(page, "Are you there?")
        await fake.told(asked=1)
        _kill_workers(server)
        await expect(page.locator(".waiting")).to_contain_text("Restarted. Asking again")
        await expect(page.locator(".waiting-why")).to_contain_text("worker process ended")
        await fake.order(release=0)
        await expect(answer(page)).to_have_text("after the silence")


async def test_a_server_that_restarts_in_order_says_so_and_every_answer_comes(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="gate")
    first, second = await context.new_page(), await context.new_page()
    one_at_a_time = {"LLMCHAT_ENDPOINT_SLOTS": "1"}
    async with run_server(tmp_path, provider=fake.url, settings=one_at_a_time) as server:
        await first.goto(server.url)
        await ask(first, "Count for me")
        await expect(answer(first)).to_have_text("piece 0")
        await second.goto(server.url)
        await ask(second, "And for me")
        await expect(second.locator(".waiting")).to_contain_text("In the queue, number 1")
        server.process.terminate()
        await fake.order(release=0)
        await server.process.wait()
        for tab in (first, second):
            await expect(tab.locator(".waiting")).to_contain_text("llmchat is restarting")
            await expect(tab.get_by_role("status")).to_contain_text("llmchat is restarting")
            await expect(tab.locator(".problem")).to_be_hidden()
    async with run_server(tmp_path, provider=fake.url, port=server.port):
        for tab in (first, second):
            await expect(answer(tab)).to_have_text(WHOLE.strip())
            await expect(tab.locator(".problem")).to_be_hidden()
    assert (await fake.told())["posts"] == 2


async def test_an_answer_that_the_server_no_longer_knows_keeps_its_text(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="resume")
    page = await context.new_page()
    async with run_server(tmp_path / "one", provider=fake.url) as server:
        await page.goto(server.url)
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0")
        await server.kill()
    async with run_server(tmp_path / "other", provider=fake.url, port=server.port):
        await expect(last_message(page).locator(".problem")).to_contain_text("no longer knows")
        await expect(answer(page)).to_have_text("piece 0")
