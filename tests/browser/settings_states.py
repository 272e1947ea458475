"""The states of the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.conftest import Fake
from tests.browser.endpoint_states import ENDPOINT_STATES
from tests.browser.side import open_data, open_settings


async def _general(page: Page, fake: Fake) -> None:
    await open_settings(page)


async def _keys(page: Page, fake: Fake) -> None:
    await open_settings(page, "Keys")


async def _recording(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("button", name="Search: Ctrl+K").click()
    await page.keyboard.press("Control+Shift+KeyO")
    await expect(panel.get_by_role("status")).to_contain_text("is taken: New chat")


async def _changed_keys(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Keys")
    await panel.get_by_role("button", name="Search: Ctrl+K").click()
    await page.keyboard.press("Control+Shift+KeyF")
    await panel.get_by_role("switch", name="Keyboard shortcuts").click()


async def _about(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "About")
    await expect(panel).to_contain_text("Version")


async def _licenses(page: Page, fake: Fake) -> None:
    await page.goto(f"{page.url}licenses")
    await page.locator("details", has_text="aiohttp-sse").locator("summary").click()


async def _deleting_all(page: Page, fake: Fake) -> None:
    panel = await open_data(page)
    await panel.get_by_role("button", name="Delete all chats").click()
    await expect(panel.get_by_role("textbox")).to_be_focused()


async def _api_key(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "API")
    await panel.get_by_label("What the key is for").fill("editor on the laptop")
    await panel.get_by_role("button", name="Create key").click()
    await expect(panel.get_by_role("group", name="The key for")).to_be_focused()


async def _revoking(page: Page, fake: Fake) -> None:
    await _api_key(page, fake)
    panel = page.get_by_role("tabpanel", name="API")
    await panel.get_by_role("button", name="Revoke the key for").first.click()
    await expect(panel.get_by_role("button", name="Cancel")).to_be_focused()


def _file(name: str, title: str, state: str, size: int, **more: object) -> dict[str, object]:
    file = {
        "name": f"{name}.gguf",
        "title": title,
        "size_bytes": size,
        "quantisation": "Q4_K_M",
        "parameters": size * 3 // 2,
        "architecture": "llama",
        "context_length": 131072,
        "chat_template": True,
        "needed_bytes": size * 5 // 4,
        "state": state,
        **more,
    }
    return {
        "id": name,
        "object": "model",
        "owned_by": "llmchat",
        "endpoint": f"local:{name}",
        "kind": "local",
        "context_window": 4096,
        "default": False,
        "file": file,
        "capabilities": {"vision": False},
    }


LOCAL = [
    _file("Llama-3.2-3B-Instruct-Q4_K_M", "Llama 3.2 3B Instruct", "ready", 2_019_377_696),
    _file("Qwen3-8B-Q4_K_M", "Qwen3 8B", "off", 5_027_783_488),
    _file("base", "base", "loading", 98_362_432, chat_template=False, context_length=None),
]
REFUSED = [
    {
        "file": "mistral-7b.part.gguf",
        "size_bytes": 1_200_000_000,
        "code": "model-cut",
        "reason": "The file ends too early: it is cut off, or still being copied.",
    }
]


async def with_model_files(page: Page) -> None:
    """The server tells of model files, too."""

    async def tell(route: Route) -> None:
        response = await route.fetch()
        models = await response.json()
        models["data"] += LOCAL
        models["endpoints"] += [
            {"name": one["endpoint"], "kind": "local", "base_url": "", "state": "ok"}
            for one in LOCAL
        ]
        models["local"] = {"folder": "/home/ada/.local/share/llmchat/models", "refused": REFUSED}
        await route.fulfill(response=response, json=models)

    await page.route("**/models", tell)


async def _models(page: Page, fake: Fake) -> None:
    await with_model_files(page)
    panel = await open_settings(page, "Model files")
    await panel.get_by_role("button", name="Use: Llama-3.2").click()
    await expect(panel.get_by_text("In use")).to_be_visible()
    await expect(panel.get_by_text("Files that cannot be used")).to_be_visible()


async def _model_files(page: Page, fake: Fake) -> None:
    await with_model_files(page)
    await page.locator(".picker-button").click()
    await expect(page.locator(".choice", has_text="Q4_K_M")).to_have_count(len(LOCAL))
    await page.locator(".model-filter").fill("q4_k_m")
    await expect(page.locator(".choice:visible")).to_have_count(len(LOCAL))


async def _adding_a_model(page: Page, fake: Fake) -> None:
    panel = await open_settings(page, "Model files")

    async def hold(route: Route) -> None:
        pass  # until the page is closed

    await page.route("**/api/models", hold)
    files: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        for name, content in (("notes.gguf", b"text"), ("friend.gguf", b"GGUF" + bytes(3_000_000)))
    ]
    await panel.locator("#model-input").set_input_files(files)
    await expect(panel.locator("model-upload[data-step=failed]")).to_have_count(1)
    await expect(
        panel.locator("model-upload[data-step=sending], [data-step=storing]")
    ).to_have_count(1)


SETTINGS_STATES: dict[str, Callable[[Page, Fake], Awaitable[None]]] = {
    "settings": _general,
    **ENDPOINT_STATES,
    "keys": _keys,
    "recording keys": _recording,
    "changed keys": _changed_keys,
    "deleting all": _deleting_all,
    "about": _about,
    "licenses": _licenses,
    "an API key": _api_key,
    "revoking an API key": _revoking,
    "local models": _models,
    "model files": _model_files,
    "adding a model": _adding_a_model,
}
