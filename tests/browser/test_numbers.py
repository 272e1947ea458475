"""What answers took and cost, and what people note of models."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.number_states import note_model
from tests.browser.side import open_settings
from tests.browser.steps import ask_and_wait, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def nothing_counted(page: Page) -> AsyncIterator[None]:
    """All tests of a process have one server."""
    await page.evaluate('fetch("api/conversations?all=true", { method: "DELETE" })')
    yield
    for model in ("echo", "gate"):
        await note_model(page, model, None)


async def _model(page: Page, name: str) -> Locator:
    panel = await open_settings(page, "Models")
    await panel.get_by_role("searchbox", name="Find a model").fill(name)
    row = panel.locator("model-note").filter(has_text=name)
    await row.locator("summary").click()
    return row


async def test_a_price_that_is_noted_gives_the_cost_of_answers_chats_and_models(
    page: Page, fake: Fake, tmp_path: Path
) -> None:
    row = await _model(page, "echo")
    await row.get_by_label("Read", exact=True).fill("1000")
    await row.get_by_label("Read", exact=True).press("Tab")
    await expect(row.get_by_role("status")).to_contain_text("needs both")
    await row.get_by_label("Written", exact=True).fill("5000")
    await row.get_by_label("Written", exact=True).press("Tab")
    await expect(row.get_by_role("status")).to_have_text("Saved.")
    await expect(row.locator(".note-facts")).to_contain_text("$1,000.00 in, $5,000.00 out")
    await page.keyboard.press("Escape")
    await fake.order(mode="counted")  # 12 tokens read, 6 of them again, and 34 written
    await ask_and_wait(page, "How much?")
    stats = last_message(page).locator(".stats")
    await expect(stats).to_contain_text("≈ $0.18")
    await expect(stats).not_to_contain_text("this chat")
    await ask_and_wait(page, "And this?")
    await expect(stats).to_contain_text("this chat 92 tokens, ≈ $0.36")

    panel = await open_settings(page, "Numbers")
    await expect(panel.locator("dd")).to_have_text(["2", "92", "$0.36", "–"])
    cells = panel.get_by_role("region", name="By model").get_by_role("row").nth(1)
    await expect(cells).to_contain_text("echo")
    await expect(cells).to_contain_text("$0.36")
    await panel.get_by_text("Cost", exact=True).nth(1).click()
    plot = panel.get_by_role("img")
    label = re.compile(f"^Cost from {await _first_day(page, 30)} to .*0.36")
    await expect(plot).to_have_accessible_name(label)
    assert await plot.locator(".bar").count() == 30
    await panel.get_by_role("combobox", name="Time").select_option("Last 365 days")
    await expect(plot.locator(".bar")).to_have_count(53)
    await panel.get_by_text("By day").click()
    await expect(panel.get_by_role("region", name="By day").get_by_role("row")).to_have_count(2)
    async with page.expect_download() as download:
        await panel.get_by_role("link", name="CSV").click()
    await (await download.value).save_as(tmp_path / "numbers.csv")
    text = (tmp_path / "numbers.csv").read_text(encoding="utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["model"], line["answers"], line["completion_tokens"]) == ("echo", "2", "68")


async def _first_day(page: Page, days: int) -> str:
    script = """(days) => new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short" })
      .format(Date.now() - (days - 1) * 86400000)"""
    day: str = await page.evaluate(script, days)
    return day


async def test_favourites_come_first_and_hidden_models_are_not_offered(page: Page) -> None:
    row = await _model(page, "gate")
    await row.get_by_role("switch", name="Favourite").click()
    await expect(row.get_by_role("status")).to_have_text("Saved.")
    await row.get_by_role("combobox", name="Reads images").focus()
    await row.get_by_role("combobox", name="Reads images").select_option("Yes")
    await expect(row.locator(".note-facts")).to_have_text("reads images")
    await expect(row.get_by_role("combobox", name="Reads images")).to_be_focused()
    await page.get_by_role("searchbox", name="Find a model").fill("silent")
    row = page.locator("model-note").filter(has_text="silent")
    await row.locator("summary").click()
    await row.get_by_role("switch", name="Hide").click()
    await expect(row.locator(".note-facts")).to_have_text("hidden")
    await page.keyboard.press("Escape")
    await page.locator(".picker-button").click()
    favourites = page.get_by_role("group", name="Favourites")
    await expect(favourites.get_by_role("radio")).to_have_count(1)
    await expect(favourites).to_contain_text("gate")
    await expect(page.locator(".choice", has_text="silent")).to_have_count(0)
    await note_model(page, "silent", None)
    await page.reload()
    await page.locator(".picker-button").click()
    await expect(page.locator(".choice", has_text="silent")).to_be_visible()


async def test_numbers_that_cannot_be_read_say_so(page: Page, watched: Watched) -> None:
    panel = await open_settings(page, "Numbers")
    await expect(panel.get_by_role("status")).to_have_text("No answers in the last 30 days.")
    await page.context.set_offline(True)
    await panel.get_by_role("combobox", name="Time").select_option("Last 7 days")
    await expect(panel.get_by_role("status")).to_contain_text("does not answer")
    await page.context.set_offline(False)
    watched.console.clear()  # the browser names the request that failed
