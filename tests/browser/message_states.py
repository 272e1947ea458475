"""The states of messages: their menu, their editors, their versions, and chats of other kinds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.conftest import Fake
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, stored
from tests.browser.test_tree import choose, edit_question, question, said

LONG_WORD = "pneumonoultramicroscopicsilicovolcanoconiosis" * 3
FEW_WORDS = "The index is built once; a search then looks into a few of its cells. "
ROUNDS = 12


async def _answer_menu(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "How do I find the nearest neighbours?")
    await said(page).get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitem", name="Branch into a new chat")).to_be_visible()


async def _question_menu(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "How do I find the nearest neighbours?")
    await question(page).hover()
    await question(page).get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()


async def _editing_question(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "How do I find the nearest neighbours?")
    await question(page).hover()
    await question(page).get_by_role("button", name="Edit").click()
    await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()


async def _editing_answer(page: Page, fake: Fake) -> None:
    await fake.order(mode="reasoning")
    await ask_and_wait(page, "2 + 2?")
    await choose(page, said(page), "Edit")
    await expect(page.get_by_role("textbox", name="Thoughts")).to_be_visible()


async def _deleting(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await ask_and_wait(page, "and kittens")
    await question(page, 0).hover()
    await choose(page, question(page, 0), "Delete")
    await expect(page.get_by_role("dialog")).to_contain_text("3 below it")


async def _versions(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await edit_question(page, 0, "about cats and dogs", "Send")
    await expect(answer(page)).to_have_text("about cats and dogs")
    await page.get_by_role("button", name="Answer again").click()
    await expect(last_message(page).locator(".pager")).to_contain_text("2/2")
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    await question(page).hover()


async def _temporary(page: Page, fake: Fake) -> None:
    await page.get_by_role("button", name="Temporary chat").click()
    await expect(page.locator(".composer-hint")).to_contain_text("stored nowhere")


async def _temporary_answered(page: Page, fake: Fake) -> None:
    await _temporary(page, fake)
    await ask_and_wait(page, "Nobody shall know")


async def long_chat(page: Page) -> None:
    """A chat of many rounds, made without asking for each."""
    await ask_and_wait(page, "Question 0: how is it searched?")
    address = page.url.replace("#", "api/conversations/")
    parent = (await stored(page))["messages"][-1]["id"]
    for number in range(1, ROUNDS + 1):
        said = f"**Answer {number}.** {FEW_WORDS * 4}"
        for role, text in (("user", f"Question {number}"), ("assistant", said)):
            body = {"role": role, "content": text, "parent_id": parent}
            response = await page.request.post(f"{address}/messages", data=body)
            parent = (await response.json())["id"]
    await page.reload()
    await expect(answer(page)).to_contain_text(FEW_WORDS.strip())


async def _far_up(page: Page, fake: Fake) -> None:
    await long_chat(page)
    await page.locator("chat-thread").evaluate("(thread) => thread.scrollTo(0, 400)")
    await expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()


async def _long_words(page: Page, fake: Fake) -> None:
    await fake.order(mode="markdown", text=f"# {LONG_WORD}\n\n`{LONG_WORD}`\n\n- {LONG_WORD}")
    await ask_and_wait(page, f"{LONG_WORD}, please!")


async def _right_to_left(page: Page, fake: Fake) -> None:
    await fake.order(
        mode="markdown",
        text="## الخوارزمية\n\n1. ابدأ من الجذر.\n2. قارن `key` بالقيمة.\n\n"
        "> ملاحظة: البحث سريع.\n\n"
        "| الخطوة | الزمن |\n|:--|--:|\n| بناء | 12 ms |\n\n```python\nprint('مرحبا')\n```",
    )
    await ask_and_wait(page, "كيف يعمل البحث في شجرة؟")


async def _typed(page: Page, fake: Fake) -> None:
    await composer(page).fill(
        "\n".join(f"line {number} of a long question" for number in range(30))
    )


async def _tools(page: Page, fake: Fake) -> None:
    await fake.order(mode="tool")
    await ask(page, "What time is it?")
    await expect(last_message(page)).to_contain_text("asked for tools")


async def _reading(page: Page, fake: Fake) -> None:
    await page.evaluate("speechSynthesis.speak = () => undefined")  # it never ends
    await ask_and_wait(page, "How do I find the nearest neighbours?")
    await choose(page, said(page), "Read aloud")
    await expect(page.get_by_role("button", name="Stop reading")).to_be_visible()


async def _choosing_model(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "How do I find the nearest neighbours?")
    await choose(page, said(page), "Another model …")
    await page.get_by_role("dialog").get_by_role("textbox").fill("r")


MESSAGE_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "menu of an answer": _answer_menu,
    "menu of a question": _question_menu,
    "editing a question": _editing_question,
    "editing an answer": _editing_answer,
    "deleting": _deleting,
    "versions": _versions,
    "temporary": _temporary,
    "temporary answered": _temporary_answered,
    "far up": _far_up,
    "long words": _long_words,
    "right to left": _right_to_left,
    "typed": _typed,
    "tools": _tools,
    "reading aloud": _reading,
    "choosing a model": _choosing_model,
}
