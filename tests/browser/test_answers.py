"""What an answer is besides its text: thoughts, numbers, its context, copies, and a voice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Fake, run_server
from tests.browser.steps import answer, ask, ask_and_wait, composer, last_message, violations
from tests.browser.test_tree import choose, said

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT_MILLISECONDS = 1000  # of 100 that are promised: the machine of the tests may be busy
RICH = """# Title

Some **bold** <b>text</b> & [a link](https://e.org/?a=1&b=2), as noted[^1], and $x^2$.

[^1]: Here.

```js
x < 1
```
"""
GERMAN = """# Der Plan

Das ist **nicht** schwer, und das wird auch so.

```js
x()
```

- eins
- zwei
"""
PARTS = "<thi\fnk>\nLet me s\fee.</th\fink>\n\nIt is 4."
# How long after the key was pressed a line was painted that says so.
WATCH = """() => {
  let sent = 0
  const painted = () => Object.assign(document.createElement("data"),
    { className: "painted", value: performance.now() - sent })
  addEventListener("keydown", (event) => sent = event.timeStamp, true)
  new MutationObserver((_, self) => {
    if (!document.querySelector(".waiting:not([hidden])")?.textContent) return
    self.disconnect()
    requestAnimationFrame(() => setTimeout(() => document.body.append(painted())))
  }).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""
VOICE = """
  window.spoken = []
  Object.defineProperty(window, "speechSynthesis", { configurable: true, value: {
    speak(one) { spoken.push([one.text, one.lang]); this.last = one },
    cancel() { spoken.push("cancel") },
  } })
"""


@asynccontextmanager
async def _own(
    context: BrowserContext, fake: Fake, folder: Path, *models: dict[str, object]
) -> AsyncIterator[Page]:
    """A page whose endpoint has these models; the first one answers."""
    await fake.order(models=models)
    name = str(models[0]["id"])
    async with run_server(folder, provider=fake.url, model=name) as server:
        page = await context.new_page()
        await page.goto(server.url)
        await expect(page.locator(".model-name")).to_have_text(name)
        await expect(composer(page)).to_be_focused()
        yield page


async def test_thoughts_between_tags_are_a_block_of_their_own(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await fake.order(mode="parts", text=PARTS)
    await ask(page, "2 + 2?")
    await fake.order(release=1)
    thoughts = last_message(page).locator(".reasoning")
    await expect(thoughts.locator("summary")).to_have_text("Thinking")
    await expect(thoughts.locator(".prose")).to_have_text("Let me s")
    await expect(thoughts.locator(".prose")).to_be_visible()
    await fake.order(release=0)
    await expect(answer(page)).to_have_text("It is 4.")
    await expect(thoughts.locator("summary")).to_contain_text("Thought")
    await expect(thoughts.locator(".prose")).to_be_hidden()
    await expect(thoughts.locator(".prose")).to_have_text("Let me see.")
    await last_message(page).get_by_role("button", name="Copy answer").click()
    await expect(last_message(page).get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "It is 4."
    await fake.order(mode="echo")
    await ask_and_wait(page, "And why?")
    sent = (await fake.told())["requests"][-1]["body"]["messages"]
    assert [one["content"] for one in sent] == ["2 + 2?", "It is 4.", "And why?"]


async def test_what_is_waited_for_is_painted_before_the_server_has_answered(
    page: Page, fake: Fake
) -> None:
    asked: asyncio.Queue[Route] = asyncio.Queue()
    await page.route("**/chat", asked.put)
    await page.evaluate(WATCH)
    await ask(page, "Are you there?")
    await expect(page.locator(".waiting")).to_have_text("Sending")
    taken = await page.locator(".painted").get_attribute("value")
    assert taken is not None
    assert 0 <= float(taken) < LIMIT_MILLISECONDS
    held = await asked.get()
    assert asked.empty()
    await held.continue_()
    await expect(answer(page)).to_have_text("Are you there?")


async def test_the_numbers_of_an_answer_say_how_full_the_context_is(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    model = {"id": "counted-300-40", "max_model_len": 1000}
    async with _own(context, fake, tmp_path, model) as page:
        await ask_and_wait(page, "first")
        stats = last_message(page).locator(".stats")
        await expect(stats).to_contain_text("counted-300-40 · 40 tokens")
        await expect(stats).to_contain_text("prompt 300 tok (cached 150)")
        gauge = page.get_by_role("img", name="Context: 340 of 1,000 tokens, 34 %")
        await expect(gauge).to_have_count(1)
        await expect(last_message(page).locator(".context-note:visible")).to_have_count(0)
        await page.reload()
        await expect(gauge).to_be_visible()
        await ask_and_wait(page, "second")
        await expect(gauge).to_have_count(1)  # of the last answer only
        assert await violations(page, libraries) == {}


async def test_a_context_that_is_nearly_full_is_warned_of(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    model = {"id": "counted-800-70", "max_model_len": 1000}
    async with _own(context, fake, tmp_path, model) as page:
        await ask_and_wait(page, "first")
        await expect(last_message(page).locator(".context-note:visible")).to_contain_text(
            "fills 87 %"
        )
        assert await violations(page, libraries) == {}


async def test_a_prompt_that_was_cut_without_a_word_is_noticed(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    async with _own(context, fake, tmp_path, {"id": "counted-300-40"}) as page:
        await ask_and_wait(page, "word " * 1000)
        note = last_message(page).locator(".context-note:visible")
        await expect(note).to_contain_text("has read only 300 tokens")
        await expect(page.locator(".gauge")).to_have_count(0)  # its size is not known


async def test_an_answer_is_copied_with_its_formatting(
    page: Page, context: BrowserContext, fake: Fake
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await fake.order(mode="markdown", text=RICH)
    await ask_and_wait(page, "Format it")
    await choose(page, said(page), "Copy with formatting")
    await expect(page.get_by_role("status")).to_have_text("Copied")
    kinds = """async () => {
      const [item] = await navigator.clipboard.read()
      const text = async (kind) => (await item.getType(kind)).text()
      return [await text("text/html"), await text("text/plain")]
    }"""
    html, text = await page.evaluate(kinds)
    assert "<h1>Title</h1>" in html
    assert "<strong>bold</strong> &lt;b&gt;text&lt;/b&gt; &amp; <a" in html
    assert 'href="https://e.org/?a=1&amp;b=2"' in html
    assert "<pre><code>x &lt; 1</code></pre>" in html
    assert "noted<sup>1</sup>, and $x^2$." in html
    assert "button" not in html
    assert text == RICH


async def test_formatting_is_copied_without_the_clipboard_api(page: Page, fake: Fake) -> None:
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await fake.order(mode="markdown", text="Some **bold** text.")
    await ask_and_wait(page, "Format it")
    await choose(page, said(page), "Copy with formatting")
    await expect(page.get_by_role("status")).to_have_text("Copied")
    await page.evaluate(
        """() => {
          const place = document.createElement("div")
          place.contentEditable = "true"
          place.className = "pasted"
          document.body.append(place)
          place.focus()
        }"""
    )
    await page.keyboard.press("Control+v")
    await expect(page.locator(".pasted")).to_have_text("Some bold text.")
    bold = page.locator(".pasted strong, .pasted b, .pasted [style*=bold]")
    await expect(bold).to_have_text("bold")


async def test_an_answer_is_read_aloud_without_its_code(page: Page, fake: Fake) -> None:
    await page.add_init_script(VOICE)
    await page.reload()
    await fake.order(mode="markdown", text=GERMAN)
    await ask_and_wait(page, "Was nun?")
    await choose(page, said(page), "Read aloud")
    stop = last_message(page).get_by_role("button", name="Stop reading")
    await expect(stop).to_be_visible()
    await expect(said(page).get_by_role("button", name="More")).to_be_focused()
    heard = "Der Plan Das ist nicht schwer, und das wird auch so. eins zwei"
    assert await page.evaluate("spoken") == [[heard, "de"]]
    await stop.click()
    await expect(stop).to_be_hidden()
    assert await page.evaluate("spoken.at(-1)") == "cancel"
    await expect(said(page).get_by_role("button", name="More")).to_be_focused()
    await choose(page, said(page), "Read aloud")
    await expect(stop).to_be_visible()
    await page.evaluate("speechSynthesis.last.dispatchEvent(new Event('end'))")
    await expect(stop).to_be_hidden()


async def test_reading_ends_with_the_chat_in_view_and_by_escape(page: Page, fake: Fake) -> None:
    await page.add_init_script(VOICE)
    await page.reload()
    await ask_and_wait(page, "The answer is in the books that you have.")
    await choose(page, said(page), "Read aloud")
    await expect(page.get_by_role("button", name="Stop reading")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Stop reading")).to_be_hidden()
    await choose(page, said(page), "Read aloud")
    await page.get_by_role("button", name="New chat").click()
    await expect(page.get_by_role("heading", name="What can I help with?")).to_be_visible()
    assert [one for one in await page.evaluate("spoken") if one == "cancel"] == ["cancel"] * 2


async def test_nothing_is_offered_where_there_is_no_voice(page: Page) -> None:
    await page.add_init_script("delete window.speechSynthesis")
    await page.reload()
    await ask_and_wait(page, "hello")
    await said(page).get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitem", name="Copy with formatting")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Read aloud")).to_have_count(0)


async def test_one_of_many_models_is_found_by_typing(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    models: list[dict[str, object]] = [{"id": f"echo-{number}"} for number in range(300)]
    async with _own(context, fake, tmp_path, *models) as page:
        await ask_and_wait(page, "hello")
        await choose(page, said(page), "Another model …")
        dialog = page.get_by_role("dialog", name="Answer again with")
        await expect(dialog.get_by_role("status")).to_have_text(
            "301 models"
        )  # and the built-in one
        await dialog.get_by_role("textbox").fill("ECHO 27")
        await expect(dialog.get_by_role("button", name="echo-127")).to_be_visible()
        assert await violations(page, libraries) == {}
        await dialog.get_by_role("textbox").fill("echo-271")
        await page.keyboard.press("ArrowDown")
        await expect(dialog.get_by_role("button", name="echo-271")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden()
        await expect(last_message(page).locator(".stats")).to_contain_text("echo-271")
        await expect(last_message(page).locator(".pager")).to_contain_text("2/2")


async def test_the_list_of_many_models_is_narrowed_by_typing(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    models: list[dict[str, object]] = [{"id": f"echo-{number}"} for number in range(300)]
    async with _own(context, fake, tmp_path, *models) as page:
        await page.keyboard.press("Control+Shift+KeyM")
        field = page.get_by_role("searchbox", name="Find a model")
        await expect(field).to_be_focused()
        shown = page.locator(".model-groups").get_by_role("radio")
        await expect(shown).to_have_count(301)
        await field.fill("CHO 27")
        await expect(shown).to_have_count(13)  # 27, 127, 227 and 270 to 279
        assert await violations(page, libraries) == {}
        await field.fill("none of them")
        await expect(page.get_by_role("dialog").get_by_text("0 models")).to_be_visible()
        await field.fill("echo-27")
        await field.press("ArrowDown")
        await expect(page.get_by_role("radio", name="echo-27", exact=True)).to_be_focused()
        await field.press("Enter")
        await expect(page.locator(".model-panel")).to_be_hidden()
        await expect(page.locator(".model-name")).to_have_text("echo-27")


async def test_a_selection_and_the_focus_survive_the_end_of_an_answer(
    page: Page, fake: Fake
) -> None:
    await fake.order(mode="parts", text="The first paragraph.\n\nThe second\f one.\n\nThe last.")
    await ask(page, "Tell me")
    first = answer(page).locator("p").first
    await expect(first).to_have_text("The first paragraph.")
    await first.select_text()
    await fake.order(release=0)
    await expect(last_message(page).locator(".stats")).not_to_be_empty()
    assert await page.evaluate("getSelection().toString()") == "The first paragraph."
    await expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
