"""Diagrams, pictures and pages of an answer: shown in a frame that fetches and reaches nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import FrameLocator, Page, expect

from tests.browser.conftest import ROOT, Fake, Watched
from tests.browser.side import open_settings
from tests.browser.steps import ask_and_wait, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIAGRAM = "```mermaid\ngraph TD\n  A[Start] --> B{Ready?}\n  B -->|yes| C[Go]\n```\n"

# Each tries to get out, to be noticed outside, or to read what is not its own; "report" is told to
# the page's own text, so that a test can see that the script did run.
ESCAPES = """```html
<!doctype html><title>x</title><p id="report">before</p>
<img src="ORIGIN/img"><link rel="stylesheet" href="ORIGIN/css"><iframe src="ORIGIN/frame"></iframe>
<video src="ORIGIN/video"></video><object data="ORIGIN/object"></object>
<form id="f" action="ORIGIN/form"><input name="q" value="1"></form>
<style>@import url(ORIGIN/import); body { background: url(ORIGIN/background) }</style>
<script>
  const tried = []
  const attempt = (name, act) => {
    try { act(); tried.push(name) } catch { tried.push(name + " threw") }
  }
  attempt("top", () => { top.location = "ORIGIN/top" })
  attempt("parent", () => { parent.document.body.dataset.hit = "1" })
  attempt("open", () => { if (open("ORIGIN/open")) tried.push("opened") })
  attempt("fetch", () => { fetch("ORIGIN/fetch").catch(() => {}) })
  attempt("own", () => {
    fetch("/api/conversations").then(() => tried.push("read")).catch(() => {})
  })
  attempt("beacon", () => { navigator.sendBeacon("ORIGIN/beacon") })
  attempt("socket", () => { new WebSocket("ORIGIN/socket".replace("http", "ws")) })
  attempt("storage", () => { localStorage.setItem("a", "b"); tried.push("stored") })
  attempt("cookie", () => { document.cookie = "a=b"; tried.push("cookie set") })
  attempt("dialog", () => { alert(1) })
  attempt("form", () => { document.getElementById("f").submit() })
  attempt("rtc", () => { new RTCPeerConnection() })
  attempt("worker", () => { new Worker("data:text/javascript,1") })
  attempt("script", () => {
    document.head.append(Object.assign(document.createElement("script"), { src: "ORIGIN/script" }))
  })
  tried.push("end")
  document.getElementById("report").textContent = tried.join(", ")
</script>
```
"""


@asynccontextmanager
async def recorder() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Another origin, and what reached it.

    Chromium connects before it asks whether it may go there: that is no request yet.
    """
    reached: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if data := await reader.read(100):
            reached.append(data)
        writer.close()

    async with await asyncio.start_server(record, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", reached


def forget_refusals(watched: Watched) -> None:
    """The browser tells there what it has refused."""
    watched.console.clear()
    watched.requests.clear()


async def preview(page: Page, fake: Fake, text: str) -> FrameLocator:
    """The frame of the last answer, opened by a click."""
    await fake.order(mode="markdown", text=text)
    await ask_and_wait(page, text)
    await last_message(page).get_by_role("button", name="Preview").click()
    return last_message(page).frame_locator("code-preview iframe")


async def test_a_diagram_is_drawn_when_it_is_wanted_and_its_library_is_not_loaded_before(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await fake.order(mode="markdown", text=DIAGRAM)
    await ask_and_wait(page, DIAGRAM)
    assert not any("mermaid" in url for url in watched.requests)
    button = last_message(page).get_by_role("button", name="Preview")
    await button.click()
    frame = last_message(page).frame_locator("code-preview iframe")
    await expect(frame.locator("svg")).to_contain_text("Ready?")
    await expect(button).to_have_attribute("aria-pressed", "true")
    assert sum("vendor/mermaid" in url for url in watched.requests) == 1
    shown = last_message(page).locator("code-preview iframe")
    await expect(shown).to_have_attribute("height", re.compile(r"^\d+$"))
    assert 100 < int(await shown.get_attribute("height") or 0) <= 640
    await button.click()
    await expect(last_message(page).locator("iframe")).to_have_count(0)


async def test_a_diagram_follows_the_theme(page: Page, fake: Fake) -> None:
    frame = await preview(page, fake, DIAGRAM)
    await expect(frame.locator("html")).not_to_have_class("dark")
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    await expect(frame.locator("html.dark svg")).to_contain_text("Ready?")


async def test_a_diagram_that_is_none_says_why(page: Page, fake: Fake) -> None:
    await preview(page, fake, "```mermaid\ngraph TD\n  A[Start --> \n```\n")
    await expect(last_message(page).locator(".preview-note")).to_contain_text("cannot be drawn")


async def test_diagrams_are_drawn_at_once_where_that_was_chosen(page: Page, fake: Fake) -> None:
    settings = await open_settings(page)
    await settings.get_by_role("switch", name="Draw diagrams at once").click()
    await page.keyboard.press("Escape")
    await fake.order(mode="markdown", text=DIAGRAM)
    await ask_and_wait(page, DIAGRAM)
    frame = last_message(page).frame_locator("code-preview iframe")
    await expect(frame.locator("svg")).to_contain_text("Ready?")


async def test_a_picture_is_shown_as_a_picture(page: Page, fake: Fake, watched: Watched) -> None:
    async with recorder() as (origin, reached):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><script>alert(1)</script>'
            f'<image href="{origin}/i"/><circle r="9" cx="20" cy="20" onload="alert(2)"/></svg>'
        )
        frame = await preview(page, fake, f"```svg\n{svg}\n```\n")
        await expect(frame.get_by_role("img", name="Picture")).to_be_visible()
        assert reached == []
    assert watched.dialogs == []


async def test_a_page_runs_and_cannot_get_out(page: Page, fake: Fake, watched: Watched) -> None:
    async with recorder() as (origin, reached):
        frame = await preview(page, fake, ESCAPES.replace("ORIGIN", origin))
        report = frame.locator("#report")
        await expect(report).to_contain_text("end")
        told = await report.inner_text()
        assert reached == []
    for never in ("opened", "read", "stored", "cookie set"):
        assert never not in told.split(", "), told
    for refused in ("top", "parent", "storage", "rtc"):
        assert f"{refused} threw" in told, told
    assert len(page.context.pages) == 1
    assert await page.locator("body").get_attribute("data-hit") is None
    forget_refusals(watched)


@pytest.mark.parametrize(
    "leaving",
    [
        "<script>location = 'ORIGIN/away'</script>",
        "<meta http-equiv=refresh content='0;url=ORIGIN/refresh'>",
        "<a href='ORIGIN/link' id=a>x</a><script>a.click()</script>",
        "<a href='ORIGIN/top' target=_top id=a>x</a><script>a.click()</script>",
        "<link rel=preconnect href='ORIGIN'><link rel=dns-prefetch href='ORIGIN'>",
        "<iframe srcdoc=\"<script>location='ORIGIN/inner'</script>\"></iframe>",
        "<script>document.head.innerHTML += '<link rel=preconnect href=ORIGIN>'</script>",
    ],
    ids=["location", "refresh", "link", "top", "preconnect", "inner", "late-preconnect"],
)
async def test_a_page_goes_nowhere_else(
    page: Page, fake: Fake, watched: Watched, leaving: str
) -> None:
    async with recorder() as (origin, reached):
        text = f"```html\n<p id=report>here</p>{leaving.replace('ORIGIN', origin)}\n```\n"
        await preview(page, fake, text)
        own = "```html\n<p id=report>second</p>\n```\n"
        frame = await preview(page, fake, own)  # by then the first one has had its time
        await expect(frame.locator("#report")).to_have_text("second")
        assert reached == []
    assert page.url.startswith("http://127.0.0.1")
    forget_refusals(watched)


async def test_a_diagram_can_neither_run_nor_fetch(
    page: Page, fake: Fake, watched: Watched
) -> None:
    async with recorder() as (origin, reached):
        text = (
            "```mermaid\n%%{init: {'htmlLabels': true, 'securityLevel': 'loose', 'flowchart': "
            "{'htmlLabels': true}, 'themeCSS': '@import url(ORIGIN/css)'}}%%\ngraph TD\n"
            "  A[\"<img src='ORIGIN/i' onerror='top.hit=1'>one\"] --> B[two]\n"
            '  click A "javascript:top.hit=1"\n  click B href "ORIGIN/away"\n```\n'
        )
        frame = await preview(page, fake, text.replace("ORIGIN", origin))
        await expect(frame.locator("svg")).to_contain_text("two")
        assert await frame.locator("svg [onerror], svg [onclick]").count() == 0
        links = frame.locator("svg a")
        hrefs = await links.evaluate_all(
            "(all) => all.map((one) => one.getAttribute('xlink:href') ?? one.getAttribute('href'))"
        )
        assert not any((href or "").startswith("javascript") for href in hrefs)
        assert reached == []
    forget_refusals(watched)


async def test_frames_and_their_library_are_no_part_of_the_first_load() -> None:
    index = (ROOT / "static/index.html").read_text(encoding="utf-8")
    assert "mermaid" not in index
    assert "preview/" not in index
