"""`/api/keys`: the personal keys with which other programs use this llmchat."""

from __future__ import annotations

import time
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from llmchat.domain.access import Scope
from llmchat.server.body import read_document
from llmchat.server.caller import CALLER, account_of, check_personal
from llmchat.server.gate import GATE
from llmchat.server.problems import invalid, refusal
from llmchat.server.replies import json_reply
from llmchat.server.schemas import KeyList, NewKey
from llmchat.server.wire import convert, names_of


class KeyBody(Struct, forbid_unknown_fields=True):
    """What a key is called, so that its owner knows later what it is for. `scopes` are what it
    opens, by default the API for programs; `expires` is when it ends, in ms since the epoch.
    """

    name: Annotated[
        str, Meta(min_length=1, max_length=100, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
    ]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))] | None = None
    expires: Annotated[int, Meta(ge=0, le=2**53)] | None = None


_NAMES = names_of(KeyBody)


async def keys(request: web.Request) -> web.Response:
    """The keys of the account, the newest first, without what is secret of them."""
    return json_reply(KeyList(await request.app[GATE].callers.keys.list(account_of(request))))


async def create(request: web.Request) -> web.Response:
    """201 and a new key, which is told this once and never again."""
    check_personal(request)
    body = convert(await read_document(request, _NAMES), KeyBody)
    name = body.name.strip()
    if not name:
        raise invalid("/name", "There is no text here.")
    if body.expires is not None and body.expires <= time.time() * 1000:
        raise invalid("/expires", "This time is over.")
    caller, gate = request[CALLER], request.app[GATE]
    keys = gate.callers.keys
    one, text = await keys.create(
        caller.account, name, body.scopes or [Scope.PROGRAMS], body.expires
    )
    await gate.note(request, "key-made", name)
    shown = (one.id, one.name, one.ending, one.created, one.used, one.scopes, one.expires)
    return json_reply(NewKey(*shown, text), status=201)


async def revoke(request: web.Request) -> web.Response:
    """204: the key opens nothing any more, and what is open by it ends."""
    key_id = request.match_info["key_id"]
    check_personal(request)
    gate = request.app[GATE]
    if not await gate.callers.keys.revoke(account_of(request), key_id):
        raise refusal("no-such-key", "It may have been revoked already.")
    await gate.callers.changed()
    await gate.note(request, "key-revoked", key_id)
    return web.Response(status=204)
