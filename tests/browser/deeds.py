"""All that is done with chats and messages, and how each deed looks wherever the chat is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Fake
from tests.browser.side import choose as choose_of_chat
from tests.browser.side import delete_chat, go_to, open_data, row
from tests.browser.side_states import exported
from tests.browser.steps import answer, ask, ask_and_wait
from tests.browser.test_tree import choose, edit_answer, edit_question, question, said
from tests.fake_modes import TEXT

Act = Callable[[Page, Fake, str], Awaitable[None]]
See = Callable[[Page, str], Awaitable[None]]


@dataclass(frozen=True)
class Deed:
    """`act` begins where a chat of that title, a question and its echo, is in view."""

    act: Act
    see: See


async def _ask_more(page: Page, fake: Fake, title: str) -> None:
    await ask_and_wait(page, f"{title} and more")


async def _see_more(page: Page, title: str) -> None:
    await expect(_questions(page)).to_have_count(2)
    await expect(answer(page)).to_have_text(f"{title} and more")


async def _send_edited(page: Page, fake: Fake, title: str) -> None:
    await edit_question(page, 0, f"{title} edited", "Send")
    await expect(answer(page)).to_have_text(f"{title} edited")
    await expect(said(page).locator("footer")).not_to_be_empty()


async def _see_sent_edited(page: Page, title: str) -> None:
    await expect(answer(page)).to_have_text(f"{title} edited")
    await expect(question(page).locator(".pager")).to_contain_text("2/2")


async def _save_edited(page: Page, fake: Fake, title: str) -> None:
    await edit_question(page, 0, f"{title} saved", "Save")


async def _see_saved(page: Page, title: str) -> None:
    await expect(_questions(page)).to_have_text(f"{title} saved")
    await expect(answer(page)).to_have_text(title)


async def _edit_answer(page: Page, fake: Fake, title: str) -> None:
    await edit_answer(page, fake)


async def _see_edited_answer(page: Page, title: str) -> None:
    await expect(answer(page).locator("strong")).to_have_text("5")
    await expect(said(page).locator("thought-block .prose")).to_have_text("Easy.")


async def _answer_again(page: Page, fake: Fake, title: str) -> None:
    await fake.order(mode="markdown", text="another")
    await page.get_by_role("button", name="Answer again").click()


async def _answer_by_another(page: Page, fake: Fake, title: str) -> None:
    await fake.order(mode="markdown", text="another")
    await choose(page, said(page), "Another model …")
    await page.get_by_role("dialog").get_by_role("button", name="known-1000").click()


async def _see_another(page: Page, title: str) -> None:
    await expect(answer(page)).to_have_text("another")
    await expect(said(page).locator(".pager")).to_contain_text("2/2")


async def _see_another_by_another(page: Page, title: str) -> None:
    await _see_another(page, title)
    await expect(said(page)).to_contain_text("known-1000")


async def _continue(page: Page, fake: Fake, title: str) -> None:
    await fake.order(mode="truncated")
    await ask(page, "a long one")
    button = page.get_by_role("button", name="Continue", exact=True)
    await expect(button).to_be_visible()
    await fake.order(mode="markdown", text=" And on.")
    await button.click()


async def _see_continued(page: Page, title: str) -> None:
    await expect(answer(page)).to_have_text(f"{TEXT} And on.")
    await expect(said(page).locator(".pager")).to_have_count(0)


async def _delete_message(page: Page, fake: Fake, title: str) -> None:
    await _ask_more(page, fake, title)
    await question(page).hover()
    await choose(page, question(page), "Delete")
    dialog = page.get_by_role("dialog", name="Delete message?")
    await expect(dialog).to_contain_text("This message and")
    await dialog.get_by_role("button", name="Delete").click()


async def _see_only_the_first(page: Page, title: str) -> None:
    await expect(_questions(page)).to_have_count(1)
    await expect(answer(page)).to_have_text(title)


async def _fork(page: Page, fake: Fake, title: str) -> None:
    await choose(page, said(page), "Branch into a new chat")
    await expect(row(page, title)).to_have_count(2)


async def _see_fork(page: Page, title: str) -> None:
    await expect(row(page, title)).to_have_count(2)
    await row(page, title).first.get_by_role("link").click()
    await expect(answer(page)).to_have_text(title)


async def _switch(page: Page, fake: Fake, title: str) -> None:
    await _send_edited(page, fake, title)
    await page.get_by_role("button", name="Earlier message").click()


async def _see_switched(page: Page, title: str) -> None:
    await expect(answer(page)).to_have_text(title)
    await expect(question(page).locator(".pager")).to_contain_text("1/2")


async def _rename(page: Page, fake: Fake, title: str) -> None:
    await choose_of_chat(page, title, "Rename")
    await page.get_by_role("textbox", name="Title").fill(f"{title} renamed")
    await page.keyboard.press("Enter")


async def _see_renamed(page: Page, title: str) -> None:
    await expect(row(page, f"{title} renamed")).to_be_visible()
    await expect(row(page, title)).to_have_count(0)


def _by_menu(*entries: str) -> Act:
    async def act(page: Page, fake: Fake, title: str) -> None:
        for entry in entries:
            await _do(page, title, entry)

    return act


async def _see_pinned(page: Page, title: str) -> None:
    await expect(_pinned(page, title)).to_have_count(1)


async def _see_in_list(page: Page, title: str) -> None:
    await expect(row(page, title)).to_be_visible()
    await expect(_pinned(page, title)).to_have_count(0)


def _there_and_back(entry: str, view: str, back: str) -> Act:
    async def act(page: Page, fake: Fake, title: str) -> None:
        await _do(page, title, entry)
        await go_to(page, view)
        await choose_of_chat(page, title, back)
        await _back(page)

    return act


async def _delete_and_undo(page: Page, fake: Fake, title: str) -> None:
    await delete_chat(page, title)
    await page.get_by_role("button", name="Undo").click()


async def _delete_for_good(page: Page, fake: Fake, title: str) -> None:
    await _do(page, title, "Delete")
    await go_to(page, "Recently deleted")
    await choose_of_chat(page, title, "Delete for good")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(row(page, title)).to_have_count(0)
    await _back(page)


def _only_in(view: str | None) -> See:
    async def see(page: Page, title: str) -> None:
        await expect(row(page, title)).to_have_count(0)
        for each in ("Archived", "Recently deleted"):
            await go_to(page, each)
            await expect(page.get_by_text("Loading")).to_have_count(0)
            await expect(row(page, title)).to_have_count(1 if each == view else 0)
            await _back(page)

    return see


def _both(button: str, and_then: str | None = None, view: str = "") -> Act:
    """Choose two chats and do that; then go to a view, choose them there and do something more."""

    async def act(page: Page, fake: Fake, title: str) -> None:
        await page.keyboard.press("Control+Shift+KeyO")
        await ask_and_wait(page, f"{title} too")
        await _with_both(page, title, button)
        await _put_away_notice(page)
        if and_then is None:
            return
        await go_to(page, view)
        await _with_both(page, title, and_then)
        if and_then == "Delete for good":
            await page.get_by_role("dialog").get_by_role("button", name=and_then).click()
        await expect(row(page, title)).to_have_count(0)
        await _back(page)

    return act


async def _with_both(page: Page, title: str, button: str) -> None:
    await choose_of_chat(page, title, "Choose")
    await row(page, f"{title} too").get_by_role("checkbox").click()
    await expect(page.get_by_text("2 chosen")).to_be_visible()
    await page.locator("selection-bar").get_by_role("button", name=button, exact=True).click()


def _see_both(see: See) -> See:
    async def see_both(page: Page, title: str) -> None:
        await see(page, title)
        await see(page, f"{title} too")

    return see_both


async def _import(page: Page, fake: Fake, title: str) -> None:
    await open_data(page)
    await page.locator("#import-input").set_input_files(exported(1))
    await page.get_by_role("button", name="Import 1 conversation").click()
    await expect(page.locator("import-file")).to_contain_text("Imported: 1 new.")
    await page.keyboard.press("Escape")


async def _see_imported(page: Page, title: str) -> None:
    await row(page, "Imported 0").get_by_role("link").click()
    await expect(answer(page)).to_have_text("A large animal with tusks.")


def _questions(page: Page) -> Locator:
    return page.get_by_role("article", name="Your message")


def _pinned(page: Page, title: str) -> Locator:
    pinned = page.locator("section[aria-label=Pinned]")
    return pinned.locator(".chat-title").get_by_text(title, exact=True)


async def _do(page: Page, title: str, entry: str) -> None:
    await choose_of_chat(page, title, entry)
    await _put_away_notice(page)


async def _put_away_notice(page: Page) -> None:
    """It may stand above the buttons of the list."""
    button = page.get_by_role("button", name="Close this notice")
    await button.click()
    await expect(button).to_have_count(0)


async def _back(page: Page) -> None:
    await page.get_by_role("button", name="Back to the chats").click()


DEEDS = {
    "ask": Deed(_ask_more, _see_more),
    "edit and send": Deed(_send_edited, _see_sent_edited),
    "edit and save": Deed(_save_edited, _see_saved),
    "edit an answer": Deed(_edit_answer, _see_edited_answer),
    "answer again": Deed(_answer_again, _see_another),
    "answer by another model": Deed(_answer_by_another, _see_another_by_another),
    "continue": Deed(_continue, _see_continued),
    "delete a message": Deed(_delete_message, _see_only_the_first),
    "fork": Deed(_fork, _see_fork),
    "switch siblings": Deed(_switch, _see_switched),
    "rename": Deed(_rename, _see_renamed),
    "pin": Deed(_by_menu("Pin"), _see_pinned),
    "unpin": Deed(_by_menu("Pin", "Unpin"), _see_in_list),
    "archive": Deed(_by_menu("Archive"), _only_in("Archived")),
    "unarchive": Deed(
        _there_and_back("Archive", "Archived", "Take out of the archive"), _see_in_list
    ),
    "delete": Deed(_by_menu("Delete"), _only_in("Recently deleted")),
    "delete and undo": Deed(_delete_and_undo, _see_in_list),
    "restore": Deed(_there_and_back("Delete", "Recently deleted", "Restore"), _see_in_list),
    "delete for good": Deed(_delete_for_good, _only_in(None)),
    "pin several": Deed(_both("Pin"), _see_both(_see_pinned)),
    "archive several": Deed(_both("Archive"), _see_both(_only_in("Archived"))),
    "delete several": Deed(_both("Delete"), _see_both(_only_in("Recently deleted"))),
    "take several out": Deed(_both("Archive", "Take out", "Archived"), _see_both(_see_in_list)),
    "restore several": Deed(
        _both("Delete", "Restore", "Recently deleted"), _see_both(_see_in_list)
    ),
    "delete several for good": Deed(
        _both("Delete", "Delete for good", "Recently deleted"), _see_both(_only_in(None))
    ),
    "import": Deed(_import, _see_imported),
}
