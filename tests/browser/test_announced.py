"""What a screen reader is told while an answer comes, and where the focus is meanwhile."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import answer, ask, composer, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKENS = 200
LIVE = ", ".join(
    f"chat-thread {one}"
    for one in ("[aria-live=polite]", "[aria-live=assertive]", "[role=status]", "[role=alert]")
)
RECORD = """(live) => {
  globalThis.told = { status: [], alert: [], live: 0, focus: 0 }
  const all = { childList: true, characterData: true, subtree: true }
  for (const kind of ["status", "alert"]) {
    const region = document.querySelector(`.announcer-${kind}`)
    new MutationObserver(() => told[kind].push(region.textContent)).observe(region, all)
  }
  const element = (node) => (node instanceof Element ? node : node.parentElement)
  new MutationObserver((changes) => {
    told.live += changes.filter(({ target }) => element(target)?.closest(live)).length
  }).observe(document.querySelector("chat-thread"), all)
  document.addEventListener("focusin", () => told.focus++)
}"""


async def test_of_a_long_answer_only_its_beginning_and_end_are_told(page: Page, fake: Fake) -> None:
    await expect(composer(page)).to_be_focused()
    await page.evaluate(RECORD, LIVE)
    await fake.order(mode=f"paced-100-{TOKENS}")
    await ask(page, "Say much")
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    await expect(page.locator(".announcer-status")).to_have_text("The answer is complete")
    told = await page.evaluate("told")
    assert len(await answer(page).inner_text()) > 3 * TOKENS
    assert told["status"][0] == "Asking"
    assert told["status"][-1] == "The answer is complete"
    assert len(told["status"]) <= 4, told["status"]
    assert told["alert"] == []
    assert told["live"] == 0


async def test_a_failure_is_told_once_and_at_once(page: Page, fake: Fake) -> None:
    await expect(composer(page)).to_be_focused()
    await page.evaluate(RECORD, LIVE)
    await fake.order(mode="status-401")
    await ask(page, "hello")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await expect(page.locator(".announcer-alert")).not_to_be_empty()
    told = await page.evaluate("told")
    assert len(told["alert"]) == 1
    assert "The answer is complete" not in told["status"]


@pytest.mark.parametrize("place", ["New chat", "Copy message", "Stop"])
async def test_the_focus_never_moves_while_an_answer_comes(
    page: Page, fake: Fake, place: str
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    target = page.get_by_role("button", name=place, exact=True)
    await target.focus()
    await page.evaluate(RECORD, LIVE)
    for number in range(1, 4):
        await fake.order(release=1)
        await expect(answer(page)).to_contain_text(f"piece {number}")
    await expect(target).to_be_focused()
    assert await page.evaluate("told.focus") == 0
