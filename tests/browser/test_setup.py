"""The settings of a chat, presets, and prompts with places: what is set is what is asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Response, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.setup_states import keep_presets, keep_prompts, open_setup
from tests.browser.steps import ask, ask_and_wait, composer, last_message, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")


def field(dialog: Locator, name: str) -> Locator:
    """A field of the settings."""
    return dialog.get_by_role("textbox", name=name, exact=True)


async def _shown(dialog: Locator) -> Any:
    """What the page says will be sent."""
    return json.loads(await dialog.locator(".sent-code").inner_text())


def _changes_a_chat(response: Response) -> bool:
    """What is shown at once is on the server by then."""
    return response.request.method == "PATCH" and "/api/conversations/" in response.url


async def _asked(fake: Fake, count: int) -> dict[str, Any]:
    """What the endpoint was sent."""
    body: dict[str, Any] = (await fake.told(asked=count))["requests"][count - 1]["body"]
    return body


async def test_what_is_set_for_a_chat_is_what_is_shown_and_what_is_asked(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await composer(page).fill("one")
    assert not any("/chat-settings-dialog" in url for url in watched.requests)
    await page.keyboard.press("Control+Period")
    dialog = page.get_by_role("dialog", name="Set up this chat")
    await field(dialog, "System prompt").fill("Be brief.")
    await field(dialog, "Temperature").fill("0,5")
    await field(dialog, "Stop at").fill("END\n\\n\\n")
    await field(dialog, "More, as JSON").fill('{"min_p": 0.05, "temperature": 0.25}')
    status = dialog.locator(".setup-status")
    await expect(dialog.locator(".sent-code")).to_contain_text("min_p")
    await expect(status).to_have_text("They hold from the first question on.")
    shown = await _shown(dialog)
    assert (shown["temperature"], shown["stop"]) == (0.25, ["END", "\n\n"])
    # What is wrong is told where it is, and not taken.
    await field(dialog, "Temperature").fill("3")
    await expect(dialog.get_by_text("A number from 0 to 2, or nothing.")).to_be_visible()
    await expect(field(dialog, "Temperature")).to_have_attribute("aria-invalid", "true")
    await expect(status).to_contain_text("Not saved")
    await field(dialog, "Temperature").fill("0.5")
    await expect(status).to_have_text("They hold from the first question on.")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await composer(page).press("Enter")
    assert await _asked(fake, 1) == shown
    await expect(page.get_by_role("button", name="Set up this chat: 4 set")).to_be_visible()
    await page.wait_for_url("**#*")  # the chat is there
    settings = (await stored(page))["settings"]
    assert settings["extra"] == {"min_p": 0.05, "temperature": 0.25}
    # A chat that is there: the server's word on a schema, saved as soon as it is right.
    await page.reload()
    await composer(page).fill("two")
    dialog = await open_setup(page)
    await expect(field(dialog, "System prompt")).to_have_value("Be brief.")
    await dialog.get_by_text("JSON schema", exact=True).click()
    schema = field(dialog, "Schema")
    await schema.fill('{"properties": {"a": {"type": "strin"}}}')
    await expect(dialog.get_by_text("what is at /properties/a/type cannot")).to_be_visible()
    await expect(schema).to_have_attribute("aria-invalid", "true")
    await schema.fill('{"properties": {"a": {"type": "string"}}}')
    await expect(dialog.locator(".sent-code")).to_contain_text("json_schema")
    await expect(dialog.locator(".setup-status")).to_have_text(
        "Saved. It holds from the next answer on."
    )
    shown = await _shown(dialog)
    await dialog.get_by_text("curl", exact=True).click()
    await expect(dialog.locator(".sent-code")).to_contain_text("Bearer $OPENAI_API_KEY")
    await field(dialog, "Seed").fill("7")
    await page.keyboard.press("Escape")  # what was just written is saved, too
    await expect(page.get_by_role("button", name="Set up this chat: 6 set")).to_be_visible()
    await composer(page).press("Enter")
    assert await _asked(fake, 2) == {**shown, "seed": 7}
    dialog = await open_setup(page)
    async with page.expect_response(_changes_a_chat):
        await dialog.get_by_role("button", name="Reset all").click()
    await expect(page.get_by_role("button", name="Set up this chat")).not_to_have_attribute(
        "data-set", ""
    )
    assert (await stored(page))["settings"] == {}
    watched.console.clear()  # the browser names the requests that were refused


async def test_a_chat_has_a_model_of_its_own_and_a_temporary_one_its_settings(
    page: Page, fake: Fake
) -> None:
    name = page.locator(".model-name")
    await expect(name).to_have_text("echo")
    dialog = await open_setup(page)
    await dialog.get_by_role("combobox", name="Model").select_option("known-1000")
    await expect(name).to_have_text("known-1000")
    await page.keyboard.press("Escape")
    await ask_and_wait(page, "one")
    assert (await _asked(fake, 1))["model"] == "known-1000"
    await page.locator(".picker-button").click()
    await page.get_by_role("radio", name="parts").click()
    await expect(name).to_have_text("parts")
    await ask_and_wait(page, "two")
    assert (await _asked(fake, 2))["model"] == "parts"
    assert (await stored(page))["settings"] == {"model": "parts"}
    await page.get_by_role("button", name="New chat").click()
    await expect(name).to_have_text("echo")
    # What is set for an empty chat stays when it becomes a temporary one.
    dialog = await open_setup(page)
    await field(dialog, "Seed").fill("7")
    await expect(dialog.locator(".sent-code")).to_contain_text("seed")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Temporary chat").click()
    await composer(page).fill("three")
    dialog = await open_setup(page)
    await expect(dialog.locator(".sent-code")).to_contain_text("three")
    await expect(dialog.locator(".sent-code")).to_contain_text("seed")
    shown = await _shown(dialog)
    await page.keyboard.press("Escape")
    await ask_and_wait(page, "three")
    sent = await _asked(fake, 3)
    assert (sent, sent["seed"]) == (shown, 7)


async def test_the_settings_of_a_chat_become_a_preset_for_others(
    page: Page, fake: Fake, server: Server
) -> None:
    dialog = await open_setup(page)
    await field(dialog, "System prompt").fill("Rhyme.")
    await expect(dialog.locator(".sent-code")).to_contain_text("Rhyme.")
    await dialog.get_by_role("button", name="Keep as preset").click()
    presets = page.get_by_role("dialog", name="Presets")
    await expect(field(presets, "Name")).to_be_focused()
    await field(presets, "Name").fill("Poet")
    await field(presets, "Icon").fill("P!")
    await presets.get_by_title("Violet").click()
    await field(presets, "Ways to begin, one on each line").fill("Write about the sea.")
    await presets.get_by_role("button", name="Save").click()
    await expect(presets.get_by_role("listitem")).to_contain_text("1 setting · Rhyme.")
    await page.keyboard.press("Escape")
    await expect(page.locator(".picker-preset")).to_have_text("P!Poet")
    await page.reload()
    chip = page.get_by_role("button", name="Poet", exact=True)
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Write about the sea.").click()
    await composer(page).press("Enter")
    sent = await _asked(fake, 1)
    assert sent["messages"][0] == {"role": "system", "content": "Rhyme."}
    await expect(last_message(page).locator("footer")).not_to_be_empty()
    await page.reload()
    await expect(page.locator(".picker-preset")).to_have_text("P!Poet")
    # In a chat with settings of its own it takes their place, and they can be had back.
    dialog = await open_setup(page)
    await dialog.get_by_role("button", name="Reset all").click()
    await field(dialog, "Seed").fill("7")
    await expect(dialog.locator(".sent-code")).to_contain_text("seed")
    await page.keyboard.press("Escape")
    await expect(page.locator(".picker-preset")).to_be_hidden()
    await page.locator(".picker-button").click()
    await page.get_by_role("group", name="Presets").get_by_role("button", name="Poet").click()
    await expect(page.locator(".picker-preset")).to_be_visible()
    async with page.expect_response(_changes_a_chat):
        await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".picker-preset")).to_be_hidden()
    assert (await stored(page))["settings"] == {"seed": 7}
    # Changed and deleted where they are managed; another chat's settings can be taken.
    await page.locator(".picker-button").click()
    await page.get_by_role("button", name="Change presets").click()
    await presets.get_by_role("button", name="Edit: Poet").click()
    await presets.get_by_role("checkbox", name="Take the settings").check()
    await presets.get_by_role("button", name="Save").click()
    await expect(presets.get_by_role("listitem")).to_have_text("P!Poet1 setting")
    kept = await (await page.request.get(f"{server.url}api/presets")).json()
    assert kept["items"][0]["settings"] == {"seed": 7}
    await presets.get_by_role("button", name="Delete: Poet").click()
    await expect(presets.get_by_text("No presets yet.")).to_be_visible()


async def test_the_places_of_a_prompt_are_asked_for(page: Page, fake: Fake) -> None:
    await keep_prompts(page, Mail="To {{who}}: {{what=thanks}}, {{who}}!", Plain="plain")
    await composer(page).press_sequentially("/mai")
    await expect(page.get_by_role("option", name="Mail")).to_be_visible()
    await composer(page).press("Enter")
    dialog = page.get_by_role("dialog", name="Mail")
    await expect(field(dialog, "who")).to_be_focused()
    await page.keyboard.type("Ann")
    await page.keyboard.press("Enter")
    await expect(field(dialog, "what")).to_be_focused()
    await expect(field(dialog, "what")).to_have_value("thanks")
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_have_value("To Ann: thanks, Ann!")
    await expect(composer(page)).to_be_focused()
    await composer(page).fill("")
    await composer(page).press_sequentially("/mai")
    await expect(page.get_by_role("option", name="Mail")).to_be_visible()
    await composer(page).press("Enter")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(composer(page)).to_have_value("/mai")


async def test_prompts_are_taken_along_and_brought_from_elsewhere(page: Page) -> None:
    await keep_prompts(page, One="first")
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("menuitem", name="Prompts").click()
    dialog = page.get_by_role("dialog", name="Prompts")
    async with page.expect_download() as download:
        await dialog.get_by_role("button", name="Export").click()
    path = await (await download.value).path()
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "prompts": [{"name": "One", "text": "first"}]
    }
    chooser = dialog.get_by_label("Import", exact=True).last
    theirs = [{"command": "/sum", "title": "Summarise", "content": "Sum up {{it}}"}, {}]
    for content, told in (
        (json.dumps(theirs), "1 prompt was added. 1 cannot be kept."),
        (json.dumps(theirs), "0 prompts were added. 1 was there already. 1 cannot be kept."),
        (path.read_text(encoding="utf-8"), "0 prompts were added. 1 was there already."),
        ("{", "a.json is not a JSON file."),
    ):
        await chooser.set_input_files(
            {"name": "a.json", "mimeType": "application/json", "buffer": content.encode()}
        )
        await expect(dialog.locator(".prompts-report")).to_have_text(told)
    await expect(dialog.get_by_role("listitem")).to_have_count(2)


async def test_a_question_that_was_refused_is_asked_again_with_what_is_set_by_then(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await keep_presets(page)
    await page.route("**/chat", lambda route: route.fulfill(status=422, json={"title": "No."}))
    await ask(page, "one")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    await page.unroute("**/chat")
    dialog = await open_setup(page)
    await field(dialog, "Seed").fill("7")
    await expect(dialog.locator(".sent-code")).to_contain_text("seed")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Try again").click()
    assert (await _asked(fake, 1))["seed"] == 7
    await expect(page.get_by_role("button", name="Set up this chat: 1 set")).to_be_visible()
    watched.console.clear()  # the browser names the request that was refused


async def test_a_long_chat_is_summarised_and_the_summary_is_what_the_model_is_told(
    page: Page, fake: Fake
) -> None:
    await ask_and_wait(page, "one")
    await ask_and_wait(page, "two")
    await composer(page).press_sequentially("/comp")
    await expect(page.get_by_role("option", name="Summarise this chat")).to_be_visible()
    await composer(page).press("Enter")
    summary = page.get_by_role("article", name="Summary")
    await expect(summary).to_contain_text("Summarise this conversation")  # it is an echo
    await expect(summary.locator("footer")).not_to_be_empty()
    line = page.locator("chat-message[data-line]")
    await expect(line).to_have_attribute("data-line", "summary")
    await expect(composer(page)).to_have_value("")
    # It is edited as any answer, and asked for again in the same words.
    await summary.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await page.get_by_role("textbox", name="Text of the answer").fill("We have counted to two.")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(summary).to_contain_text("We have counted to two.")
    await ask_and_wait(page, "three")
    told = "Summary of the conversation so far:\n\nWe have counted to two."
    assert (await _asked(fake, 4))["messages"] == [
        {"role": "system", "content": told},
        {"role": "user", "content": "three"},
    ]
    await summary.get_by_role("button", name="Answer again").click()
    again = (await _asked(fake, 5))["messages"]
    assert [one["content"] for one in again[:2]] == ["one", "one"]
    assert again[-1]["content"].startswith("Summarise this conversation")
    await expect(summary.get_by_text("2/2")).to_be_visible()


async def test_a_line_shows_from_where_on_the_model_is_told(page: Page, fake: Fake) -> None:
    for question in ("one", "two", "three"):
        await ask_and_wait(page, question)
    dialog = await open_setup(page)
    line = page.locator("chat-message[data-line]")
    await field(dialog, "Remembered questions").fill("2")
    await expect(line).to_have_text(re.compile("three"))
    await expect(line).to_have_attribute("data-line", "cut")
    await field(dialog, "Remembered questions").fill("1")
    await expect(line).to_have_attribute("data-line", "cut-after")
    await field(dialog, "Remembered questions").fill("3")
    await expect(line).to_have_text(re.compile("two"))
    await page.keyboard.press("Escape")
    await ask_and_wait(page, "four")
    sent = (await _asked(fake, 4))["messages"]
    assert [one["content"] for one in sent] == ["two", "two", "three", "three", "four"]
    await expect(line).to_have_text(re.compile("three"))
