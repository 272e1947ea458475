"""`/api/presets`: settings for chats that are kept under a name."""

from __future__ import annotations

from aiohttp import web
from msgspec import UNSET

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.ids import new_id, now
from llmchat.domain.shelf import Preset
from llmchat.server.body import read_document
from llmchat.server.chat_settings import check_settings, kept_settings
from llmchat.server.conversation_wire import changes_of
from llmchat.server.keys import PRESETS, account_of
from llmchat.server.replies import json_reply
from llmchat.server.shelf_wire import NAMES, PresetBody, PresetList, PresetPatch
from llmchat.server.wire import convert, settings_of


async def presets(request: web.Request) -> web.Response:
    """All of them."""
    return json_reply(PresetList(await request.app[PRESETS].list(account_of(request))))


async def add(request: web.Request) -> web.Response:
    """201 and the preset."""
    document = await read_document(request, NAMES)
    body = convert(document, PresetBody)
    await check_settings(body.settings)
    time = now()
    preset = Preset(
        *(new_id(time), body.name, time, body.icon, body.colour, body.starters),
        settings=_settings_in(document),
    )
    return json_reply(await request.app[PRESETS].add(account_of(request), preset), status=201)


async def patch(request: web.Request) -> web.Response:
    """Change some of it."""
    document = await read_document(request, NAMES)
    body = convert(document, PresetPatch)
    changes = changes_of(body)
    if body.settings is not UNSET:
        await check_settings(settings_of(document))
        changes["settings"] = _settings_in(document)
    return json_reply(await request.app[PRESETS].patch(*_place(request), changes))


async def delete(request: web.Request) -> web.Response:
    """204. Chats that were begun with it stay as they are."""
    await request.app[PRESETS].delete(*_place(request))
    return web.Response(status=204)


def _settings_in(document: JSON) -> JSONObject:
    settings = document.get("settings") if isinstance(document, dict) else None
    # A preset is not made from another one.
    return {
        name: value for name, value in (kept_settings(settings) or {}).items() if name != "preset"
    }


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["preset_id"]
