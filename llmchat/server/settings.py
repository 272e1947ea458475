"""`/api/settings`: what a person has set, on all of their devices."""

from __future__ import annotations

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSONObject
from llmchat.domain.model_notes import ModelNote
from llmchat.server.body import read_document
from llmchat.server.conversation_wire import NAMES, AccountSettings
from llmchat.server.keys import JOBS, SETTINGS, account_of
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert


async def settings(request: web.Request) -> web.Response:
    """All that is set."""
    return json_reply(await request.app[SETTINGS].get(account_of(request)))


async def patch(request: web.Request) -> web.Response:
    """Set some; null takes a value away. Answers all that is set."""
    document = await read_document(request, NAMES)
    convert(document, AccountSettings)
    changes = document if isinstance(document, dict) else {}
    account = account_of(request)
    changed = await request.app[SETTINGS].patch(account, changes)
    _note_models(request.app, account, changed)
    return json_reply(changed)


async def note_models(app: web.Application) -> None:
    """Tell the catalogue what everybody has noted of models."""
    for account, stored in (await app[SETTINGS].all()).items():
        _note_models(app, account, stored)


def _note_models(app: web.Application, account: str, stored: JSONObject) -> None:
    notes = msgspec.convert(stored.get("models") or {}, dict[str, ModelNote])
    app[JOBS].catalogue().note(account, notes)
