"""`/api/keys`: the personal keys with which other programs use this llmchat."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from llmchat.server.body import read_document
from llmchat.server.keys import API_KEYS, account_of
from llmchat.server.problems import invalid, refusal
from llmchat.server.replies import json_reply
from llmchat.server.schemas import KeyList, NewKey
from llmchat.server.wire import convert, names_of


class KeyBody(Struct, forbid_unknown_fields=True):
    """What a key is called, so that its owner knows later what it is for."""

    name: Annotated[
        str, Meta(min_length=1, max_length=100, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
    ]


_NAMES = names_of(KeyBody)


async def keys(request: web.Request) -> web.Response:
    """The keys of the account, the newest first, without what is secret of them."""
    return json_reply(KeyList(await request.app[API_KEYS].list(account_of(request))))


async def create(request: web.Request) -> web.Response:
    """201 and a new key, which is told this once and never again."""
    body = convert(await read_document(request, _NAMES), KeyBody)
    name = body.name.strip()
    if not name:
        raise invalid("/name", "There is no text here.")
    one, text = await request.app[API_KEYS].create(account_of(request), name)
    return json_reply(NewKey(one.id, one.name, one.ending, one.created, one.used, text), status=201)


async def revoke(request: web.Request) -> web.Response:
    """204: the key opens nothing any more."""
    key_id = request.match_info["key_id"]
    if not await request.app[API_KEYS].revoke(account_of(request), key_id):
        raise refusal("no-such-key", "It may have been revoked already.")
    return web.Response(status=204)
