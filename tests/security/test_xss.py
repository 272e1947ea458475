"""T-XSS: hostile text in every place where text is shown, in a real browser, with a recorder on
another origin: it runs nothing, fetches nothing, connects to nothing and opens no dialog.

Each payload is cut at every place, as if two deltas had brought it; thousands of changed ones are
in tests/browser/test_hostile.py, and the frames of previews in tests/browser/test_previews.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from tests.browser.conftest import Fake, Server, Watched
from tests.browser.side import open_settings
from tests.browser.steps import ask, ask_and_wait, composer, last_message, run_module
from tests.browser.test_markdown import ALLOWED, CHUNKING, FORBIDDEN, HOSTILE
from tests.browser.tools import decision, server_with_tools, turn_on
from tests.pictures import GIF
from tests.security.conftest import Tell
from tests.transfer.samples import gpt_chat, gpt_node, to_bytes

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

LONG_MS = 200
# Counts the turns of the page that take longer than anybody should wait for a key to be seen.
LONG_TASKS = f"""
  window.longTasks = []
  new PerformanceObserver((list) => {{
    for (const {{ duration }} of list.getEntries()) {{
      if (duration > {LONG_MS}) longTasks.push(duration)
    }}
  }}).observe({{ type: "longtask", buffered: true }})
"""
HUGE = {
    "a megabyte of stars": "*" * 1_000_000,
    "100,000 quotes in quotes": ">" * 100_000,
    "10,000 lists in lists": "- " * 10_000 + "x",
    "a table of 50,000 cells": "|a|b|\n|-|-|\n" + "|x|y|\n" * 25_000,
    "a megabyte of code in a line": "```js\n" + "x" * 1_000_000,
}


@dataclass
class Recorder:
    """Another origin. `reached` has a line for each connection, even if nothing is asked on it."""

    origin: str
    reached: list[str]


@pytest_asyncio.fixture(loop_scope="session")
async def recorder() -> AsyncIterator[Recorder]:
    reached: list[str] = []

    async def record(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("connected")
        writer.close()

    async with await asyncio.start_server(record, "127.0.0.1", 0) as listening:
        yield Recorder(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", reached)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hostile_server(
    provider: Fake, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("xss")
    models = folder / "models"
    models.mkdir(mode=0o700)
    for number, text in enumerate(HOSTILE):  # no model is in them: they are named with the reason
        name = "".join(" " if one in "/\0" or one < " " else one for one in text)
        (models / f"{number} {name[:100]}.gguf").write_bytes(b"GGUF")
    async with server_with_tools(folder, provider) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    context: BrowserContext, hostile_server: Server, fake: Fake, watched: Watched
) -> AsyncIterator[Page]:
    await hostile_server.forget_all()
    await context.add_init_script(LONG_TASKS)
    page = await context.new_page()
    await page.goto(hostile_server.url)
    yield page


@dataclass
class Place:
    """The page, and what was found in the places looked at so far."""

    page: Page
    server: Server
    watched: Watched
    recorder: Recorder
    looked: int = 0

    @property
    def payloads(self) -> list[str]:
        return [text.replace("ORIGIN", self.recorder.origin) for text in HOSTILE]

    async def call(self, method: str, path: str, body: object = None) -> Any:
        response = await self.page.request.fetch(
            f"{self.server.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
        assert response.status < 300, await response.text()
        return await response.json() if response.status != 204 else None

    async def look(self, *shown: str) -> None:
        """These texts are on the page as they are, and nothing has come of it."""
        for text in shown:
            await expect(self.page.locator("body")).to_contain_text(text)
        self.looked += 1
        await self.page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
        assert await self.page.evaluate("window.hit ?? null") is None
        made = "(all) => all.map((one) => one.outerHTML)"
        forbidden = FORBIDDEN.replace("img:not(", "img:not(.picture-button img, ")
        assert await self.page.locator(forbidden).evaluate_all(made) == []
        assert await self.page.locator("body script").evaluate_all(made) == []
        addresses = await self.page.locator("a[href]").evaluate_all(
            "(all) => all.map((one) => one.protocol)"
        )
        assert set(addresses) <= {"http:", "https:", "mailto:", "blob:"}
        assert self.recorder.reached == []
        assert self.watched.dialogs == []
        assert self.watched.console == []
        assert self.watched.foreign(self.server.url) == []


@pytest_asyncio.fixture(loop_scope="session")
async def place(
    page: Page, hostile_server: Server, watched: Watched, recorder: Recorder
) -> AsyncIterator[Place]:
    yield Place(page, hostile_server, watched, recorder)


def plain(payloads: list[str], most: int) -> list[str]:
    """Payloads that a name can hold: in one line, without control characters."""
    lines = ["".join(one if one.isprintable() else " " for one in text) for text in payloads]
    return [text[:most].strip() for text in lines]


def chats_of(payloads: list[str]) -> bytes:
    """An export of another program: each payload is the title and the text of a chat."""
    chats = []
    for number, text in enumerate(payloads):
        root = gpt_node("root", None)
        chats.append(
            gpt_chat(f"c{number}", [root, gpt_node("said", "root", "user", text)], "said")
            | {"title": text}
        )
    return to_bytes(chats)


async def test_a_chat_shows_hostile_text_as_text(place: Place, fake: Fake, tell: Tell) -> None:
    """The question, the thought, the answer, titles, files, hits of a search, errors."""
    page = place.page
    everything = "\n\n".join(place.payloads)
    shown = "<script>window.hit = 1</script>"

    # The question, the thought, the answer and the title, as they come and when they are read anew.
    await fake.order(mode="musing", text=everything)
    await ask_and_wait(page, everything)
    for again in (False, True):
        if again:
            await page.reload()
            await expect(last_message(page).locator("footer")).not_to_be_empty()
        await last_message(page).locator("thought-block summary").click()
        await place.look(shown, "<img src=x onerror='window.hit=1'>")

    # An error in the endpoint's words.
    await fake.order(mode="refusing", text=everything[:800])
    await ask(page, "again")
    await place.look("<svg onload='window.hit=1'></svg>")

    # Titles of many chats, and what a search finds in them.
    started = await page.request.post(
        f"{place.server.url}api/import",
        multipart={"file": {"name": "conversations.json", "mimeType": "application/json",
                            "buffer": chats_of(place.payloads)}},
    )  # fmt: skip
    import_id = (await started.json())["import_id"]
    while (await place.call("GET", f"api/import/{import_id}"))["state"] == "running":
        pass
    await page.reload()
    await expect(page.locator(".chat-item")).to_have_count(len(HOSTILE) + 1)
    await place.look("<object data=")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("combobox", name="Search chats").fill("window.hit")
    await expect(page.locator(".hit mark").first).to_be_visible()
    await place.look()
    await page.keyboard.press("Escape")

    # Names of files, of which one is a picture.
    attached: list[dict[str, Any]] = []
    for name in plain(place.payloads, 80)[:9]:
        picture = len(attached) == 4
        content = GIF if picture else name.encode()
        sent = FilePayload(name=name, mimeType="text/html", buffer=content)
        stored = await page.request.post(f"{place.server.url}api/files", multipart={"file": sent})
        attached.append(await stored.json())
    members = ("file", "name", "type", "size")
    files = [{one: each[one] for one in members} for each in attached]
    await fake.order(mode="echo")
    said = await place.call("POST", "chat", {"content": everything, "attachments": files})
    await page.goto(f"{place.server.url}#{said['conversation_id']}")
    await expect(last_message(page).locator("footer")).not_to_be_empty()
    await place.look("script")
    shown_picture = page.locator(".picture-button img")
    await expect(shown_picture).to_have_js_property("complete", True)
    assert await shown_picture.evaluate("(one) => one.naturalWidth") == 1
    await page.locator(".picture-button").click()
    await place.look()

    # The same in a copy that others read.
    wanted = {"reasoning": True, "files": True}
    chat = f"api/conversations/{said['conversation_id']}"
    share = await place.call("POST", f"{chat}/shares", wanted)
    await page.goto(f"{place.server.url}{share['path']}")
    await expect(page.locator("shared-message .prose").last).to_contain_text(shown)
    await place.look("<img src=x onerror='window.hit=1'>", "<svg onload='window.hit=1'></svg>")
    tell(f"{len(HOSTILE)} payloads in chats: {await counted(place)}")


async def test_lists_and_settings_show_hostile_text_as_text(
    place: Place, fake: Fake, tell: Tell
) -> None:
    """Names of models, endpoints and their errors, prompts, presets, keys and model files."""
    page = place.page
    names = plain(place.payloads, 60)
    await fake.order(models=[{"id": text} for text in plain(place.payloads, 200)])
    for name in names[:3]:
        await place.call("POST", "api/endpoints", {"base_url": fake.url, "name": name})
    # One that answers with nothing but an error in its words.
    await place.call(
        "POST", "api/endpoints", {"base_url": "http://127.0.0.1:9/v1", "name": names[3]}
    )
    for name, text in zip(names, place.payloads, strict=True):
        await place.call("POST", "api/prompts", {"name": name, "text": text.replace("\x01", "")})
        await place.call("POST", "api/presets", {"name": name, "icon": "<b>", "starters": [text]})
        await place.call("POST", "api/keys", {"name": name})
    await page.reload()
    await page.locator(".picker-button").click()
    await place.look("<img src=x onerror='window.hit=1'>")
    await page.get_by_role("button", name="Change presets").click()
    await place.look("<svg onload='window.hit=1'></svg>")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await composer(page).press_sequentially("/")
    await place.look("<object data=")
    await composer(page).fill("")
    await open_settings(page)
    tabs = page.get_by_role("dialog", name="Settings").get_by_role("tab")
    for number in range(await tabs.count()):
        await tabs.nth(number).click()
        await place.look()
    tell(f"{len(HOSTILE)} payloads in lists and settings: {await counted(place)}")


async def test_tools_show_hostile_text_as_text(place: Place, tell: Tell) -> None:
    """The name and the description of a tool, its arguments and its result."""
    page = place.page
    await turn_on(page, "evil")
    await ask(page, f"evil__says {json.dumps({'text': ' '.join(place.payloads)})}")
    await place.look("onerror='window.hit=1'")
    await decision(page, "Allow once").click()
    shown = page.locator(".tool-card")
    await expect(shown).to_contain_text("Done")
    await shown.locator("summary").click()
    await expect(shown.get_by_role("group", name="Result")).to_contain_text("<embed")
    assert await shown.locator("img, svg[onload], a").count() == 0
    await place.look()
    tell(f"{len(HOSTILE)} payloads in tools: {await counted(place)}")


async def test_a_payload_that_is_cut_anywhere_is_the_same_text(place: Place, tell: Tell) -> None:
    documents = place.payloads
    result = await run_module(place.page, CHUNKING, {"seed": 1, "documents": documents})
    assert result["different"] == []
    assert set(result["elements"]) <= ALLOWED
    await place.look()
    cuts = sum(map(len, documents))
    tell(f"{len(documents)} payloads cut at {cuts} places: {await counted(place)}")


async def test_huge_answers_are_shown_and_the_page_goes_on(place: Place, tell: Tell) -> None:
    body = """
      const { MarkdownView } = await load("dom/markdown-view.js")
      const { whenQuiet } = await load("dom/slices.js")
      const root = document.createElement("div")
      document.body.append(root)
      const view = new MarkdownView(root)
      view.show(argument.slice(0, argument.length / 2))
      await whenQuiet()
      view.finish(argument)
      await whenQuiet()
      const count = root.querySelectorAll("*").length
      root.remove()
      return count
    """
    for name, text in HUGE.items():
        await place.page.evaluate("() => { longTasks.length = 0 }")
        nodes = await asyncio.wait_for(run_module(place.page, body, text), 60)
        assert nodes < 100_000, name
        await place.look()
        tell(f"{name}, {nodes} nodes: {await counted(place)}")


async def counted(place: Place) -> str:
    """What was found, in words."""
    tasks = await place.page.evaluate("window.longTasks.map(Math.round)")
    longest = f", the longest {max(tasks)} ms" if tasks else ""
    return (
        f"looked at {place.looked} times, 0 connections, 0 requests, 0 dialogs,"
        f" {len(tasks)} tasks over {LONG_MS} ms{longest}"
    )
