"""T-AUTH on the page: the own account, those of others, and what guests and users do not see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.access_states import ACCESS_STATES
from tests.browser.accounts import (
    ADMIN,
    PASSWORD,
    account_button,
    card,
    sign_in,
    sign_out,
    signed_in,
    team,
)
from tests.browser.conftest import Fake, Server, Watched
from tests.browser.lan import lan
from tests.browser.side import open_settings
from tests.browser.steps import ask, ask_and_wait, composer, sticking_out, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW_PASSWORD = "a tree in the garden"


async def _tab(page: Page, name: str) -> Locator:
    await page.get_by_role("tab", name=name, exact=True).click()
    return page.get_by_role("tabpanel", name=name, exact=True)


async def _tabs(page: Page) -> list[str]:
    return await page.get_by_role("tab").all_inner_texts()


async def test_the_own_account_is_renamed_protected_seen_and_deleted(
    context: BrowserContext, browser: Browser, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    limits = "per_minute=1 tokens_per_day=100000"
    async with team(tmp_path, fake, LLMCHAT_USER_LIMITS=limits) as server:
        page = await signed_in(context, server, "Bob")
        elsewhere = await browser.new_context()
        other = await signed_in(elsewhere, server, "Bob")
        await ask_and_wait(page, "mine")
        # What is too much is told where the question stands, which is kept.
        await other.goto(server.url)
        await ask(other, "too much")
        await expect(other.get_by_role("main")).to_contain_text(
            "Your account has asked as much as it may: 1 a minute."
        )
        await expect(other.get_by_role("main")).to_contain_text("too much")
        panel = await open_settings(page, "Account")
        allowed = panel.get_by_role("list", name="Limits").get_by_role("listitem")
        await expect(allowed).to_have_text(
            ["Questions in the last minute1 of 1", re.compile(r"Tokens today\d+ of 100,000")]
        )
        # A name and a password, for who knows the present one.
        save = panel.get_by_role("button", name="Save")
        await panel.get_by_label("Name", exact=True).fill("Robert")
        await expect(save).to_be_disabled()
        await panel.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        current = panel.locator("account-form").get_by_label("Current password", exact=True)
        await current.fill("not that")
        await save.click()
        await expect(panel).to_contain_text("This is not your password.")
        await expect(current).to_be_focused()
        await current.fill(PASSWORD)
        sessions = panel.get_by_role("list", name="Where you are signed in")
        await expect(sessions.get_by_role("listitem")).to_have_count(2)
        await expect(
            sessions.get_by_role("listitem").filter(has_text="this browser")
        ).to_have_count(1)
        await save.click()
        await expect(panel).to_contain_text("All other browsers are signed out.")
        await expect(account_button(page)).to_have_accessible_name("Account of Robert")
        await expect(current).to_have_value("")
        await expect(sessions.get_by_role("listitem")).to_have_count(1)
        await expect(other.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=6000)
        await sign_in(other, "Robert", NEW_PASSWORD)
        await expect(other.get_by_role("dialog")).to_have_count(0)
        # Another browser is signed out from here.
        await _tab(page, "General")
        await _tab(page, "Account")
        await sessions.get_by_role("button", name="Sign out: Chrome").click()
        await expect(panel).to_contain_text("is signed out.")
        await expect(other.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=6000)
        # A key that reads, for a while.
        keys = await _tab(page, "API")
        await keys.get_by_label("What the key is for").fill("backup")
        await keys.get_by_label("What it opens").select_option(label="Read my chats and data")
        assert "Metrics of the server" not in await keys.get_by_label("What it opens").inner_text()
        await keys.get_by_label("Expires").select_option(label="After 30 days")
        await keys.get_by_role("button", name="Create key").click()
        key = await keys.locator(".fresh-key code").inner_text()
        await expect(keys.get_by_role("listitem")).to_contain_text("Read my chats and data · until")
        async with ClientSession(headers={"Authorization": f"Bearer {key}"}) as program:
            async with program.get(f"{server.url}api/conversations") as told:
                assert [one["title"] for one in (await told.json())["items"]] == ["mine"]
            async with program.delete(f"{server.url}api/conversations?all=true") as told:
                assert told.status == 403
        # All of it goes with the account.
        await _tab(page, "Account")
        async with page.expect_download() as begun:
            await panel.get_by_role("link", name="Download").click()
        assert (await begun.value).suggested_filename.endswith(".zip")
        await panel.get_by_role("button", name="Delete the account").click()
        await expect(panel).to_contain_text("This goes: 1 chat, 2 messages, 1 API key.")
        assert await violations(page, libraries) == {}
        go = panel.get_by_role("button", name="Delete for good")
        await panel.get_by_label("Type “delete” to confirm").fill("delete")
        await expect(go).to_be_disabled()
        await (
            panel.locator("account-leave")
            .get_by_label("Current password", exact=True)
            .fill(NEW_PASSWORD)
        )
        await go.click()
        await expect(card(page)).to_be_visible()
        await sign_in(page, "Robert", NEW_PASSWORD)
        await expect(card(page)).to_contain_text("The name or the password is not right.")
        async with (
            ClientSession(headers={"Authorization": f"Bearer {key}"}) as program,
            program.get(f"{server.url}api/conversations") as told,
        ):
            assert told.status == 401
        await elsewhere.close()


async def test_an_admin_adds_people_and_says_what_they_may_do(
    context: BrowserContext,
    browser: Browser,
    fake: Fake,
    libraries: Path,
    tmp_path: Path,
) -> None:
    async with team(tmp_path, fake) as server:
        page = await signed_in(context, server, ADMIN)
        await account_button(page).click()
        await expect(page.get_by_role("menuitem")).to_have_text(["Account", "Users", "Sign out"])
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        panel = page.get_by_role("tabpanel", name="Users")
        await expect(panel).to_contain_text("They cannot read anybody’s chats.")
        await panel.get_by_label("Name", exact=True).fill("bob")
        add = panel.get_by_role("button", name="Add", exact=True)
        await add.click()
        await expect(panel.locator(".field-problem").first).not_to_be_empty()
        await panel.get_by_label("Name", exact=True).fill("Cleo")
        await panel.get_by_label("Role", exact=True).select_option("guest")
        await expect(panel).to_contain_text("Chats, and makes no prompts")
        await add.click()
        fresh = panel.get_by_role("group", name="The first password of Cleo")
        await expect(fresh).to_be_focused()
        first = await fresh.locator("code").inner_text()
        assert await violations(page, libraries) == {}
        # It is good for signing in, and gone from here.
        elsewhere = await browser.new_context()
        cleo = await elsewhere.new_page()
        await cleo.goto(server.url)
        await sign_in(cleo, "Cleo", first)
        await expect(account_button(cleo)).to_be_visible()
        await ask_and_wait(cleo, "a secret")
        await _tab(page, "Log")
        await _tab(page, "Users")
        assert first not in await page.content()
        # Guests and users see no settings that they may not change.
        await open_settings(cleo, "Account")
        tabs = await _tabs(cleo)
        assert "Your data" in tabs
        not_theirs = {"Users", "Log", "Endpoints", "Model files", "API", "Sharing"}
        assert not_theirs.isdisjoint(tabs)
        data = await _tab(cleo, "Your data")
        await expect(data.get_by_role("heading", name="Import")).to_have_count(0)
        await cleo.keyboard.press("Escape")
        await cleo.locator(".picker-button").click()
        await expect(cleo.get_by_role("radio", name="echo")).to_be_visible()
        await expect(cleo.get_by_role("button", name="Endpoints")).to_have_count(0)
        await cleo.keyboard.press("Escape")
        await _an_endpoint_for_admins(page, cleo, fake)
        await _tab(page, "Users")
        # The page of another role comes with the next load; what is not allowed any more ends.
        row = panel.get_by_role("listitem").filter(has_text="Cleo")
        await row.get_by_role("combobox", name="Role of Cleo").select_option("user")
        await expect(panel).to_contain_text("Saved: Cleo")
        await cleo.reload()
        await open_settings(cleo, "API")
        await row.get_by_role("button", name="New password: Cleo").click()
        second = await panel.locator(".fresh-key code").inner_text()
        assert second != first
        await expect(cleo.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=6000)
        await sign_in(cleo, "Cleo", second)
        await expect(cleo.get_by_role("dialog", name="Sign in again")).to_have_count(0)
        await row.get_by_role("button", name="Disable: Cleo").click()
        await expect(row).to_contain_text("disabled")
        await expect(cleo.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=6000)
        await sign_in(cleo, "Cleo", second)
        await expect(card(cleo)).to_contain_text("The name or the password is not right.")
        # The log names who did what, never what was written.
        log = await _tab(page, "Log")
        for text in ("disabled the account Cleo", "added the account Cleo", "made Cleo a user"):
            await expect(log.get_by_role("listitem").filter(has_text=text)).to_contain_text(ADMIN)
        assert "a secret" not in await log.inner_text()
        assert await violations(page, libraries) == {}
        await _tab(page, "Users")
        await row.get_by_role("button", name="Delete: Cleo").click()
        await expect(row).to_contain_text("Delete Cleo for good, with 1 chat, 2 messages?")
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await sticking_out(page) == []
        await row.get_by_role("button", name="Delete for good").click()
        await expect(panel).to_contain_text("Cleo is deleted")
        await expect(panel.get_by_label("Name", exact=True)).to_be_focused()
        await expect(row).to_have_count(0)
        await elsewhere.close()


async def _an_endpoint_for_admins(admin: Page, guest: Page, fake: Fake) -> None:
    """It is not there for others, until it is for everybody."""
    panel = await _tab(admin, "Endpoints")
    for role, count in (("Admins only", 0), ("Everybody", 1)):
        if role == "Admins only":
            await panel.get_by_role("button", name="Add an endpoint").click()
            address = fake.url.replace("127.0.0.1", "localhost")
            await panel.get_by_label("Address", exact=True).fill(address)
            await panel.get_by_label("Name", exact=True).fill("Private")
        else:
            await panel.get_by_role("button", name="Edit: Private").click()
        await panel.get_by_label("Who may use it").select_option(label=role)
        await panel.get_by_role("button", name="Save").click()
        await expect(panel.get_by_role("button", name="Save")).to_be_hidden()
        await guest.reload()
        await guest.locator(".picker-button").click()
        await expect(guest.get_by_role("radio", name="echo default")).to_be_visible()
        await expect(guest.get_by_role("group", name="Private")).to_have_count(count)
        await guest.keyboard.press("Escape")


async def test_over_plain_http_the_page_says_that_others_can_read_along(
    browser: Browser, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    async with lan(browser, fake, tmp_path) as (context, _, url):
        page = await context.new_page()
        await page.goto(url)
        notice = page.locator("server-notices .server-notice")
        await expect(notice).to_contain_text("a connection that is not encrypted")
        assert await violations(page, libraries) == {}
        await notice.get_by_role("button").click()
        await expect(notice).to_be_hidden()
        await page.reload()
        await expect(composer(page)).to_be_visible()
        await expect(page.locator(".model-name")).to_have_text("echo")
        await expect(notice).to_have_count(0)
        # Nothing of accounts is here, where there are none.
        await expect(account_button(page)).to_have_count(0)
        await open_settings(page)
        assert "Account" not in await _tabs(page)


async def test_who_is_signed_out_finds_nothing_with_the_way_back(
    context: BrowserContext, fake: Fake, tmp_path: Path
) -> None:
    async with team(tmp_path, fake) as server:
        page = await signed_in(context, server, "Bob")
        await ask_and_wait(page, "a secret")
        await sign_out(page)
        await page.go_back()
        await expect(card(page)).to_be_visible()
        await expect(page.get_by_text("a secret")).to_have_count(0)


async def test_the_states_that_are_drawn_are_reached_and_fit(
    page: Page, fake: Fake, server: Server, libraries: Path, watched: Watched
) -> None:
    for name, state in ACCESS_STATES.items():
        own = await page.context.new_page()
        await own.set_viewport_size({"width": 390, "height": 844})
        await own.goto(server.url)
        await state(own, fake)
        assert await sticking_out(own) == [], name
        assert await violations(own, libraries) == {}, name
        await own.close()
    watched.console.clear()  # the browser names what was refused
