"""Files go with a message: chosen, dropped or pasted, made small, and told to the model."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from llmchat.domain.media import image_of
from tests import pdfs
from tests.browser.attaching import all_there, attach, chip, drag, file, paste
from tests.browser.conftest import Fake, Server, Watched, run_server
from tests.browser.steps import (
    answer,
    ask,
    ask_and_wait,
    composer,
    last_message,
    run_module,
    stored,
)
from tests.browser.test_tree import question
from tests.fake_openai import FakeOpenAI
from tests.pictures import GIF, SECRET, png, with_exif

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "A line of a log that somebody has copied.\n" * 100
DRAW = """const canvas = document.createElement("canvas")
  Object.assign(canvas, { width: 3000, height: 1000 })
  const context = canvas.getContext("2d")
  context.fillStyle = "teal"
  context.fillRect(0, 0, 3000, 500)
  return canvas.toDataURL("image/jpeg").split(",")[1]"""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _answers(fake: Fake) -> None:
    await fake.order(mode="markdown", text="I see.")


async def _parts(fake: Fake, count: int = 1) -> list[dict[str, Any]]:
    """What a model was told in the last message, in its parts."""
    body = (await fake.told(asked=count))["requests"][-1]["body"]
    content = body["messages"][-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


async def _hold(page: Page) -> asyncio.Event:
    """Files that are sent wait until this is set."""
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route("**/api/files", hold)
    return free


def _bytes(part: dict[str, Any]) -> tuple[str, bytes]:
    head, _, coded = part["image_url"]["url"].partition(",")
    return head, base64.b64decode(coded, validate=True)


async def test_a_photograph_is_sent_small_upright_and_without_what_the_camera_wrote(
    page: Page, fake: Fake
) -> None:
    photograph = with_exif(base64.b64decode(await run_module(page, DRAW)), orientation=6)
    assert SECRET in photograph
    await attach(page, file("holiday.JPG", photograph, "image/jpeg"))
    await ask_and_wait(page, "Where is this?")
    picture, text = await _parts(fake)
    assert text == {"type": "text", "text": "Where is this?"}
    head, sent = _bytes(picture)
    image = image_of(sent)
    assert head == "data:image/jpeg;base64"
    assert image is not None
    assert (image.width, image.height) == (683, 2048)
    assert SECRET not in sent
    (attachment,) = (await stored(page))["messages"][0]["attachments"]
    assert attachment["name"] == "holiday.JPG"
    kept = await page.request.get(f"{page.url.split('#')[0]}api/files/{attachment['file']}")
    assert await kept.body() == sent


async def test_a_gif_goes_as_it_is_and_a_png_keeps_what_is_clear(page: Page, fake: Fake) -> None:
    await attach(
        page,
        file("moving.gif", GIF, "image/gif"),
        file("clear.png", png(30, 20, alpha=0, text=SECRET), "image/png"),
    )
    await ask_and_wait(page, "What is this?")
    first, second, _ = await _parts(fake)
    assert _bytes(first) == ("data:image/gif;base64", GIF)
    head, sent = _bytes(second)
    assert head == "data:image/png;base64"
    assert SECRET not in sent
    assert sent[25] == 6  # with an alpha channel


async def test_texts_and_pdfs_are_told_to_the_model_in_words(page: Page, fake: Fake) -> None:
    await attach(
        page,
        file("report.pdf", pdfs.pdf("Revenue grew."), "application/pdf"),
        file("search.py", "def search():\n    return 1\n", ""),
    )
    await ask_and_wait(page, "Sum up")
    (part,) = await _parts(fake)
    assert "File: report.pdf (PDF, 1 page)\n```\nRevenue grew.\n```" in part["text"]
    assert "File: search.py\n```py\ndef search():\n    return 1\n```" in part["text"]
    assert part["text"].endswith("\n\nSum up")


async def test_files_without_a_word_are_a_message(page: Page, fake: Fake) -> None:
    await attach(page, file("notes.md", "# Notes\n"))
    await page.get_by_role("button", name="Send").click()
    await expect(answer(page)).to_have_text("I see.")
    await expect(page.locator("file-chip")).to_have_count(0)
    assert "# Notes" in (await _parts(fake))[0]["text"]


async def test_a_picture_is_pasted_and_the_text_of_an_office_program_stays_text(page: Page) -> None:
    picture = file("image.png", png(9, 9), "image/png")
    await composer(page).focus()
    await paste(page, "", picture)
    await all_there(page)
    await expect(chip(page, "image.png").locator("img")).to_be_visible()
    await paste(page, "a cell", picture, html="<b>a cell</b>")
    await expect(composer(page)).to_have_value("a cell")
    await expect(page.locator("file-chip")).to_have_count(1)


async def test_files_are_dropped_anywhere_on_the_chat(page: Page) -> None:
    dropped = [file("one.txt", "1"), file("two.txt", "2")]
    await drag(page, "dragenter", *dropped)
    await expect(page.get_by_text("Drop the files here")).to_be_visible()
    await drag(page, "dragleave", *dropped)
    await expect(page.get_by_text("Drop the files here")).to_be_hidden()
    await drag(page, "dragover", *dropped)
    await drag(page, "drop", *dropped)
    await expect(page.get_by_text("Drop the files here")).to_be_hidden()
    await all_there(page)
    await expect(page.locator("file-chip")).to_have_count(2)
    await expect(composer(page)).to_be_focused()


async def test_what_a_message_cannot_take_is_told_before_it_is_sent(
    context: BrowserContext, provider: Fake, watched: Watched, tmp_path: Path
) -> None:
    page = await context.new_page()
    limits = {"LLMCHAT_MAX_FILES": "2", "LLMCHAT_MAX_FILE_MB": "1"}
    async with run_server(tmp_path, provider=provider.url, settings=limits) as server:
        await page.goto(server.url)
        await expect(page.locator(".model-name")).to_have_text("echo")
        sent = len(watched.requests)
        large = file("large.txt", "x" * (1 << 20) + "x")
        await page.locator(".files-input").set_input_files([large, file("none.txt", "")])
        notices = page.locator(".notice")
        await expect(notices.filter(has_text="large.txt has 1.0 MB")).to_contain_text("1 MB")
        await expect(notices.filter(has_text="none.txt is empty")).to_be_visible()
        assert not any(url.endswith("api/files") for url in watched.requests[sent:])
        await attach(page, *(file(f"{name}.txt", name) for name in "abc"))
        await expect(notices.filter(has_text="c.txt is one too many")).to_be_visible()
        await expect(page.locator("file-chip")).to_have_count(2)


async def test_an_upload_that_failed_is_tried_again_or_removed(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await page.route("**/api/files", lambda route: route.abort())
    await page.locator(".files-input").set_input_files(file("notes.md", "# Notes\n"))
    note = chip(page, "notes.md")
    await expect(note).to_contain_text("did not reach the llmchat server")
    await ask(page, "hello")
    await expect(page.locator(".notice")).to_contain_text("could not be attached")
    await expect(composer(page)).to_have_value("hello")
    await page.unroute_all()
    await note.get_by_role("button", name="Try again").click()
    await all_there(page)
    scan = file("scan.pdf", pdfs.pdf_without_text(), "application/pdf")
    await page.locator(".files-input").set_input_files(scan)
    await expect(chip(page, "scan.pdf")).to_contain_text("This PDF has no text")
    await expect(chip(page, "scan.pdf").get_by_role("button", name="Try again")).to_be_hidden()
    await chip(page, "scan.pdf").get_by_role("button", name="Remove").press("Enter")
    await expect(note.get_by_role("button", name="Remove")).to_be_focused()
    await composer(page).press("Enter")
    await expect(answer(page)).to_have_text("I see.")
    assert (await fake.told())["posts"] == 1
    watched.console.clear()


async def test_the_last_file_that_is_removed_by_key_leaves_the_focus_in_the_text(
    page: Page,
) -> None:
    await attach(page, file("notes.md", "# Notes\n"))
    await page.get_by_role("button", name="Remove: notes.md").press("Enter")
    await expect(page.locator("file-chip")).to_have_count(0)
    await expect(composer(page)).to_be_focused()
    await page.reload()
    await expect(composer(page)).to_be_visible()
    await expect(page.locator("file-chip")).to_have_count(0)


async def test_nothing_is_sent_while_a_file_is_on_its_way(page: Page, fake: Fake) -> None:
    held = await _hold(page)
    await page.locator(".files-input").set_input_files(file("notes.md", "# Notes\n"))
    await expect(page.locator("file-chip[data-step=sending]")).to_be_visible()
    await ask(page, "hello")
    await expect(page.locator(".notice")).to_contain_text("still being sent")
    held.set()
    await all_there(page)
    await composer(page).press("Enter")
    await expect(answer(page)).to_have_text("I see.")
    assert (await fake.told())["posts"] == 1


async def test_each_chat_keeps_its_files_with_its_draft(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "about cats")
    await attach(page, file("cats.png", png(20, 20), "image/png"))
    await page.get_by_role("button", name="New chat").click()
    await expect(page.locator("file-chip")).to_have_count(0)
    await attach(page, file("dogs.txt", "Dogs."))
    await page.reload()
    await expect(chip(page, "dogs.txt")).to_be_visible()
    await page.get_by_role("link", name="about cats").click()
    await expect(chip(page, "cats.png").locator("img")).to_be_visible()
    await expect(page.locator("file-chip")).to_have_count(1)
    await ask_and_wait(page, "Which one?")
    assert [one["type"] for one in await _parts(fake, 2)] == ["image_url", "text"]
    await page.reload()
    await expect(answer(page)).to_have_text("I see.")
    await expect(page.locator("file-chip")).to_have_count(0)


async def test_a_file_goes_on_being_sent_while_another_chat_is_read(page: Page) -> None:
    await ask_and_wait(page, "about cats")
    held = await _hold(page)
    await page.locator(".files-input").set_input_files(file("cats.txt", "Cats."))
    await expect(page.locator("file-chip[data-step=sending]")).to_be_visible()
    await page.get_by_role("button", name="New chat").click()
    async with page.expect_response("**/api/files"):
        held.set()
    await page.get_by_role("link", name="about cats").click()
    await all_there(page)
    await expect(chip(page, "cats.txt")).to_be_visible()


async def test_sent_files_are_shown_and_can_be_had_again(page: Page) -> None:
    await attach(
        page, file("cats.png", png(20, 20), "image/png"), file("notes.md", "# Notes\n", "")
    )
    await ask_and_wait(page, "What is this?")
    await page.reload()
    await page.get_by_role("button", name="Look at cats.png").click()
    viewer = page.get_by_role("dialog", name="cats.png")
    await expect(viewer.get_by_role("img", name="cats.png")).to_be_visible()
    async with page.expect_download() as saved:
        await viewer.get_by_role("link", name="Download").click()
    assert (await saved.value).suggested_filename == "cats.png"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Look at cats.png")).to_be_focused()
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="notes.md").click()
    download = await saved.value
    assert download.suggested_filename == "notes.md"
    assert (await download.path()).read_text() == "# Notes\n"


async def test_an_edited_question_keeps_its_files_but_for_those_that_are_taken_away(
    page: Page, fake: Fake
) -> None:
    await attach(page, file("cats.txt", "Cats purr."), file("dogs.txt", "Dogs bark."))
    await ask_and_wait(page, "Which?")
    for count, removed in ((2, None), (3, "cats.txt")):
        await question(page).hover()
        await question(page).get_by_role("button", name="Edit").click()
        editor = page.locator("message-editor")
        if removed:
            await editor.get_by_role("button", name=f"Remove: {removed}").click()
        await editor.get_by_role("textbox").fill(f"Which now? {count}")
        await editor.get_by_role("button", name="Send").click()
        (part,) = await _parts(fake, count)
        assert ("Cats purr." in part["text"]) == (removed is None)
        assert "Dogs bark." in part["text"]
        await expect(question(page).locator(".pager")).to_contain_text(f"{count}/{count}")
    await page.get_by_role("button", name="Earlier message").click()
    await expect(question(page).get_by_role("link", name="cats.txt")).to_be_visible()


async def test_a_picture_for_a_model_that_cannot_see_is_told_before_and_after_it_is_sent(
    context: BrowserContext, tmp_path: Path
) -> None:
    page = await context.new_page()
    async with FakeOpenAI(models=("blind",)) as blind:
        told: Any = blind.models
        told["data"][0]["capabilities"] = {"vision": False}
        async with run_server(tmp_path, provider=blind.url, model="blind") as server:
            await page.goto(server.url)
            await attach(page, file("cats.png", png(20, 20), "image/png"))
            await expect(page.locator(".tray-note")).to_contain_text("blind cannot read pictures")
            await ask(page, "What is this?")
            await expect(last_message(page)).to_contain_text("cannot read images")
            assert blind.posts == 0


async def test_a_temporary_chat_takes_no_files(page: Page, server: Server) -> None:
    await page.goto(f"{server.url}?temporary=1")
    await page.locator(".files-input").set_input_files(file("notes.md", "# Notes\n"))
    await expect(page.locator(".notice")).to_contain_text("takes no files")
    await composer(page).focus()
    await paste(page, LONG)
    await expect(composer(page)).to_have_value(LONG)
    await expect(page.locator("file-chip")).to_have_count(0)


async def test_a_long_text_that_is_pasted_becomes_a_file_and_a_text_again(
    page: Page, fake: Fake
) -> None:
    await composer(page).fill("See: ")
    await paste(page, "x" * 2500)
    await expect(page.locator("file-chip")).to_have_count(0)
    await composer(page).fill("See: ")
    await paste(page, LONG)
    await all_there(page)
    await expect(composer(page)).to_have_value("See: ")
    await page.get_by_role("button", name="Undo: paste as text").click()
    await expect(composer(page)).to_have_value("See: " + LONG)
    await expect(composer(page)).to_be_focused()
    await expect(page.locator("file-chip")).to_have_count(0)
    await composer(page).fill("Explain")
    await paste(page, LONG)
    await all_there(page)
    await composer(page).press("Enter")
    (part,) = await _parts(fake)
    assert part["text"] == f"File: Pasted text.txt\n```\n{LONG}```\n\nExplain"


async def test_long_texts_stay_text_where_that_is_wanted(page: Page) -> None:
    await run_module(
        page, 'const all = await load("./state/preferences.js")\n all.longPaste.set(false)'
    )
    await composer(page).focus()
    await paste(page, LONG)
    await expect(composer(page)).to_have_value(LONG)
