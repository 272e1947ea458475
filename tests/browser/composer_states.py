"""The states of the composer: files, the messages that wait, and what is kept to be used again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests import pdfs
from tests.browser.attaching import all_there, attach, drag, file, paste
from tests.browser.conftest import Fake
from tests.browser.setup_states import forget_prompts, keep_prompts
from tests.browser.steps import answer, ask, ask_and_wait, composer
from tests.pictures import png

PROMPTS = {
    "Explain simply": "Explain this so that a child understands it:\n",
    "Proofread": "Correct spelling and grammar only, and list what you changed:\n",
    "Review": "Review this code for bugs, security and names:\n",
}


async def _attached(page: Page, fake: Fake) -> None:
    await attach(
        page,
        file("sunset-over-the-lake.png", png(640, 480), "image/png"),
        file("quarterly-report.pdf", pdfs.pdf("Revenue grew."), "application/pdf"),
        file("search.py", "def search(query):\n    return []\n", "text/x-python"),
    )
    await composer(page).fill("What do these have in common?")


async def _uploading(page: Page, fake: Fake) -> None:
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500}
    network = await page.context.new_cdp_session(page)
    await network.send("Network.emulateNetworkConditions", slow)
    await page.locator(".files-input").set_input_files(
        [file("holiday.png", png(320, 240), "image/png"), file("notes.md", "# Notes\n" * 9)]
    )
    await expect(page.locator("file-chip[data-step=sending]")).to_be_visible()


async def _upload_failed(page: Page, fake: Fake) -> None:
    await page.locator(".files-input").set_input_files(
        [
            file("scan.pdf", pdfs.pdf_without_text(), "application/pdf"),
            file("notes.md", "# Notes\n"),
        ]
    )
    await expect(page.locator("file-chip[data-step=failed]")).to_be_visible()
    await expect(page.locator("file-chip[data-step=there]")).to_be_visible()


async def _pasted(page: Page, fake: Fake) -> None:
    await composer(page).fill("x")
    await paste(page, "A long text. " * 300)
    await all_there(page)


async def _queued(page: Page, fake: Fake) -> None:
    await fake.order(mode="gate")
    await ask(page, "Count for me")
    await expect(answer(page)).to_have_text("piece 0")
    await ask(page, "And then backwards, please, but without the even ones")
    await attach(page, file("numbers.csv", "1,2,3\n", "text/csv"))
    await ask(page, "Is this list complete?")
    await expect(page.locator(".queued")).to_have_count(2)


async def _slash(page: Page, fake: Fake) -> None:
    await keep_prompts(page, **PROMPTS)
    await composer(page).press_sequentially("/")
    await expect(page.get_by_role("option", name="Proofread")).to_be_visible()
    await composer(page).press("ArrowDown")


async def _slash_empty(page: Page, fake: Fake) -> None:
    await forget_prompts(page)
    await composer(page).press_sequentially("/")
    await expect(page.get_by_text("No prompts yet.").first).to_be_visible()


async def _prompts(page: Page, fake: Fake) -> None:
    await _slash(page, fake)
    await page.get_by_role("option", name="Change prompts").click()
    await expect(page.get_by_role("listitem").filter(has_text="Proofread")).to_be_visible()


async def _add_menu(page: Page, fake: Fake) -> None:
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("menuitem", name="Attach files")).to_be_focused()


async def _dropping(page: Page, fake: Fake) -> None:
    await ask_and_wait(page, "Can you read a file?")
    await drag(page, "dragenter", file("some.txt", "text"))
    await expect(page.locator("drop-zone")).to_be_visible()


async def _sent_files(page: Page, fake: Fake) -> None:
    await _attached(page, fake)
    await fake.order(mode="markdown", text="All three are about **numbers** that grow.")
    await ask_and_wait(page, "What do these have in common?")
    await expect(page.locator(".picture-button img")).to_be_visible()


async def _picture(page: Page, fake: Fake) -> None:
    await _sent_files(page, fake)
    await page.get_by_role("button", name="Look at").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def _editing_files(page: Page, fake: Fake) -> None:
    await _sent_files(page, fake)
    await page.locator("user-message").hover()
    await page.locator("user-message").get_by_role("button", name="Edit").click()
    await expect(page.locator("edited-files")).to_be_visible()


COMPOSER_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "attached": _attached,
    "uploading": _uploading,
    "upload failed": _upload_failed,
    "pasted": _pasted,
    "queued": _queued,
    "slash": _slash,
    "slash empty": _slash_empty,
    "prompts": _prompts,
    "add menu": _add_menu,
    "dropping": _dropping,
    "sent files": _sent_files,
    "picture": _picture,
    "editing files": _editing_files,
}
