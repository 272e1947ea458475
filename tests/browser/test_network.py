"""Networks that come and go, and computers that sleep: the text goes on, with a quiet note."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.steps import answer, ask, last_message, stored_answers, until_ended

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


async def test_without_a_network_it_says_so_and_goes_on_when_there_is_one(
    page: Page, context: BrowserContext, fake: Fake, watched: Watched
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    note = last_message(page).locator(".waiting")
    await context.set_offline(True)
    await page.evaluate("document.dispatchEvent(new Event('resume'))")  # it looks, and finds none
    await expect(note).to_have_text("No network. The answer goes on when there is one")
    await fake.order(release=2)
    await expect(answer(page)).to_have_text("piece 0")
    await context.set_offline(False)
    await expect(note).to_have_text("Connected again")
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    await expect(note).to_be_hidden()
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)
    await until_ended(page)
    (stored,) = await stored_answers(page)
    assert stored["content"].strip() == WHOLE
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in watched.console)
    watched.console.clear()


async def test_a_page_that_was_frozen_goes_on_where_it_was(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    session = await context.new_cdp_session(page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await fake.order(release=2)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)


async def test_a_stream_that_was_cut_in_the_sleep_without_a_word_is_opened_anew(
    page: Page, fake: Fake
) -> None:
    await page.add_init_script(
        """const Heard = EventSource
        globalThis.EventSource = class extends Heard {
          constructor(address) {
            super(address)
            this.addEventListener("delta", (event) => deaf && event.stopImmediatePropagation())
          }
        }
        globalThis.deaf = false"""
    )
    await page.reload()
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await page.evaluate("globalThis.deaf = true")
    async with page.expect_request(lambda one: "/api/jobs/" in one.url):
        await page.evaluate("document.dispatchEvent(new Event('resume'))")
    await page.evaluate("globalThis.deaf = false")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)
