"""JSON responses."""

from __future__ import annotations

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSONObject


def json_reply(document: JSONObject, status: int = 200) -> web.Response:
    """A response with a JSON object as its body."""
    body = msgspec.json.encode(document)
    return web.Response(status=status, body=body, content_type="application/json")
