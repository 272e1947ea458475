"""The page as an application of its own: its manifest, its icons, the colour around it."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_can_be_installed(page: Page) -> None:
    link = page.locator("link[rel=manifest]")
    address = await link.evaluate("(link) => link.href")
    manifest = await page.evaluate("async (address) => (await fetch(address)).json()", address)
    assert manifest["display"] == "standalone"
    base = page.url.split("#")[0]
    start = await page.evaluate("([a, b]) => new URL(a, b).href", [manifest["start_url"], address])
    assert start == base
    for icon in manifest["icons"]:
        size = await page.evaluate(
            """async ([source, address]) => {
              const image = new Image()
              image.src = new URL(source, address)
              await image.decode()
              return `${image.naturalWidth}x${image.naturalHeight}`
            }""",
            [icon["src"], address],
        )
        assert icon["sizes"] in (size, "any")
    session = await page.context.new_cdp_session(page)
    found = await session.send("Page.getAppManifest")
    assert found["errors"] == []
    told = await session.send("Page.getInstallabilityErrors")
    kinds = {one["errorId"] for one in told["installabilityErrors"]}
    assert kinds <= {"in-incognito"}  # as every context of the tests is


async def test_the_colour_around_the_page_is_that_of_the_theme(page: Page) -> None:
    colours = (
        "() => [...document.querySelectorAll('meta[name=theme-color]')].map((one) => one.content)"
    )
    light, dark = await page.evaluate(colours)
    assert light != dark
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert await page.evaluate(colours) == [dark, dark]
    await page.evaluate("document.documentElement.dataset.theme = 'system'")
    assert await page.evaluate(colours) == [light, dark]
