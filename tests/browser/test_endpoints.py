"""The endpoints in the settings: set up, tried, changed and removed while one chats."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Response, expect

from tests.browser.conftest import Fake, Server, Watched, run_server
from tests.browser.endpoint_states import FOUND, KEY, find, open_endpoints, row, set_up
from tests.browser.side import open_settings
from tests.browser.steps import answer, ask_and_wait
from tests.fake_openai import GOOD

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _overhear(page: Page) -> list[str]:
    """All that the server says of endpoints."""
    said: list[str] = []

    async def note(response: Response) -> None:
        if "api/endpoints" in response.url and response.status != 204:
            said.append(await response.text())

    page.on("response", note)
    return said


async def test_an_endpoint_is_set_up_tried_changed_and_removed(
    context: BrowserContext, fake: Fake, watched: Watched, tmp_path: Path
) -> None:
    await fake.order(key=KEY)
    async with run_server(tmp_path) as server:
        page = await context.new_page()
        said = _overhear(page)
        await find(page)
        await page.goto(server.url)
        panel = await open_settings(page, "Endpoints")
        await expect(panel).to_contain_text("None is set up yet.")
        await expect(panel).to_contain_text("None was found.")
        await expect(panel).to_contain_text("a file that only")
        # An address without its path, and no key: the test says what is wrong, one thing at a time.
        await panel.get_by_role("button", name="Add an endpoint").click()
        await expect(panel.get_by_label("Address", exact=True)).to_be_focused()
        await panel.get_by_role("button", name="Save").click()
        await expect(panel.locator("[aria-invalid]")).to_be_focused()
        await panel.get_by_label("Address", exact=True).fill(fake.url.removesuffix("/v1"))
        await panel.get_by_role("button", name="Test").click()
        verdict = panel.locator(".endpoint-form endpoint-verdict")
        await expect(verdict).to_contain_text("there is no OpenAI-compatible API, but nearby")
        await panel.get_by_role("button", name=f"Use {fake.url}").click()
        await expect(verdict).to_contain_text("wants a key")
        await expect(panel.get_by_role("button", name="Test")).to_be_focused()
        await panel.get_by_label("Key", exact=True).fill("sk-wrong")
        await page.keyboard.press("Enter")  # it is saved as it is
        await expect(row(page, fake.url[7:-3])).to_contain_text("not answering")
        await expect(row(page, fake.url[7:-3])).to_contain_text("did not accept the key")
        await panel.get_by_role("button", name="Edit").click()
        await expect(panel.get_by_role("heading", name="Change")).to_be_focused()
        await panel.get_by_label("Key", exact=True).fill(KEY)
        await panel.get_by_label("Name", exact=True).fill("Team")
        await panel.get_by_role("button", name="Test").click()
        await expect(verdict).to_contain_text(f"answers and lists {len(GOOD)} models")
        await panel.get_by_role("button", name="Save").click()
        await expect(row(page, "Team")).to_contain_text(f"ready · {len(GOOD)} models")
        await expect(row(page, "Team")).to_contain_text("key …cdef")
        await expect(panel.get_by_role("button", name="Edit: Team")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator(".model-name")).to_have_text("echo")
        await ask_and_wait(page, "hello")
        await expect(answer(page)).to_have_text("hello")
        # Its key stays with its server.
        await page.locator(".picker-button").click()
        await (
            page.get_by_role("dialog", name="Models")
            .get_by_role("button", name="Endpoints")
            .click()
        )
        await panel.get_by_role("button", name="Edit: Team").click()
        key = panel.get_by_label("Key", exact=True)
        await expect(key).to_have_attribute("placeholder", "kept; ends in cdef")
        await panel.get_by_label("Address", exact=True).fill("https://other.example/v1")
        await expect(panel).to_contain_text("the key that is kept does not go there")
        await panel.get_by_role("button", name="Cancel").click()
        # Off, on, and gone.
        await panel.get_by_role("switch", name="Use Team").click()
        await expect(row(page, "Team")).to_contain_text("off")
        await expect(page.locator(".model-name")).not_to_have_text("echo")
        await panel.get_by_role("switch", name="Use Team").click()
        await expect(row(page, "Team")).to_contain_text("ready")
        await panel.get_by_role("button", name="Remove: Team").click()
        dialog = page.get_by_role("dialog", name="Remove this endpoint?")
        await dialog.get_by_role("button", name="Remove").click()
        await expect(panel).to_contain_text("None is set up yet.")
        await expect(panel.get_by_role("button", name="Add an endpoint")).to_be_focused()
        assert len(said) > 10
        assert KEY not in "".join([*said, await page.content(), *watched.requests])
        # The browser names each answer that is an error.
        console = [one for one in watched.console if "status of 422" not in one]
        assert console == []
        await page.close()


async def test_what_runs_on_this_machine_is_set_up_with_one_click(
    page: Page, fake: Fake, server: Server
) -> None:
    await find(page, {**FOUND[0], "base_url": fake.url.replace("127.0.0.1", "localhost")})
    panel = await open_endpoints(page)
    environment = panel.locator("endpoint-row").first
    await expect(environment).to_contain_text("set by OPENAI_BASE_URL")
    await expect(environment.get_by_role("button", name=re.compile("Test"))).to_be_visible()
    await expect(environment.get_by_role("button", name=re.compile("Edit"))).to_be_hidden()
    await panel.get_by_role("button", name="Add Ollama").click()
    await expect(row(page, "Ollama")).to_contain_text(f"ready · {len(GOOD)} models")
    await expect(panel.get_by_role("heading", name="Model servers")).to_be_focused()
    await row(page, "Ollama").get_by_role("button", name=re.compile("Test")).click()
    await expect(row(page, "Ollama").locator(".trial-steps li")).to_have_count(4)


async def test_headers_and_limits_are_kept_and_what_is_wrong_is_at_its_field(
    page: Page, fake: Fake, watched: Watched
) -> None:
    await find(page)
    await set_up(page, name="Taken", base_url=fake.url)
    item = await set_up(page, name="Team", base_url=fake.url, headers={"X-Team": KEY, "X-B": "b"})
    panel = await open_endpoints(page)
    await panel.get_by_role("button", name="Edit: Team").click()
    await panel.get_by_text("Headers, proxy and limits").click()
    await expect(panel.get_by_label("Name of the header")).to_have_count(2)
    await panel.get_by_role("button", name="Remove this header").nth(1).click()
    await panel.get_by_role("button", name="Add a header").click()
    await panel.get_by_label("Name of the header").nth(1).fill("X-C")
    await panel.get_by_label("Value", exact=True).nth(1).fill("c")
    await panel.get_by_label("Answers at once").fill("2")
    await panel.get_by_label("Whole answer, in seconds").fill("60.5")
    await panel.get_by_label("Proxy", exact=True).select_option("None")
    await panel.get_by_label("Name", exact=True).fill("Taken")
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_label("Name", exact=True)).to_be_focused()
    await expect(panel.locator(".field-problem:visible")).to_have_text(
        "Another endpoint has this name."
    )
    await panel.get_by_label("Name", exact=True).fill("Team")
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("button", name="Edit: Team")).to_be_focused()
    found = await (await page.request.get(f"{page.url}api/endpoints")).json()
    await panel.get_by_role("button", name="Ask earlier: Team").click()
    await expect(panel.locator("endpoint-row strong")).to_have_text(
        [fake.url[7:-3], "Team", "Taken"]
    )
    await expect(panel.get_by_role("button", name="Edit: Team")).to_be_focused()
    await expect(panel.get_by_role("button", name="Ask earlier: Team")).to_be_hidden()
    (kept,) = [one for one in found["items"] if one["id"] == item["id"]]
    assert sorted(kept["headers"]) == ["X-C", "X-Team"]
    assert (kept["proxy"], kept["slots"], kept["total_seconds"]) == ("none", 2, 60.5)
    watched.console.clear()  # the browser names the request that was refused


async def test_a_list_that_cannot_be_read_says_so_and_comes_when_it_can(
    page: Page, watched: Watched
) -> None:
    await find(page)
    await page.route("**/api/endpoints", lambda route: route.abort())
    panel = await open_settings(page, "Endpoints")
    await expect(panel).to_contain_text("does not answer")
    await page.unroute("**/api/endpoints")
    await page.get_by_role("tab", name="General").click()
    await page.get_by_role("tab", name="Endpoints").click()
    await expect(panel).to_contain_text("set by OPENAI_BASE_URL")
    await expect(panel).not_to_contain_text("does not answer")
    watched.console.clear()  # the browser names the request that failed
