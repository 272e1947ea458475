"""Draws the icons of the installed page, static/icons/, from static/favicon.svg with Chromium.

They are committed, being small: run this again after the drawing has changed.
"""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "static"
# Name, pixels, and how much of them the drawing takes; an icon that is cut to a shape has a ground.
ICONS = (("192", 192, 1.0), ("512", 512, 1.0), ("180", 180, 0.7), ("maskable", 512, 0.6))


def main() -> None:
    drawing = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = os.environ.get("LLMCHAT_TEST_CHROMIUM")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, pixels, part in ICONS:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            ground = "transparent" if part == 1 else "#fff"
            page.set_content(
                f"<style>html {{ background: {ground} }} body {{ margin: 0; display: grid;"
                f" place-content: center; height: {pixels}px }} svg {{ width: {pixels * part}px }}"
                f"</style>{drawing}"
            )
            path = STATIC / "icons" / f"{name}.png"
            page.screenshot(path=path, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
