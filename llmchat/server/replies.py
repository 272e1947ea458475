"""JSON responses."""

from __future__ import annotations

import msgspec
from aiohttp import web


def json_reply(document: object, status: int = 200) -> web.Response:
    """A response with JSON as its body: of an object, or of a dataclass or Struct."""
    body = msgspec.json.encode(document)
    return web.Response(status=status, body=body, content_type="application/json")
