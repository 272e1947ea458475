"""`/api/settings`: what a person has set, on all of their devices."""

from __future__ import annotations

from aiohttp import web

from llmchat.server.body import read_document
from llmchat.server.conversation_wire import NAMES, AccountSettings
from llmchat.server.keys import SETTINGS, account_of
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
    return json_reply(await request.app[SETTINGS].patch(account_of(request), changes))
