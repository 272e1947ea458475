"""Many pictures on one sheet, drawn and compressed by the browser itself."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from playwright.async_api import Browser

SHEET_WIDTH = 2400
COLUMN_WIDTHS = {True: 220, False: 380}  # by whether they are upright
QUALITY = 62
STYLE = """
  body { margin: 0; padding: 16px; background: #888; color: #fff; font: 13px system-ui, sans-serif }
  main {
    display: grid;
    gap: 14px 12px;
    grid-template-columns: repeat(auto-fill, minmax(%dpx, 1fr));
  }
  figure { margin: 0 }
  figcaption { padding-block-end: 3px }
  img { display: block; width: 100%% }
"""


@dataclass(frozen=True)
class Picture:
    """A state in a theme, as PNG in base64."""

    state: str
    theme: str
    data: str


async def draw_sheet(browser: Browser, pictures: list[Picture], *, upright: bool) -> bytes:
    """All of them as one WebP."""
    figures = "".join(
        f"<figure><figcaption>{escape(one.state)}</figcaption>"
        f'<img src="data:image/png;base64,{one.data}"></figure>'
        for one in pictures
    )
    style = STYLE % COLUMN_WIDTHS[upright]
    page = await browser.new_page(viewport={"width": SHEET_WIDTH, "height": 100})
    await page.set_content(f"<style>{style}</style><main>{figures}</main>")
    tall = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": SHEET_WIDTH, "height": tall})
    session = await page.context.new_cdp_session(page)
    # Playwright's own `screenshot` knows no WebP, which takes a third of a PNG.
    told = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    await page.close()
    return base64.b64decode(told["data"])
