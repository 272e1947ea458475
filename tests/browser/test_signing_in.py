"""T-AUTH on the page: how one gets in, and what is left when a session ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.accounts import (
    ADMIN,
    PASSWORD,
    account_button,
    card,
    end_sessions,
    new_team,
    sign_in,
    sign_out,
    signed_in,
    team,
)
from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.steps import answer, ask, ask_and_wait, composer, sticking_out, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"
EVER_SEEN = """() => {
  window.seen = new Set()
  const look = () => document.querySelectorAll("chat-app").forEach((one) => seen.add(one))
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
}"""


def _refused(watched: Watched) -> None:
    """The browser itself names the requests that were refused; nothing else was said."""
    assert all("status of 4" in one for one in watched.console), watched.console


async def test_the_first_admin_is_made_with_the_code_and_nothing_of_the_app_shows_before(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    async with new_team(tmp_path, fake) as (server, code):
        page = await context.new_page()
        await page.add_init_script(f"({EVER_SEEN})()")
        await page.goto(server.url)
        form = card(page)
        await expect(form.get_by_role("heading", name="Set up llmchat")).to_be_visible()
        await expect(form.get_by_label("Set-up code")).to_be_focused()
        assert await violations(page, libraries) == {}
        assert await page.evaluate("() => seen.size") == 0
        assert not [one for one in watched.requests if "/chat-app" in one or "/models" in one]
        # What password managers go by.
        for label, kind in (("Your name", "username"), ("Password", "new-password")):
            field = form.get_by_label(label, exact=True)
            await expect(field).to_have_attribute("autocomplete", kind)
        await form.get_by_label("Set-up code").fill("ABCD-EFGH")
        await form.get_by_label("Your name").fill(ADMIN)
        password = form.get_by_label("Password", exact=True)
        await password.fill("12345678")
        make = form.get_by_role("button", name="Create the account")
        await make.click()
        await expect(form.get_by_role("alert").last).to_contain_text("This is not the code")
        await form.get_by_label("Set-up code").fill(f" {code.lower()} ")
        await make.click()
        await expect(password).to_be_focused()
        await expect(form).to_contain_text("among the first that others would try")
        await form.get_by_role("button", name="Show: Password").click()
        await expect(password).to_have_attribute("type", "text")
        await password.fill(PASSWORD)
        await password.press("Enter")
        await expect(account_button(page)).to_have_accessible_name(f"Account of {ADMIN}")
        await ask_and_wait(page, "hello")
        await page.reload()
        await expect(answer(page)).to_have_text("hello")
        _refused(watched)


async def test_a_wrong_password_is_told_and_too_many_have_to_wait(
    context: BrowserContext, fake: Fake, tmp_path: Path
) -> None:
    async with team(tmp_path, fake) as server:
        page = await context.new_page()
        await page.clock.install()
        await page.goto(f"{server.url}#some-chat")
        button = card(page).locator("button[type=submit]")
        before = await button.bounding_box()
        for name in ("Bob", "nobody"):
            await sign_in(page, name, "wrong password")
            await expect(card(page)).to_contain_text("The name or the password is not right.")
            await expect(button).to_have_text("Sign in")
            assert await button.bounding_box() == before
        await page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        while "Again in" not in (await button.text_content() or ""):
            await sign_in(page, "Bob", "wrong password")
            await expect(button).not_to_have_text("Signing in")
        await expect(card(page)).to_contain_text("There were too many attempts.")
        await card(page).get_by_label("Password", exact=True).fill("what is typed meanwhile")
        await expect(card(page)).to_contain_text("There were too many attempts.")
        await page.clock.resume()  # the seconds that the server has named
        await expect(button).to_have_text("Sign in")
        await expect(card(page)).not_to_contain_text("There were too many attempts.")
        await page.route("**/api/session", lambda route: route.abort())
        await sign_in(page, "Bob")
        await expect(card(page)).to_contain_text("does not answer")
        await page.unroute("**/api/session")
        await expect(button).to_have_text("Sign in")
        await sign_in(page, "Bob")
        await expect(account_button(page)).to_be_visible()
        # It goes on to where the address led: that chat is not there.
        await expect(page.locator("notice-stack")).to_contain_text("There is no such chat")


async def test_an_answer_goes_on_in_place_after_the_session_has_ended(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    async with team(tmp_path, fake) as server:
        page = await signed_in(context, server, "Bob")
        await fake.order(mode="gate")
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0")
        await composer(page).fill("half a thou")
        await end_sessions(server, "Bob")
        dialog = page.get_by_role("dialog", name="Sign in again")
        await expect(dialog).to_be_visible(timeout=6000)
        await expect(dialog.get_by_label("Name")).to_have_value("Bob")
        await expect(dialog.get_by_label("Password", exact=True)).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_visible()
        await expect(answer(page)).to_have_text("piece 0")
        assert await violations(page, libraries) == {}
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await sticking_out(page) == []
        await page.set_viewport_size({"width": 1280, "height": 860})
        await fake.order(release=2)
        await sign_in(page, "Bob")
        await expect(dialog).to_have_count(0)
        await expect(answer(page)).to_have_text("piece 0 piece 1 piece 2")
        await expect(composer(page)).to_have_value("half a thou")
        await fake.order(release=0)
        await expect(answer(page)).to_have_text(WHOLE)
        assert (await fake.told())["posts"] == 1
        # The list is told of changes again, too: a question that another tab asks shows up here.
        other = await context.new_page()
        await other.goto(server.url)
        await fake.order(mode="echo")
        await ask_and_wait(other, "from the other tab")
        await expect(page.get_by_role("link", name="from the other tab")).to_be_visible()
        _refused(watched)


async def test_two_people_share_a_browser_and_see_nothing_of_each_other(
    context: BrowserContext, browser: Browser, fake: Fake, tmp_path: Path
) -> None:
    async with team(tmp_path, fake) as server:
        bob = await signed_in(context, server, "Bob")
        await ask_and_wait(bob, "the secret of Bob")
        chat = bob.url
        await bob.goto(server.url)
        await composer(bob).fill("not sent yet")
        second = await context.new_page()
        await second.goto(chat)
        await expect(answer(second)).to_have_text("the secret of Bob")
        await sign_out(bob)
        # The other tab is locked with it.
        await expect(card(second)).to_be_visible()
        await expect(second.get_by_text("the secret of Bob")).to_have_count(0)
        await sign_in(bob, ADMIN)
        await expect(account_button(bob)).to_have_accessible_name(f"Account of {ADMIN}")
        await expect(composer(bob)).to_have_value("")
        await expect(bob.get_by_role("link", name="the secret of Bob")).to_have_count(0)
        await expect(account_button(second)).to_have_accessible_name(f"Account of {ADMIN}")
        # Elsewhere Bob has his chat.
        elsewhere = await browser.new_context()
        own = await signed_in(elsewhere, server, "Bob")
        await expect(own.get_by_role("link", name="the secret of Bob")).to_be_visible()
        await elsewhere.close()


async def test_a_token_lets_in_and_leaves_the_address(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    settings = {"LLMCHAT_AUTH": "token"}
    async with run_server(tmp_path, provider=fake.url, settings=settings) as server:
        assert server.token
        typed = await context.new_page()
        await typed.goto(server.url)
        await expect(card(typed).get_by_role("heading")).to_have_text("Connect this browser")
        await expect(card(typed)).to_contain_text("#token=")
        assert await violations(typed, libraries) == {}
        await card(typed).get_by_label("Token", exact=True).fill("wrong")
        await card(typed).get_by_role("button", name="Open llmchat").click()
        await expect(card(typed)).to_contain_text("This is not the token of this llmchat")
        printed = await context.new_page()
        await printed.goto(f"{server.url}#token={server.token}")
        await expect(composer(printed)).to_be_visible()
        assert server.token not in printed.url
        # The tab that has waited for it is in, too.
        await expect(composer(typed)).to_be_visible()
        await ask_and_wait(printed, "hello")
        chat = printed.url
        # The printed address once more: nothing to do but to forget it.
        await printed.goto(f"{server.url}#token={server.token}")
        await printed.reload()
        await expect(composer(printed)).to_be_visible()
        assert "token" not in printed.url
        await printed.goto(chat)
        await expect(answer(printed)).to_have_text("hello")
        assert server.token not in await printed.evaluate("JSON.stringify({ ...localStorage })")
        # Files and pictures are read by the browser itself, which has a cookie and no token.
        assert [one for one in watched.requests if server.token in one] == []
        _refused(watched)


async def test_a_service_that_does_not_answer_is_told_of_in_german(
    browser: Browser, fake: Fake, tmp_path: Path
) -> None:
    service = {
        "LLMCHAT_OIDC_ISSUER": "http://127.0.0.1:9",
        "LLMCHAT_OIDC_CLIENT_ID": "llmchat",
        "LLMCHAT_OIDC_NAME": "Firma",
    }
    async with team(tmp_path, fake, **service) as server:
        context = await browser.new_context(locale="de-DE")
        page = await context.new_page()
        await page.goto(server.url)
        await card(page).get_by_role("link", name="Mit Firma anmelden").click()
        await expect(card(page)).to_contain_text("Der Dienst für die Anmeldung antwortet nicht.")
        assert "#" not in page.url
        await card(page).get_by_label("Name").fill("Bob")
        await card(page).get_by_label("Passwort", exact=True).fill("falsch")
        await card(page).get_by_role("button", name="Anmelden", exact=True).click()
        await expect(card(page)).to_contain_text("Name oder Passwort stimmt nicht.")
        await expect(card(page)).not_to_contain_text("antwortet nicht")
        await context.close()
