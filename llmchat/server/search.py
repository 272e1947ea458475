"""`GET /api/search`: what is in the titles and messages."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from llmchat.domain.search import MAX_CHARACTERS, Hit, parse_query
from llmchat.server.conversation_wire import Cursor, read_query
from llmchat.server.keys import SEARCH, account_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.storage.search import Place


class SearchQuery(Struct):
    """What is looked for, and where to go on."""

    q: Annotated[str, Meta(max_length=MAX_CHARACTERS)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class FoundPage(Struct):
    """Some hits. `next` is the cursor of what follows, also when there are none here."""

    items: list[Hit]
    next: str | None


async def search(request: web.Request) -> web.Response:
    """A page of hits. A query that has to read much does it in several requests: follow `next`."""
    asked = read_query(request, SearchQuery)
    start = _read_cursor(asked.cursor)
    query = parse_query(asked.q)
    page = await request.app[SEARCH].find(account_of(request), query, asked.limit, start)
    return json_reply(FoundPage(page.hits, _write_cursor(page.next)))


def _write_cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = Place.read(base64.b64decode(padded, b"-_", validate=True).decode("ascii"))
    except (ValueError, binascii.Error):
        place = None
    if place is None or _write_cursor(place) != cursor:
        raise invalid("/cursor", "Use the `next` of a page.")
    return place
