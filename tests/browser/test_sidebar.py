"""What is done with chats in the list: each by mouse and by keyboard, seen in other tabs too."""

import asyncio
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, Route, expect

from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.side import choose, go_to, open_data, open_menu, row, titles
from tests.browser.side_states import chats, exported, in_bin
from tests.browser.steps import answer, ask, ask_and_wait, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _other_tab(page: Page, context: BrowserContext) -> Page:
    tab = await context.new_page()
    await tab.goto(page.url)
    await expect(titles(tab).first).to_be_visible()
    return tab


@pytest.mark.parametrize("way", ["F2", "double click", "menu"])
async def test_a_title_is_changed_where_it_stands(
    page: Page, context: BrowserContext, way: str
) -> None:
    await chats(page, "about cats", "about dogs")
    tab = await _other_tab(page, context)
    link = row(page, "about cats").get_by_role("link")
    if way == "F2":
        await link.focus()
        await page.keyboard.press("F2")
    elif way == "double click":
        await link.dblclick()
    else:
        await choose(page, "about cats", "Rename")
    await page.get_by_role("textbox", name="Title").fill("All about cats")
    await page.keyboard.press("Enter")
    await expect(row(page, "All about cats").get_by_role("link")).to_be_focused()
    await expect(row(tab, "All about cats")).to_be_visible()
    await page.reload()
    await expect(row(page, "All about cats")).to_be_visible()


async def test_escape_leaves_a_title_as_it_was(page: Page) -> None:
    await chats(page, "about cats")
    await choose(page, "about cats", "Rename")
    await expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    await page.keyboard.type("something else")
    await page.keyboard.press("Escape")
    await expect(row(page, "about cats").get_by_role("link")).to_be_focused()
    await page.reload()
    await expect(row(page, "about cats")).to_be_visible()


async def test_a_pinned_chat_stands_above_all_others_in_all_tabs(
    page: Page, context: BrowserContext
) -> None:
    await chats(page, "about cats", "about dogs")
    tab = await _other_tab(page, context)
    await choose(page, "about cats", "Pin")
    for one in (page, tab):
        await expect(titles(one)).to_have_text(["about cats", "about dogs"])
        await expect(one.get_by_role("heading", name="Pinned")).to_be_visible()
    await choose(page, "about cats", "Unpin")
    await expect(page.get_by_role("heading", name="Pinned")).to_have_count(0)
    await expect(titles(tab)).to_have_text(["about dogs", "about cats"])


async def test_the_archive_takes_chats_out_of_the_list_and_gives_them_back(page: Page) -> None:
    await chats(page, "about cats", "about dogs")
    await choose(page, "about cats", "Archive")
    await expect(titles(page)).to_have_text(["about dogs"])
    await go_to(page, "Archived")
    await row(page, "about cats").get_by_role("link").click()
    await expect(answer(page)).to_have_text("about cats")
    await choose(page, "about cats", "Take out of the archive")
    await expect(page.get_by_text("Nothing is archived.")).to_be_visible()
    await page.get_by_role("button", name="Back to the chats").click()
    await expect(titles(page)).to_have_text(["about dogs", "about cats"])


async def test_the_bin_gives_back_what_was_deleted(page: Page, fake: Fake) -> None:
    await in_bin(page, fake)
    await expect(row(page, "about cats")).to_contain_text("30 days left")
    await choose(page, "about cats", "Restore")
    await expect(page.get_by_text("The bin is empty.")).to_be_visible()
    await page.get_by_role("button", name="Back to the chats").click()
    await expect(titles(page)).to_have_text(["about dogs", "about cats"])


async def test_deleting_for_good_asks_first(page: Page, fake: Fake) -> None:
    await in_bin(page, fake)
    await choose(page, "about cats", "Delete for good")
    await page.get_by_role("button", name="Cancel").click()
    await expect(row(page, "about cats")).to_be_visible()
    await choose(page, "about cats", "Delete for good")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_text("The bin is empty.")).to_be_visible()
    await page.reload()
    await go_to(page, "Recently deleted")
    await expect(page.get_by_text("The bin is empty.")).to_be_visible()


async def test_the_focus_goes_on_to_the_next_chat_when_one_is_deleted(page: Page) -> None:
    await chats(page, "one", "two", "three")
    await row(page, "two").get_by_role("link").focus()
    await page.keyboard.press("Delete")
    await expect(row(page, "one").get_by_role("link")).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(row(page, "three").get_by_role("link")).to_be_focused()


async def test_the_keyboard_goes_through_the_list_and_its_menu(page: Page) -> None:
    await chats(page, "one", "two", "three")
    await row(page, "three").get_by_role("link").focus()
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "two").get_by_role("link")).to_be_focused()
    await page.keyboard.press("End")
    await expect(row(page, "one").get_by_role("link")).to_be_focused()
    await page.keyboard.press("Tab")
    options = page.get_by_role("button", name="Options of one")
    await expect(options).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(options).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(answer(page)).to_have_text("one")


async def test_a_range_of_chats_is_archived_in_one_go_and_taken_back(
    page: Page, context: BrowserContext
) -> None:
    await chats(page, "one", "two", "three", "four")
    tab = await _other_tab(page, context)
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_role("checkbox", name="three").click()
    await page.get_by_role("checkbox", name="one").click(modifiers=["Shift"])
    await expect(page.get_by_text("3 chosen")).to_be_visible()
    await page.get_by_role("button", name="Archive", exact=True).click()
    for one in (page, tab):
        await expect(titles(one)).to_have_text(["four"])
    await expect(page.locator(".notice")).to_contain_text("Archived 3 chats.")
    await page.get_by_role("button", name="Undo").click()
    for one in (page, tab):
        await expect(titles(one)).to_have_text(["four", "three", "two", "one"])


async def test_chats_are_chosen_by_the_keyboard_and_deleted_in_one_go(page: Page) -> None:
    await chats(page, "one", "two", "three", "four")
    await row(page, "two").get_by_role("link").click()
    await expect(answer(page)).to_have_text("two")
    await row(page, "four").get_by_role("link").focus()
    await page.keyboard.press("Shift+ArrowDown")
    await expect(page.get_by_text("2 chosen")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await expect(page.get_by_text("3 chosen")).to_be_visible()
    await page.keyboard.press("Delete")
    await expect(titles(page)).to_have_text(["two"])
    await expect(row(page, "two").get_by_role("link")).to_be_focused()
    await page.get_by_role("button", name="Undo").click()
    await expect(titles(page)).to_have_text(["four", "three", "two", "one"])


async def test_escape_ends_choosing(page: Page) -> None:
    await chats(page, "one", "two")
    await choose(page, "one", "Choose")
    await expect(page.get_by_text("1 chosen")).to_be_visible()
    await page.keyboard.press("Control+KeyA")
    await expect(page.get_by_text("2 chosen")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await expect(row(page, "one").get_by_role("link")).to_be_focused()


async def test_all_means_those_too_that_are_not_read_yet(page: Page) -> None:
    await _import(page, 120)
    assert await titles(page).count() < 120
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_role("button", name="All", exact=True).click()
    await expect(page.get_by_text("120 chosen")).to_be_visible()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.locator(".list-note")).to_have_text("No chats yet.")


async def test_only_the_chosen_chats_are_exported(page: Page) -> None:
    await chats(page, "one", "two", "three")
    await choose(page, "one", "Choose")
    await row(page, "three").get_by_role("checkbox").click()
    text = await _exported_text(page)
    assert [f'"{title}"' in text for title in ("one", "two", "three")] == [True, False, True]
    await expect(page.get_by_text("2 chosen")).to_be_visible()


async def test_more_chats_are_exported_than_an_address_can_name(page: Page) -> None:
    await _import(page, 250)
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_role("button", name="All", exact=True).click()
    await expect(page.get_by_text("250 chosen")).to_be_visible()
    await row(page, "Imported 7").get_by_role("checkbox").click()
    text = await _exported_text(page)
    assert [f'"Imported {number}"' in text for number in (0, 7, 249)] == [True, False, True]


async def _import(page: Page, count: int) -> None:
    await open_data(page)
    await page.locator("#import-input").set_input_files(exported(count))
    await page.get_by_role("button", name=f"Import {count} conversations").click()
    await expect(page.get_by_text(f"Imported: {count} new")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(titles(page).first).to_be_visible()


async def _exported_text(page: Page) -> str:
    async with page.expect_download() as told:
        await page.get_by_role("button", name="Export", exact=True).click()
    with zipfile.ZipFile(await (await told.value).path()) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


async def test_undo_touches_only_what_was_touched(page: Page) -> None:
    await chats(page, "one", "two")
    await choose(page, "one", "Pin")
    await page.get_by_role("button", name="Close this notice").click()
    await page.get_by_role("button", name="Choose several").click()
    await page.get_by_role("button", name="All", exact=True).click()
    await page.get_by_role("button", name="Pin", exact=True).click()
    await expect(page.locator(".notice")).to_contain_text("Pinned “two”.")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("section[aria-label=Pinned] .chat-title")).to_have_text(["one"])


async def test_an_answer_elsewhere_is_marked_until_it_is_read(page: Page, fake: Fake) -> None:
    await chats(page, "about dogs")
    await page.keyboard.press("Control+Shift+KeyO")
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await row(page, "about dogs").get_by_role("link").click()
    await expect(row(page, "Count for me").get_by_role("img")).to_have_attribute(
        "aria-label", "being answered"
    )
    await fake.order(release=0)
    await expect(row(page, "Count for me").get_by_role("img")).to_have_attribute(
        "aria-label", "unread"
    )
    await expect(page.locator(".announcer-status")).to_have_text("“Count for me” has a new answer")
    await row(page, "Count for me").get_by_role("link").click()
    await expect(row(page, "Count for me").get_by_role("img")).to_have_count(0)


@pytest.mark.parametrize(("kind", "ending"), [("Markdown", ".md"), ("JSON", ".json")])
async def test_a_chat_is_kept_as_a_file(page: Page, kind: str, ending: str) -> None:
    await chats(page, "about cats")
    await open_menu(page, "about cats")
    async with page.expect_download() as told:
        await page.get_by_role("menuitem", name=f"Export as {kind}").click()
    download = await told.value
    assert download.suggested_filename.endswith(ending)
    assert "about cats" in (await download.path()).read_text(encoding="utf-8")


async def test_keys_go_through_the_chats_and_delete_the_one_in_view(page: Page) -> None:
    await chats(page, "one", "two", "three")
    await page.keyboard.press("Control+Shift+ArrowDown")
    await expect(answer(page)).to_have_text("two")
    await page.keyboard.press("Control+Shift+ArrowUp")
    await expect(answer(page)).to_have_text("three")
    await page.keyboard.press("Control+Shift+Backspace")
    await expect(titles(page)).to_have_text(["two", "one"])
    await page.keyboard.press("Control+KeyB")
    await expect(page.get_by_role("button", name="New chat")).to_be_hidden()


async def test_a_list_that_cannot_be_read_says_so(page: Page, watched: Watched) -> None:
    await chats(page, "one")
    await page.route("**/api/conversations?deleted=true*", lambda route: route.abort())
    await go_to(page, "Recently deleted")
    await expect(page.get_by_text("The chats could not be read.")).to_be_visible()
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("The bin is empty.")).to_be_visible()
    watched.console.clear()


def _is_a_change(response: Response) -> bool:
    return response.request.method != "GET" and "/api/conversations" in response.url


async def test_all_of_it_outlives_the_server(
    browser: Browser, fake: Fake, watched: Watched, tmp_path: Path
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    async with run_server(tmp_path, provider=fake.url) as server:
        port = server.port
        await page.goto(server.url)
        await chats(page, "pinned", "archived", "deleted", "old name")
        # What is shown at once is on the server when that has answered.
        for title, entry in (("pinned", "Pin"), ("archived", "Archive"), ("deleted", "Delete")):
            async with page.expect_response(_is_a_change):
                await choose(page, title, entry)
        await choose(page, "old name", "Rename")
        await page.get_by_role("textbox", name="Title").fill("new name")
        async with page.expect_response(_is_a_change):
            await page.keyboard.press("Enter")
        await server.kill()
    async with run_server(tmp_path, provider=fake.url, port=port) as server:
        await page.goto(server.url)
        await expect(titles(page)).to_have_text(["pinned", "new name"])
        await go_to(page, "Archived")
        await expect(titles(page)).to_have_text(["archived"])
        await go_to(page, "Recently deleted")
        await expect(titles(page)).to_have_text(["deleted"])
    await context.close()


async def test_a_chat_that_goes_on_comes_to_the_top(page: Page) -> None:
    await chats(page, "one", "two")
    await row(page, "one").get_by_role("link").click()
    await ask_and_wait(page, "and more")
    await expect(titles(page)).to_have_text(["one", "two"])


async def test_a_question_in_a_chat_that_is_still_being_read_follows_its_last_message(
    page: Page,
) -> None:
    await chats(page, "one", "two")
    opened = asyncio.Event()

    async def late(route: Route) -> None:
        await opened.wait()
        await route.continue_()

    await page.route("**/api/conversations/*", late)
    await row(page, "one").get_by_role("link").click()
    await ask(page, "and more")
    await expect(page.locator(".queue")).to_contain_text("and more")
    opened.set()
    await expect(page.locator(".queue")).to_be_hidden()
    await expect(answer(page)).to_have_text("and more")
    said = [one["content"] for one in (await stored(page))["messages"]]
    assert said == ["one", "one", "and more", "and more"]
