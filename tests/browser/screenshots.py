"""Pictures of every state of the page, to be looked at: `make screenshots`.

The single ones go to build/screenshots/; of each theme and width one sheet with all of them goes to
docs/screenshots/. With names of states only those are made, and no sheet. The picture in README.md
is made by readme_picture.py.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright, expect

from tests.browser.access_states import ACCESS_STATES
from tests.browser.conftest import ROOT, Fake, Server, chromium, run_server, started
from tests.browser.sheet import Picture, draw_sheet
from tests.browser.states import STATES
from tests.browser.tool_states import TOOL_STATES
from tests.browser.tools import write_servers

THEMES = ("light", "dark")
ALL = {**STATES, **TOOL_STATES, **ACCESS_STATES}
SINGLE = ROOT / "build/screenshots"
SHEETS = ROOT / "docs/screenshots"
PHONE_WIDTH = 768  # below it, the page is touched


@dataclass(frozen=True)
class Size:
    """Of a window."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """As in 1280x800."""
        width, height = text.split("x")
        return cls(int(width), int(height))

    @property
    def is_phone(self) -> bool:
        """Whether it is touched."""
        return self.width < PHONE_WIDTH


DESKTOP, PHONE = Size(1280, 800), Size(390, 844)


@dataclass
class Studio:
    """A browser, a server and a fake provider of its own: what one window does, no other sees."""

    browser: Browser
    server: Server
    fake: Fake
    size: Size
    data: Path

    async def take(self, state: str) -> list[Picture]:
        """This state in both themes."""
        await self.fake.order(reset=True)
        await self.server.forget_all()
        if state in TOOL_STATES:
            write_servers(self.data)
        else:
            (self.data / "mcp.json").unlink(missing_ok=True)
        context = await self._context()
        page = await context.new_page()
        await page.goto(self.server.url)
        try:
            await ALL[state](page, self.fake)
            return [await self._shoot(page, state, theme) for theme in THEMES]
        finally:
            await context.close()
            await self.fake.order(release=0)

    async def _context(self) -> BrowserContext:
        touched = self.size.is_phone
        viewport = {"width": self.size.width, "height": self.size.height}
        return await self.browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]  # a TypedDict of playwright's own
            is_mobile=touched,
            has_touch=touched,
            reduced_motion="reduce",  # nothing is caught half way
        )

    async def _shoot(self, page: Page, state: str, theme: str) -> Picture:
        await page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
        name = f"{state.replace(' ', '-')}-{theme}-{self.size.width}.png"
        data = await page.screenshot(path=SINGLE / name)
        return Picture(state, theme, base64.b64encode(data).decode())


async def main(states: list[str], sizes: list[Size]) -> bool:
    """All windows at once, each with its own states in turn. Whether each state was reached."""
    async with async_playwright() as playwright:
        path = chromium()
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        taken = await asyncio.gather(
            *(_take_all(browser, size, states or list(ALL)) for size in sizes)
        )
        for size, pictures in zip(sizes, taken, strict=True):
            if not states:
                await _draw_sheets(browser, pictures, size)
        await browser.close()
    return sum(map(len, taken)) == len(THEMES) * len(sizes) * len(states or ALL)


async def _take_all(browser: Browser, size: Size, states: list[str]) -> list[Picture]:
    async with AsyncExitStack() as stack:
        line, _ = await stack.enter_async_context(started("tests/fake_openai.py"))
        session = await stack.enter_async_context(ClientSession())
        fake = Fake(line.strip(), session)
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(run_server(data, provider=fake.url))
        studio = Studio(browser, server, fake, size, data)
        pictures: list[Picture] = []
        for state in states:
            try:
                pictures += await studio.take(state)
            except (AssertionError, Error) as error:  # the others are wanted all the same
                sys.stderr.write(f"{state} at {size.width}: {str(error).strip()[:400]}\n")
        return pictures


async def _draw_sheets(browser: Browser, pictures: list[Picture], size: Size) -> None:
    for theme in THEMES:
        chosen = [one for one in pictures if one.theme == theme]
        sheet = await draw_sheet(browser, chosen, upright=size.height > size.width)
        (SHEETS / f"{theme}-{size.width}.webp").write_bytes(sheet)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("states", nargs="*", metavar="STATE", help="only these")
    parser.add_argument("--sizes", nargs="+", type=Size.parse, default=[DESKTOP, PHONE])
    options = parser.parse_args()
    for folder in (SINGLE, SHEETS):
        folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=10_000)
    sys.exit(not asyncio.run(main(options.states, options.sizes)))
