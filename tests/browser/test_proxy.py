"""Below a prefix behind nginx as Debian has it: the page, its streams, its files, its refusals."""

import json
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import BrowserContext, expect

from tests.browser.conftest import Fake, Watched, run_server
from tests.browser.proxy import BARE, documented, nginx
from tests.browser.side import open_data
from tests.browser.steps import answer, ask, ask_and_wait, last_message

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = "piece 0 piece 1 piece 2 piece 3 piece 4"
# Who comes by a proxy has to sign in otherwise: here it is about what nginx does to the page.
PREFIX = {"LLMCHAT_BASE_PATH": "/chat", "LLMCHAT_AUTH": "none"}
BARE_PREFIXED = pytest.mark.parametrize(
    "location", [BARE, documented()], ids=["bare", "documented"]
)


async def test_the_page_works_behind_nginx_and_answers_come_piece_by_piece(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    await fake.order(mode="gate")
    async with (
        run_server(tmp_path / "data", provider=fake.url, settings=PREFIX) as server,
        nginx(_folder(tmp_path), BARE, server.port) as port,
    ):
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{port}/chat?q=Count")
        await expect(page).to_have_url(f"http://127.0.0.1:{port}/chat/")
        await ask(page, "Count for me")
        await expect(answer(page)).to_have_text("piece 0")
        await fake.order(release=1)
        await expect(answer(page)).to_have_text("piece 0 piece 1")
        second = await context.new_page()
        await second.goto(page.url)
        await fake.order(release=0)
        for tab in (page, second):
            await expect(answer(tab)).to_have_text(WHOLE)
        await page.reload()
        await expect(answer(page)).to_have_text(WHOLE)
        origin = f"http://127.0.0.1:{port}/chat"
        assert watched.foreign(origin) == []
        assert watched.console == []


async def test_what_nginx_refuses_is_told_in_words(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path, watched: Watched
) -> None:
    async with (
        run_server(tmp_path / "data", provider=fake.url, settings=PREFIX) as server,
        nginx(_folder(tmp_path), BARE, server.port) as port,
    ):
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{port}/chat/")
        small, large = tmp_path / "small.json", tmp_path / "large.json"
        small.write_text(json.dumps([]) + " " * 900_000)
        large.write_text(json.dumps([]) + " " * 1_200_000)
        await open_data(page)
        await page.locator("#import-input").set_input_files(str(small))
        await expect(page.locator("import-file")).not_to_contain_text("proxy")
        await page.locator("#import-input").set_input_files(str(large))
        await expect(page.locator("import-file").last).to_contain_text("client_max_body_size")
        await page.keyboard.press("Escape")
        await ask(page, "x" * 1_200_000)
        await expect(last_message(page).locator(".problem")).to_contain_text("client_max_body_size")
        await page.get_by_role("button", name="New chat").click()
        await ask_and_wait(page, "hello")
        assert all("413" in one for one in watched.console)


async def test_a_server_that_restarts_behind_nginx_goes_on_with_its_answer(
    context: BrowserContext, fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    await fake.order(mode="silent")
    page = await context.new_page()
    folder = _folder(tmp_path)
    async with run_server(tmp_path / "data", provider=fake.url, settings=PREFIX) as server:
        own = server.port
        async with nginx(folder, BARE, own) as port:
            await page.goto(f"http://127.0.0.1:{port}/chat/")
            await ask(page, "Are you there?")
            await fake.told(asked=1)
            await server.kill()
            await expect(page.locator(".waiting")).to_contain_text("Reconnecting")
            async with run_server(tmp_path / "data", provider=fake.url, port=own, settings=PREFIX):
                await fake.order(release=0)
                await expect(answer(page)).to_have_text("after the silence")


async def test_a_name_that_is_allowed_is_passed_on_by_nginx(
    fake: Fake, libraries: Path, tmp_path: Path
) -> None:
    settings = {**PREFIX, "LLMCHAT_ALLOWED_HOSTS": "chat.example"}
    question = {"messages": [{"role": "user", "content": "hi"}]}
    async with (
        run_server(tmp_path / "data", provider=fake.url, settings=settings) as server,
        nginx(_folder(tmp_path), documented(), server.port) as port,
        ClientSession() as session,
    ):
        for host, origin, status in (
            ("chat.example", "http://chat.example", 202),
            (f"chat.example:{port}", f"http://chat.example:{port}", 202),
            ("chat.example", "http://evil.example", 403),
            ("evil.example", "http://evil.example", 421),
        ):
            headers = {"Host": host, "Origin": origin}
            address = f"http://127.0.0.1:{port}/chat/chat"
            async with session.post(address, json=question, headers=headers) as reply:
                assert (host, origin, reply.status) == (host, origin, status)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "nginx"
    folder.mkdir()
    return folder
