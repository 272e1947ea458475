"""What is done to messages: edited, answered again, deleted, branched: nothing gets lost."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Fake, run_server
from tests.browser.steps import (
    answer,
    ask,
    ask_and_wait,
    composer,
    last_message,
    stored,
    stored_answers,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


def question(page: Page, index: int = -1) -> Locator:
    """A question with what belongs to it."""
    return page.locator("chat-message:has(user-message)").nth(index)


def said(page: Page, index: int = -1) -> Locator:
    """An answer with what belongs to it."""
    return page.locator("chat-message:has(.answer)").nth(index)


async def choose(page: Page, message: Locator, item: str) -> None:
    """Take an item of a message's menu."""
    await message.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def edit_question(page: Page, index: int, text: str, button: str) -> None:
    """Change a question."""
    await question(page, index).hover()
    await question(page, index).get_by_role("button", name="Edit").click()
    editor = page.get_by_role("textbox", name="Your message")
    await expect(editor).to_be_focused()
    await editor.fill(text)
    form = page.locator("message-editor")
    await form.get_by_role("button", name=button, exact=True).click()


async def edit_answer(page: Page, fake: Fake) -> None:
    """An answer with thoughts, and both of them changed."""
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    await choose(page, said(page), "Edit")
    await page.get_by_role("textbox", name="Thoughts").fill("Easy.")
    await page.get_by_role("textbox", name="Text of the answer").fill("It is **5**.")
    await page.get_by_role("button", name="Save", exact=True).click()


async def test_an_edited_question_is_a_sibling_with_an_answer_of_its_own(
    page: Page, fake: Fake
) -> None:
    await ask_and_wait(page, "about cats")
    await ask_and_wait(page, "and kittens")
    await edit_question(page, 0, "about dogs", "Send")
    await expect(answer(page)).to_have_text("about dogs")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)
    await expect(question(page).locator(".pager")).to_contain_text("2/2")
    await page.get_by_role("button", name="Earlier message").click()
    await expect(page.get_by_role("article", name="Your message")).to_have_count(2)
    await expect(answer(page)).to_have_text("and kittens")
    await expect(page.get_by_role("button", name="Later message")).to_be_focused()
    await page.reload()
    await expect(answer(page)).to_have_text("and kittens")
    await page.get_by_role("button", name="Later message").click()
    await expect(answer(page)).to_have_text("about dogs")
    messages = (await fake.told())["requests"][-1]["body"]["messages"]
    assert messages == [{"role": "user", "content": "about dogs"}]


async def test_a_question_that_is_only_saved_keeps_what_is_below_it(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cast")
    posts = (await fake.told())["posts"]
    await edit_question(page, 0, "about cats", "Save")
    await expect(page.get_by_role("article", name="Your message")).to_have_text("about cats")
    await expect(answer(page)).to_have_text("about cast")
    await page.reload()
    await expect(page.get_by_role("article", name="Your message")).to_have_text("about cats")
    assert (await fake.told())["posts"] == posts


async def test_escape_leaves_a_message_as_it_was_and_stops_nothing(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await question(page, 0).hover()
    await question(page, 0).get_by_role("button", name="Edit").click()
    await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    await page.keyboard.type(" and dogs")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("article", name="Your message").first).to_have_text("about cats")
    await expect(question(page, 0).get_by_role("button", name="More")).to_be_focused()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)


async def test_the_last_question_is_edited_by_up_in_the_empty_composer(page: Page) -> None:
    await ask_and_wait(page, "about cast")
    await composer(page).press("ArrowUp")
    await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text("about cats")
    await page.keyboard.press("Control+Enter")
    await expect(answer(page)).to_have_text("about cats")
    await expect(composer(page)).to_be_focused()


async def test_an_answer_is_edited_text_and_thoughts_apart(page: Page, fake: Fake) -> None:
    await edit_answer(page, fake)
    await expect(answer(page).locator("strong")).to_have_text("5")
    (kept,) = await stored_answers(page)
    assert (kept["content"], kept["reasoning"]) == ("It is **5**.", "Easy.")
    await fake.order(mode="echo")
    await ask_and_wait(page, "sure?")
    messages = (await fake.told())["requests"][-1]["body"]["messages"]
    assert messages[1] == {"role": "assistant", "content": "It is **5**."}


async def test_another_model_answers_beside_the_first(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text="the first")
    await ask_and_wait(page, "hello")
    await fake.order(text="the second")
    await choose(page, said(page), "Another model …")
    await page.get_by_role("dialog").get_by_role("button", name="known-1000").click()
    await expect(answer(page)).to_have_text("the second")
    assert (await fake.told())["requests"][-1]["body"]["model"] == "known-1000"
    await expect(said(page).locator(".pager")).to_contain_text("2/2")
    await page.get_by_role("button", name="Earlier answer").click()
    await expect(answer(page)).to_have_text("the first")
    await expect(page.locator(".model-name")).to_have_text("echo")


async def test_what_goes_with_a_message_is_counted_before_it_is_deleted(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    await ask_and_wait(page, "and kittens")
    await question(page, 0).hover()
    await choose(page, question(page, 0), "Delete")
    dialog = page.get_by_role("dialog", name="Delete message?")
    await expect(dialog).to_contain_text("This message and 3 below it")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(2)
    await question(page, 1).hover()
    await choose(page, question(page, 1), "Delete")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)
    await page.reload()
    await expect(answer(page)).to_have_text("about cats")
    assert (await stored(page))["count"] == 2


async def test_a_question_whose_answer_was_deleted_can_be_answered(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await choose(page, said(page), "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator(".answer")).to_have_count(0)
    await page.get_by_role("button", name="Answer", exact=True).click()
    await expect(answer(page)).to_have_text("about cats")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)


async def test_deleting_an_answer_that_runs_elsewhere_stops_it(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await question(page).hover()
    await choose(page, question(page), "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()


async def test_a_branch_becomes_a_chat_of_its_own(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    await ask_and_wait(page, "and kittens")
    first = page.url
    await choose(page, said(page, 0), "Branch into a new chat")
    await expect(page.get_by_role("article", name="Your message")).to_have_count(1)
    await expect(answer(page)).to_have_text("about cats")
    assert page.url != first
    await ask_and_wait(page, "and dogs")
    await page.goto(first)
    await expect(answer(page)).to_have_text("and kittens")


async def test_two_answers_are_written_in_one_chat_at_a_time(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "first")
    await fake.order(mode="gate")
    await edit_question(page, 0, "Count for me", "Send")
    await expect(answer(page)).to_have_text("piece 0")
    await page.get_by_role("button", name="Earlier message").click()
    await expect(answer(page)).to_have_text("first")
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    await page.get_by_role("button", name="Answer again").click()
    await expect(answer(page)).to_have_text("piece 0")
    await fake.order(release=1)
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await page.get_by_role("button", name="Later message").click()
    await expect(answer(page)).to_have_text("piece 0 piece 1")
    await fake.order(release=0)
    await expect(answer(page)).to_have_text(WHOLE)
    await page.get_by_role("button", name="Earlier message").click()
    await expect(answer(page)).to_have_text(WHOLE)
    assert [one["state"] for one in await stored_answers(page)] == ["done", "done", "done"]


async def test_the_menu_of_a_message_is_used_by_keys(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    more = said(page).get_by_role("button", name="More")
    await more.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Copy with formatting")).to_be_focused()
    await page.keyboard.press("Home")
    await expect(page.get_by_role("menuitem", name="Edit")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()


async def test_all_of_it_is_there_after_a_restart_of_the_server(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        await page.goto(server.url)
        await ask_and_wait(page, "about cats")
        await edit_question(page, 0, "about dogs", "Send")
        await expect(answer(page)).to_have_text("about dogs")
        await ask_and_wait(page, "and puppies")
        await server.kill()
    async with run_server(tmp_path, provider=fake.url, port=server.port):
        await ask_and_wait(page, "still there?")
        await page.reload()
        await expect(answer(page)).to_have_text("still there?")
        await page.get_by_role("button", name="Earlier message").click()
        await expect(answer(page)).to_have_text("about cats")
        await expect(last_message(page).locator(".stats")).to_contain_text("34 tokens")
