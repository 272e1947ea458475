"""The line under a question: what is waited for, exact to the second, and nothing that moves."""

import re
import socket
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.steps import answer, ask, ask_and_wait, last_message, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONE_AT_A_TIME = {"LLMCHAT_ENDPOINT_SLOTS": "1"}
HEAR = """() => {
  window.heard = []
  const region = document.querySelector(".announcer-status")
  new MutationObserver(() => heard.push(region.textContent)).observe(region, { childList: true })
}"""


def _line(page: Page) -> Locator:
    return page.locator(".waiting")


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


async def test_waiting_counts_by_itself_and_is_announced_once(page: Page, fake: Fake) -> None:
    await page.clock.install()
    await page.evaluate(HEAR)
    await fake.order(mode="silent")
    await ask(page, "Are you there?")
    await expect(_line(page)).to_contain_text("Waiting for echo")
    await page.clock.run_for(20_000)
    await expect(_line(page)).to_contain_text("Waiting for echo · 2")
    await page.clock.run_for(50_000)
    await expect(_line(page)).to_contain_text("Waiting for echo · 1 min 1")
    assert await page.evaluate("heard") == ["Asking", "Waiting for echo"]


async def test_the_place_in_the_queue_is_told_with_an_estimate_and_can_be_given_up(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    async with run_server(tmp_path, provider=fake.url, settings=ONE_AT_A_TIME) as server:
        first, second, third = [await context.new_page() for _ in range(3)]
        for tab in (first, second, third):
            await tab.goto(server.url)
        await fake.order(mode="paced")
        await ask_and_wait(first, "How long do you take?")  # so that there is something to estimate
        await fake.order(mode="gate")
        await ask(first, "Count for me")
        await expect(answer(first)).to_have_text("piece 0")
        await ask(second, "And for me")
        await expect(_line(second)).to_contain_text("In the queue, number 1, about ")
        await ask(third, "For me too")
        await expect(_line(third)).to_contain_text("In the queue, number 2, about ")
        await second.get_by_role("button", name="Stop").click()
        await expect(last_message(second)).to_contain_text("Stopped.")
        await expect(_line(third)).to_contain_text("In the queue, number 1")
        await fake.order(release=0, mode="echo")
        await expect(answer(third)).to_have_text("For me too")
        assert (await fake.told())["posts"] == 3
        await second.get_by_role("button", name="Answer again").click()
        await expect(answer(second)).to_have_text("And for me")


async def test_a_retry_is_counted_down_second_by_second(page: Page, fake: Fake) -> None:
    await page.evaluate(HEAR)
    await fake.order(mode="rate-limit-7")
    await page.clock.install()
    await ask(page, "hello")
    await expect(page.locator(".waiting-why")).to_contain_text("too many requests")
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 0.1"))
    (first,) = re.findall(r"Trying again in (\d) s", await _line(page).inner_text())
    for gone in range(1, 4):
        await page.clock.run_for(1000)
        await expect(_line(page)).to_have_text(f"Trying again in {int(first) - gone} s")
    await fake.order(mode="echo")
    await page.clock.resume()
    await expect(answer(page)).to_have_text("hello")
    heard = await page.evaluate("heard")
    assert sum("Trying again" in one for one in heard) == 1


async def test_reading_is_told_in_percent(page: Page, fake: Fake) -> None:
    await fake.order(mode="reading")
    await ask(page, "A long question")
    await expect(_line(page)).to_have_text("Reading the question 40 %")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text("read")


async def test_a_failover_names_both_endpoints_and_so_does_the_answer(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    gone = f"127.0.0.1:{_closed_port()}"
    name = fake.url.removeprefix("http://").removesuffix("/v1")
    both = f"http://{gone}/v1,{fake.url}"
    await fake.order(mode="silent")
    async with run_server(tmp_path, provider=both, model="m,echo") as server:
        page = await context.new_page()
        await page.set_viewport_size({"width": 390, "height": 780})
        await page.goto(server.url)
        await ask(page, "hello")
        await expect(_line(page)).to_contain_text(f"{gone} did not answer. Asking {name}")
        await expect(page.locator(".waiting-why")).to_contain_text("not answering")
        assert await violations(page, libraries) == {}
        await fake.order(release=0)
        await expect(answer(page)).to_have_text("after the silence")
        badge = last_message(page).locator(".badge")
        await expect(badge).to_have_text(f"{name} instead of {gone}")
        await expect(badge).to_be_in_viewport(ratio=1)
        await page.reload()
        await expect(badge).to_have_text(f"{name} instead of {gone}")
        assert await violations(page, libraries) == {}
        await fake.order(mode="truncated")
        await ask(page, "and now?")
        await expect(last_message(page).locator(".problem")).to_be_visible()
        await fake.order(mode="markdown", text=" And its end.")
        await last_message(page).get_by_role("button", name="Continue").click()
        await expect(last_message(page).locator(".badge")).to_contain_text(name)
        assert watched.console == []  # before the server goes: the page would miss it


async def test_an_answer_names_its_endpoint_where_there_are_several(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    name = fake.url.removeprefix("http://").removesuffix("/v1")
    both = f"{fake.url},http://127.0.0.1:{_closed_port()}/v1"
    async with run_server(tmp_path, provider=both) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await ask_and_wait(page, "hello")
        place = last_message(page).locator(".place")
        await expect(place).to_have_text(f" · {name}")
        await expect(place).to_be_visible()
        await expect(last_message(page).locator(".badge")).to_have_count(0)


async def test_an_answer_of_the_only_endpoint_does_not_name_it(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "hello")
    await expect(last_message(page).locator(".place")).to_be_hidden()


async def test_nothing_moves_between_the_states_of_a_question(page: Page, fake: Fake) -> None:
    await fake.order(mode="rate-limit-7")
    await ask(page, "hello")
    await expect(_line(page)).to_contain_text("Trying again")
    box = await last_message(page).bounding_box()
    await fake.order(mode="reading")
    await expect(_line(page)).to_have_text("Reading the question 40 %")
    assert await last_message(page).bounding_box() == box
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert await last_message(page).bounding_box() == box


async def test_nothing_moves_when_the_connection_is_lost_in_mid_answer(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="gate")
    async with run_server(tmp_path, provider=fake.url) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0")
        box = await last_message(page).bounding_box()
        await server.kill()
        await expect(_line(page)).to_contain_text("Reconnecting")
        assert await last_message(page).bounding_box() == box
        await expect(page.get_by_role("status")).to_contain_text("Connection lost")


async def test_no_room_is_waited_for_as_long_as_the_server_asks(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="gate")
    async with run_server(
        tmp_path, provider=fake.url, settings={"LLMCHAT_MAX_QUEUED": "1"}
    ) as server:
        first, second, third = [await context.new_page() for _ in range(3)]
        for tab in (first, second, third):
            await tab.goto(server.url)
        await ask(first, "Count for me")
        await expect(answer(first)).to_have_text("piece 0")
        for tab in (second, third):
            await ask(tab, "And for me")
            await expect(_line(tab)).to_contain_text("Trying again in ")
            await expect(tab.locator(".waiting-why")).to_contain_text("Too many questions")
        await third.get_by_role("button", name="Stop").click()
        await expect(last_message(third)).to_contain_text("Stopped.")
        await expect(third.get_by_role("button", name="Answer again")).to_be_visible()
        await fake.order(release=0)
        await expect(answer(second)).to_contain_text("piece 4")
        assert (await fake.told())["posts"] == 2
