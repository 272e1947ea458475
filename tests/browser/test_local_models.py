"""Model files: sent, chosen, asked and removed on the page."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, FilePayload, Route, expect

from llmchat import resources
from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.side import open_settings
from tests.browser.steps import answer, ask, last_message
from tests.modelfiles import gguf

pytestmark = pytest.mark.asyncio(loop_scope="session")


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def test_a_model_file_is_sent_chosen_asked_and_removed(
    context: BrowserContext, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    embedded = resources.embedded_model()
    assert embedded is not None, "run `make setup`"
    friend = tmp_path / "Friend-135M.gguf"
    shutil.copyfile(embedded, friend)
    page = await context.new_page()
    async with run_server(tmp_path / "data") as server:
        await page.goto(server.url)
        await page.locator(".picker-button").click()
        await page.get_by_role("button", name="Add a model file").click()
        panel = page.get_by_role("tabpanel", name="Model files")
        await expect(panel).to_contain_text("No model files yet.")
        await panel.locator("#model-input").set_input_files(friend)
        row = panel.locator(".model-file")
        await expect(row).to_contain_text("Friend-135M")
        await expect(row).to_contain_text("Smollm2 135M 8k Lc100K Mix1 Ep2")
        await expect(row).to_contain_text(
            "Q4_1\u00a0· 98 MB\u00a0· 135 M parameters\u00a0· 4k of 8k context"
        )
        await expect(panel.locator("model-upload")).to_have_count(0)
        await expect(panel).to_contain_text("Friend-135M is here. You can ask it now.")
        await row.get_by_role("button", name="Use: Friend-135M").click()
        await expect(row).to_contain_text("In use")
        await page.keyboard.press("Escape")
        await expect(page.locator(".model-name")).to_have_text("Friend-135M")
        await ask(page, "Count from one to five in words.")
        await expect(page.locator(".waiting")).to_contain_text("Friend-135M")
        await expect(answer(page)).not_to_be_empty()
        await page.keyboard.press("Escape")  # it would ramble on
        await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        await expect(last_message(page).locator("footer")).to_contain_text("Friend-135M")

        # One that somebody puts into the folder appears as well, and what is bad says why.
        folder = tmp_path / "data" / "models"
        (folder / "cut.gguf").write_bytes(gguf.model()[:-1])
        panel = await open_settings(page, "Model files")
        await expect(row.first).to_contain_text("In memory")
        refused = panel.get_by_role("listitem").filter(has_text="cut.gguf")
        await expect(refused).to_contain_text("it is cut off, or still being copied")
        for name in ("cut.gguf", "Friend-135M.gguf"):
            await panel.get_by_role("button", name=f"Remove: {name}").click()
            sure = page.get_by_role("dialog", name="Remove this model?")
            await expect(sure).to_contain_text(name)
            await sure.get_by_role("button", name="Cancel").click()
            assert (folder / name).exists()
            await panel.get_by_role("button", name=f"Remove: {name}").click()
            await sure.get_by_role("button", name="Remove").click()
            await expect(panel).to_contain_text(f"{name} was removed.")
        await expect(row).to_have_count(0)
        assert not list(folder.iterdir())
        await page.keyboard.press("Escape")
        await expect(page.locator(".model-name")).to_have_text("SmolLM2-135M-Instruct")
    assert watched.console == []


async def test_a_file_that_cannot_be_used_is_refused_and_one_on_its_way_can_be_stopped(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    page = await context.new_page()
    async with run_server(tmp_path / "data", provider=fake.url) as server:
        await page.goto(server.url)
        # Dropped anywhere on the chat, a model file goes where model files go.
        await page.locator("drop-zone").evaluate(
            """() => {
              const dataTransfer = new DataTransfer()
              dataTransfer.items.add(new File(["no model"], "notes.gguf"))
              const told = { bubbles: true, cancelable: true, dataTransfer }
              dispatchEvent(new DragEvent("drop", told))
            }"""
        )
        panel = page.get_by_role("tabpanel", name="Model files")
        first = panel.locator("model-upload")
        await expect(first).to_contain_text("This is no GGUF file.")
        await panel.get_by_role("button", name="Remove this file: notes.gguf").click()
        await expect(first).to_have_count(0)
        good = gguf.model()
        bad = tmp_path / "bad.gguf"
        bad.write_bytes(good[:8] + bytes(8) + good[16:])
        with bad.open("r+b") as opened:
            opened.truncate(900_000_000)  # the rest of it is never read
        await panel.locator("#model-input").set_input_files(bad)
        await expect(first).to_contain_text("it is damaged")
        await expect(first).to_have_attribute("data-step", "failed")
        watched.console.clear()  # the browser names the answer 422
        await panel.get_by_role("button", name="Remove this file: bad.gguf").click()

        async def hold(route: Route) -> None:
            pass

        await page.route("**/api/models", hold)
        await panel.locator("#model-input").set_input_files([file("slow.gguf", good)])
        await panel.get_by_role("button", name="Cancel sending: slow.gguf").click()
        await expect(first.get_by_role("status")).to_have_text("Cancelled.")
        await page.unroute_all()
        await panel.locator("#model-input").set_input_files([file("slow.gguf", good)])
        await expect(panel.locator(".model-file")).to_contain_text("Little Llama")
        assert [one.name for one in (tmp_path / "data/models").iterdir()] == ["slow.gguf"]
        await panel.locator("#model-input").set_input_files([file("slow.gguf", good)])
        await expect(panel).to_contain_text("There is a model file of this name already.")
        watched.console.clear()
