"""The same question to several models: side by side, one is gone on with, or all are merged."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import (
    answer,
    ask,
    ask_and_wait,
    choose_several,
    composer,
    stored,
    stored_answers,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


def side(page: Page, model: str) -> Locator:
    """The answer of a model beside others."""
    return page.locator("chat-message[data-side]").filter(
        has=page.locator(".side-name", has_text=model)
    )


async def test_up_to_four_models_answer_side_by_side_and_one_is_gone_on_with(
    page: Page, fake: Fake
) -> None:
    await choose_several(page, "gate", "code", "reasoning")
    await expect(page.locator(".picker-button")).to_contain_text("echo + 3")
    await page.locator(".picker-button").click()
    await expect(page.get_by_role("checkbox", name="silent", exact=True)).to_be_disabled()
    await page.keyboard.press("Escape")
    await ask(page, "Which?")
    await expect(page.locator("chat-message[data-side]")).to_have_count(4)
    await expect(side(page, "echo").locator(".prose").last).to_have_text("Which?")
    await expect(side(page, "reasoning")).to_contain_text("The answer is 4.")
    await expect(side(page, "gate")).to_contain_text("piece 0")  # all of them are streams
    await expect(side(page, "echo").locator(".stats")).to_contain_text("34 tokens")
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await fake.order(release=0)
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()

    await page.reload()
    await expect(page.locator("chat-message[data-side]")).to_have_count(4)
    chosen = page.locator('.side-choose[aria-pressed="true"]')
    await expect(chosen).to_have_accessible_name("Chosen: the answer of echo")
    tops = [await side(page, one).bounding_box() for one in ("echo", "gate")]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[0]["y"] == tops[1]["y"]
    await page.get_by_role("button", name="Go on with this: the answer of gate").click()
    await expect(chosen).to_have_accessible_name("Chosen: the answer of gate")
    await ask_and_wait(page, "and then?")
    await expect(page.locator("chat-message[data-side]")).to_have_count(0)
    sent = (await fake.told())["requests"][-1]["body"]["messages"]
    assert [one["content"][:7] for one in sent] == ["Which?", "piece 0", "and the"]
    await expect(page.locator(".pager")).to_contain_text("2/4")


async def test_answers_are_merged_or_shown_one_at_a_time(page: Page, fake: Fake) -> None:
    await choose_several(page, "known-1000")
    await ask(page, "Which?")
    bar = page.get_by_role("group", name="Answers side by side")
    await bar.get_by_role("button", name="Merge into one").click()
    await expect(page.locator("chat-message[data-side]")).to_have_count(0)
    await expect(answer(page)).to_contain_text("Here are 2 answers to this.")
    await expect(page.locator(".pager")).to_contain_text("3/3")
    assert len((await stored_answers(page))[-1]["parameters"]["merged"]) == 2
    await page.get_by_role("button", name="Earlier answer").click()
    await expect(page.locator("chat-message[data-side]")).to_have_count(2)
    await bar.get_by_role("button", name="One at a time").click()
    await expect(page.locator(".pager")).to_contain_text("2/3")
    await expect(composer(page)).to_be_focused()


async def test_one_that_fails_leaves_the_others_alone(page: Page, fake: Fake) -> None:
    await choose_several(page, "tool")
    await fake.order(mode="status-401")
    await ask(page, "Which?")
    # A hidden element counts, too: only what can be seen says that both have ended.
    await expect(page.locator("chat-message[data-side] .problem:visible")).to_have_count(2)
    await fake.order(reset=True)
    await side(page, "echo").get_by_role("button", name="Try again").click()
    await expect(answer(page)).to_have_text("Which?")
    assert len((await stored(page))["messages"]) == 4
