"""`GET /api/search`: what is in the titles and messages."""

from __future__ import annotations

import base64
import binascii
import re

from aiohttp import web

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.search import MAX_CHARACTERS, Hit, Part, parse_query
from llmchat.server.keys import SEARCH
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.storage.search import Place

_ACCOUNT = ""
_DEFAULT_LIMIT = "20"
_MAX_LIMIT = 100


async def search(request: web.Request) -> web.Response:
    """A page of hits for `?q=`. `next` is where to go on, also when this page is not full: a query
    that has to read much does it in several requests.
    """
    text = request.query.get("q", "")
    if len(text) > MAX_CHARACTERS:
        raise invalid("/q", f"It has at most {MAX_CHARACTERS} characters.")
    limit, start = _limit(request), _start(request)
    page = await request.app[SEARCH].find(_ACCOUNT, parse_query(text), limit, start)
    items: list[JSON] = [_item(hit) for hit in page.hits]
    return json_reply({"items": items, "next": None if page.next is None else _cursor(page.next)})


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", _DEFAULT_LIMIT)
    if not re.fullmatch("[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > _MAX_LIMIT:
        raise invalid("/limit", f"It is a number from 1 to {_MAX_LIMIT}.")
    return int(text)


def _start(request: web.Request) -> Place | None:
    text = request.query.get("cursor")
    if text is None:
        return None
    try:
        place = Place.read(base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        place = None
    if place is None:
        raise invalid("/cursor", "It is the `next` of a page before, unchanged.")
    return place


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _item(hit: Hit) -> JSONObject:
    return {
        "conversation_id": hit.conversation_id,
        "title": "".join(part.text for part in hit.title),
        "message_id": hit.message_id,
        "role": hit.role,
        "created": hit.created,
        "archived": hit.archived,
        "snippet": _parts(hit.snippet),
        "title_parts": _parts(hit.title),
    }


def _parts(parts: list[Part]) -> list[JSON]:
    return [{"text": part.text, "hit": part.hit} for part in parts]
