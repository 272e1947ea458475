"""Writing: the messages that wait, what was sent before, kept prompts, and the key that sends."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.attaching import attach, file
from tests.browser.conftest import Fake, Server, Watched
from tests.browser.message_states import long_chat
from tests.browser.setup_states import keep_prompts
from tests.browser.steps import (
    answer,
    ask,
    ask_and_wait,
    composer,
    last_message,
    run_module,
    stored,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"


def queued(page: Page) -> Locator:
    """The messages that wait."""
    return page.get_by_role("list", name="Will be sent next").get_by_role("listitem")


def questions(page: Page) -> Locator:
    """The messages that were sent."""
    return page.get_by_role("article", name="Your message")


async def _answering(page: Page, fake: Fake, *waiting: str) -> None:
    """An answer that does not end, and messages that wait for its end."""
    await fake.order(mode="gate")
    await ask(page, "first")
    await expect(answer(page)).to_have_text("piece 0")
    for text in waiting:
        await ask(page, text)
    await expect(queued(page)).to_have_text(list(waiting))


async def _asked(fake: Fake, count: int) -> list[str]:
    """What a model was asked."""
    told = await fake.told(asked=count)
    return [one["body"]["messages"][-1]["content"] for one in told["requests"]]


async def test_what_is_written_meanwhile_is_sent_one_after_the_other(
    page: Page, fake: Fake
) -> None:
    await _answering(page, fake, "second", "third")
    await expect(composer(page)).to_have_value("")
    await expect(composer(page)).to_be_focused()
    await fake.order(mode="echo", release=0)
    await expect(questions(page)).to_have_text(["first", "second", "third"])
    await expect(answer(page)).to_have_text("third")
    await expect(queued(page)).to_have_count(0)
    assert await _asked(fake, 3) == ["first", "second", "third"]
    messages = (await stored(page))["messages"]
    assert [one["parent_id"] for one in messages[1:]] == [one["id"] for one in messages[:-1]]


async def test_after_an_error_they_wait_until_somebody_sends_them(page: Page, fake: Fake) -> None:
    await _answering(page, fake, "second", "third")
    await page.get_by_role("button", name="Stop", exact=True).click()
    await expect(last_message(page)).to_contain_text("Stopped.")
    await expect(queued(page)).to_have_text(["second", "third"])
    await fake.order(mode="status-401")
    await queued(page).first.get_by_role("button", name="Send now").click()
    await expect(last_message(page).get_by_role("button", name="Try again")).to_be_visible()
    await expect(queued(page)).to_have_text(["third"])
    await fake.order(mode="echo")
    await last_message(page).get_by_role("button", name="Try again").click()
    await expect(answer(page)).to_have_text("third")
    await expect(queued(page)).to_have_count(0)


async def test_a_message_sent_at_once_stops_the_answer(page: Page, fake: Fake) -> None:
    await _answering(page, fake, "second", "third")
    await fake.order(mode="echo")
    await queued(page).last.get_by_role("button", name="Send now: third").click()
    await expect(questions(page)).to_have_text(["first", "third", "second"])
    await expect(answer(page)).to_have_text("second")
    assert await _asked(fake, 3) == ["first", "third", "second"]
    answers = [one for one in (await stored(page))["messages"] if one["role"] == "assistant"]
    assert [one["state"] for one in answers] == ["cancelled", "done", "done"]


async def test_a_message_that_waits_is_changed_or_taken_away(page: Page, fake: Fake) -> None:
    await _answering(page, fake, "second", "third")
    await attach(page, file("notes.md", "# Notes\n"))
    await ask(page, "fourth")
    await expect(queued(page).last).to_contain_text("1 file")
    await composer(page).fill("and")
    await queued(page).last.get_by_role("button", name="Edit").press("Enter")
    await expect(composer(page)).to_have_value("fourth\n\nand")
    await expect(page.locator("file-chip")).to_have_count(1)
    await queued(page).first.get_by_role("button", name="Remove").press("Enter")
    await expect(queued(page)).to_have_text(["third"])
    await expect(queued(page).get_by_role("button").first).to_be_focused()
    await queued(page).get_by_role("button", name="Remove").press("Enter")
    await expect(queued(page)).to_have_count(0)
    await expect(composer(page)).to_be_focused()
    await fake.order(release=0)
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert (await fake.told())["posts"] == 1


async def test_what_waits_is_there_after_a_reload_and_goes_on(page: Page, fake: Fake) -> None:
    await _answering(page, fake, "second")
    await page.reload()
    await expect(queued(page)).to_have_text(["second"])
    await expect(answer(page)).to_have_text("piece 0")
    await fake.order(mode="echo", release=0)
    await expect(answer(page)).to_have_text("second")
    assert await _asked(fake, 2) == ["first", "second"]


async def test_what_waits_is_sent_when_the_answer_ended_unseen(
    page: Page, fake: Fake, server: Server
) -> None:
    await _answering(page, fake, "second")
    address = page.url
    await page.goto("about:blank")
    await fake.order(mode="echo", release=0)
    active = f"{server.url}api/jobs?state=active"
    while (await (await page.request.get(active)).json())["items"]:
        pass
    await page.goto(address)
    await expect(answer(page)).to_have_text("second")
    await expect(queued(page)).to_have_count(0)
    assert await _asked(fake, 2) == ["first", "second"]


async def test_two_tabs_send_what_waits_once(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await _answering(page, fake, "second", "third")
    other = await context.new_page()
    await other.goto(page.url)
    await expect(queued(other)).to_have_text(["second", "third"])
    await queued(other).first.get_by_role("button", name="Remove").click()
    await expect(queued(page)).to_have_text(["third"])
    await fake.order(mode="echo", release=0)
    for tab in (page, other):
        await expect(questions(tab)).to_have_text(["first", "third"])
        await expect(answer(tab)).to_have_text("third")
    assert (await fake.told())["posts"] == 2
    assert (await stored(page))["count"] == 4


async def test_the_messages_of_a_temporary_chat_wait_too_and_are_kept_nowhere(
    page: Page, fake: Fake
) -> None:
    await page.get_by_role("button", name="Temporary chat").click()
    await _answering(page, fake, "second")
    assert await page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
    await fake.order(mode="echo", release=0)
    await expect(answer(page)).to_contain_text("second")


async def test_what_was_sent_before_is_had_again_by_keys(page: Page) -> None:
    for text in ("one", "two"):
        await ask_and_wait(page, text)
    await page.get_by_role("button", name="New chat").click()
    await composer(page).fill("three")
    seen = []
    for key in ("Control+ArrowUp", "Alt+ArrowUp", "Control+ArrowUp", "Control+ArrowDown"):
        await composer(page).press(key)
        seen.append(await composer(page).input_value())
    assert seen == ["two", "one", "one", "two"]
    await composer(page).press("Alt+ArrowDown")
    await expect(composer(page)).to_have_value("three")
    await page.reload()
    await composer(page).fill("")
    await composer(page).press("Control+ArrowUp")
    await expect(composer(page)).to_have_value("two")


async def test_enter_breaks_the_line_where_ctrl_enter_is_to_send(page: Page, fake: Fake) -> None:
    prefer = 'const all = await load("./state/preferences.js")\n all.enterSends.set(false)'
    await run_module(page, prefer)
    await page.reload()
    await composer(page).press_sequentially("one")
    await composer(page).press("Enter")
    await composer(page).press_sequentially("two")
    await expect(composer(page)).to_have_value("one\ntwo")
    await composer(page).press("Control+Enter")
    await expect(questions(page)).to_have_text("one\ntwo")


async def test_a_slash_offers_the_prompts_that_are_kept(page: Page, fake: Fake) -> None:
    await composer(page).press_sequentially("/")
    await expect(page.get_by_text("No prompts yet.").first).to_be_visible()
    await composer(page).press("Enter")
    dialog = page.get_by_role("dialog", name="Prompts")
    for name, text in (("Explain", "Explain simply:\n"), ("Proofread", "Correct this:\n")):
        await dialog.get_by_role("textbox", name="Name").fill(name)
        await dialog.get_by_role("textbox", name="Text").fill(text)
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    await page.keyboard.press("Escape")
    await page.reload()
    await composer(page).press_sequentially("/")
    options = page.get_by_role("option")
    await expect(options).to_have_count(3)
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await composer(page).press("ArrowDown")
    await expect(composer(page)).to_have_attribute("aria-activedescendant", "prompt-1")
    await composer(page).press("ArrowUp")
    await composer(page).press_sequentially("PROO")
    await expect(options).to_have_count(2)
    await composer(page).press("Enter")
    await expect(composer(page)).to_have_value("Correct this:\n")
    await expect(options.first).to_be_hidden()
    assert (await fake.told())["posts"] == 0


async def test_prompts_are_changed_and_deleted(page: Page) -> None:
    await keep_prompts(page, One="one", Two="two")
    await composer(page).fill("Worth keeping")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("menuitem", name="Attach files")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Prompts")
    await expect(dialog.get_by_role("textbox", name="Text")).to_have_value("Worth keeping")
    await dialog.get_by_role("button", name="Edit: One").click()
    await dialog.get_by_role("textbox", name="Name").fill("First")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("listitem")).to_have_text(["Firstone", "Twotwo"])
    await dialog.get_by_role("button", name="Delete: Two").press("Enter")
    await expect(dialog.get_by_role("listitem")).to_have_count(1)
    kept = await (await page.request.get(f"{page.url}api/prompts")).json()
    assert [(one["name"], one["text"]) for one in kept["items"]] == [("First", "one")]


async def test_escape_closes_the_prompts_and_stops_no_answer(page: Page, fake: Fake) -> None:
    await _answering(page, fake)
    await composer(page).press_sequentially("/")
    await expect(page.get_by_role("option")).to_have_count(
        2
    )  # to summarise the chat, and to add a prompt
    await composer(page).press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await composer(page).press_sequentially("etc/hosts?")
    await composer(page).press("Enter")
    await expect(queued(page)).to_have_text(["/etc/hosts?"])
    await fake.order(release=0)
    await expect(questions(page)).to_have_count(2)


async def test_the_messages_stay_where_they_are_read_when_the_composer_grows(
    page: Page, fake: Fake
) -> None:
    await long_chat(page)
    read = page.get_by_text("Question 4", exact=True)
    await read.evaluate("(one) => one.scrollIntoView()")
    await expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    before = await read.bounding_box()
    await attach(page, file("notes.md", "# Notes\n"))
    after = await read.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) <= 1
    await page.get_by_role("button", name="Jump to latest").click()
    await attach(page, *(file(f"{number}.md", "# Notes\n") for number in range(4)))
    rest = "(all) => all.scrollHeight - all.scrollTop - all.clientHeight"
    assert await page.locator("chat-thread").evaluate(rest) <= 1


async def test_a_queue_that_is_kept_wrongly_is_none(page: Page, watched: Watched) -> None:
    await ask_and_wait(page, "hello")
    await page.evaluate("localStorage.setItem('llmchat.queue.' + location.hash.slice(1), '{')")
    await page.reload()
    await expect(answer(page)).to_have_text("hello")
    await expect(queued(page)).to_have_count(0)
    assert watched.console == []
