"""Files of chats: looked at before they come in, and going out whole."""

import asyncio
import zipfile

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.conftest import Fake, Watched
from tests.browser.side import open_data, titles
from tests.browser.side_states import chats, exported, looked
from tests.transfer.samples import EVERY

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_file_is_looked_at_before_anything_is_imported(page: Page, fake: Fake) -> None:
    await looked(page, fake)
    file = page.locator("import-file")
    await expect(file).to_contain_text("Claude: 2 conversations, 4 messages, 1 entry skipped")
    await expect(file).to_contain_text("Would be 2 new.")
    await file.get_by_text("1 entry skipped", exact=True).click()
    await expect(file.locator("li")).not_to_be_empty()
    await expect(titles(page)).to_have_count(0)
    await page.get_by_role("button", name="Import 2 conversations").click()
    await expect(file).to_contain_text("Imported: 2 new.")
    await expect(titles(page)).to_have_count(2)
    assert sorted(await titles(page).all_text_contents()) == ["Imported 0", "Imported 1"]


async def test_importing_again_changes_nothing(page: Page, fake: Fake) -> None:
    await looked(page, fake)
    await page.get_by_role("button", name="Import 2 conversations").click()
    await expect(page.get_by_text("Imported: 2 new.")).to_be_visible()
    await page.get_by_role("button", name="Remove this file").click()
    await expect(page.locator("import-file")).to_have_count(0)
    await page.locator("#import-input").set_input_files(exported(2))
    await expect(page.get_by_text("All of it is here already.")).to_be_visible()
    go = page.locator("data-settings").get_by_role("button", name="Import ")
    await expect(go).to_have_count(0)


async def test_every_kind_of_export_comes_in_and_is_read(page: Page) -> None:
    await open_data(page)
    exports: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for name, (_, content) in EVERY.items()
    ]
    await page.locator("#import-input").set_input_files(exports)
    files = page.locator("import-file")
    await expect(files).to_have_count(len(EVERY))
    await expect(page.locator("import-file[data-step=looked]")).to_have_count(len(EVERY))
    await page.locator("data-settings").get_by_role("button", name="Import ").click()
    await expect(page.locator("import-file[data-step=done]")).to_have_count(len(EVERY))
    await page.keyboard.press("Escape")
    listed = await (await page.request.get(f"{page.url}api/conversations?limit=100")).json()
    home, shown = page.url, listed["items"]
    assert len(shown) > 10  # some of the samples are the same chats packed in other ways
    for item in shown:
        await page.goto(f"{home}#{item['id']}")
        link = page.locator(f'.chat-item a[href$="#{item["id"]}"]')
        await expect(link).to_have_attribute("aria-current", "page")
        await expect(page.locator("chat-thread article").first).to_be_visible()
        await expect(page.locator(".notice")).to_have_count(0)


async def test_several_files_are_dropped_and_a_bad_one_says_why(
    page: Page, watched: Watched
) -> None:
    await open_data(page)
    good = exported(3)["buffer"].decode()
    await page.locator("data-settings .drop").evaluate(
        """(target, good) => {
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File([good], "good.json"))
          dataTransfer.items.add(new File(["no chats here"], "bad.json"))
          const told = { bubbles: true, cancelable: true, dataTransfer }
          target.dispatchEvent(new DragEvent("drop", told))
        }""",
        good,
    )
    files = page.locator("import-file")
    await expect(files).to_have_count(2)
    await expect(files.first).to_contain_text("3 conversations")
    await expect(files.last).to_contain_text("There is nothing in it that can be imported.")
    await expect(files.last.locator("li")).not_to_be_empty()
    await page.get_by_role("button", name="Import 3 conversations").click()
    await expect(files.first).to_contain_text("Imported: 3 new.")
    watched.console.clear()  # the browser names the answer 422


async def test_an_import_can_be_cancelled(page: Page, watched: Watched) -> None:
    await open_data(page)
    came = asyncio.Event()

    async def hold(route: Route) -> None:
        came.set()

    await page.route("**/api/import?dry_run=true", hold)
    await page.locator("#import-input").set_input_files(exported(2))
    await came.wait()
    await page.get_by_role("button", name="Cancel reading: chats.json").click()
    await expect(page.locator("import-file").get_by_role("status")).to_have_text("Cancelled.")
    await page.unroute_all()
    await page.locator("#import-input").set_input_files(exported(1))
    await expect(page.get_by_role("button", name="Import 1 conversation")).to_be_visible()
    watched.console.clear()


async def test_an_import_can_be_cancelled_in_its_middle(page: Page) -> None:
    await open_data(page)
    await page.locator("#import-input").set_input_files(exported(3000))
    await page.get_by_role("button", name="Import 3,000 conversations").click()
    await page.get_by_role("button", name="Cancel importing: chats.json").click()
    file = page.locator("import-file")
    await expect(file.get_by_role("status")).to_contain_text("Cancelled.")
    listed = await (await page.request.get(f"{page.url}api/conversations?limit=100")).json()
    for item in listed["items"]:  # what is there is whole
        address = f"{page.url}api/conversations/{item['id']}"
        assert (await (await page.request.get(address)).json())["count"] == 2


@pytest.mark.parametrize("number", [0, 1], ids=["own", "open-webui"])
async def test_everything_goes_out_as_a_zip(page: Page, number: int) -> None:
    await chats(page, "about cats")
    await open_data(page)
    async with page.expect_download() as told:
        await page.get_by_role("link", name="Download").nth(number).click()
    download = await told.value
    assert download.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(await download.path()) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "about cats" in text


async def test_the_dialog_gives_the_focus_back(page: Page) -> None:
    await open_data(page)
    await expect(page.get_by_role("tab", name="Your data")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Settings")).to_be_focused()
