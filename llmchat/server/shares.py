"""`/api/shares`: the links to copies of an account's conversations."""

from __future__ import annotations

import asyncio
import secrets

import msgspec
from aiohttp import web

from llmchat.conversations.sharing import conversation_of, copy_of
from llmchat.domain.ids import now
from llmchat.domain.share import Share, SharedChat
from llmchat.server.body import read_document
from llmchat.server.conversation_wire import read_query
from llmchat.server.keys import CONVERSATIONS, FILES, SHARES, account_of
from llmchat.server.problems import invalid, refusal
from llmchat.server.replies import json_reply
from llmchat.server.share_wire import NAMES, NewShare, ShareBody, ShareList, ShareQuery, TakeBody
from llmchat.server.wire import convert

MOST_BYTES = 16 * 1024 * 1024  # of a copy: it is read in one piece for everybody who has the link
_DAY_MS = 86_400_000


async def shares(request: web.Request) -> web.Response:
    """The links of the account that lead somewhere, the newest first, without their tokens."""
    query = read_query(request, ShareQuery)
    found = await request.app[SHARES].list(account_of(request), query.conversation)
    return json_reply(ShareList(found))


async def share(request: web.Request) -> web.Response:
    """201 and a link to a copy of the branch in view, whose token is told this once. What becomes
    of its messages does not change the copy; where it is deleted, the link leads nowhere.
    """
    body = convert(await read_document(request, NAMES), ShareBody)
    account, conversation_id = account_of(request), request.match_info["conversation_id"]
    store = request.app[CONVERSATIONS].store
    conversation = await store.get(account, conversation_id)
    conversation, branch = await store.path(account, conversation_id, conversation.active)
    if not branch or conversation.deleted is not None:
        raise invalid("", "There is nothing in this conversation that could be shared.")
    time = now()
    copy = copy_of(
        conversation.title, branch, reasoning=body.reasoning, files=body.files, created=time
    )
    document = await asyncio.to_thread(msgspec.json.encode, copy.chat)
    if len(document) > MOST_BYTES:
        raise invalid("", "This conversation is too long to be shared.")
    one = Share(
        secrets.token_hex(16),
        conversation_id,
        conversation.title,
        time,
        None if body.expires_days is None else time + body.expires_days * _DAY_MS,
        reasoning=body.reasoning,
        files=body.files,
    )
    token = await request.app[SHARES].create(account, one, document, copy.files)
    return json_reply(NewShare.of(one, token), status=201)


async def revoke(request: web.Request) -> web.Response:
    """204: the link leads nowhere any more, at once."""
    share_id = request.match_info["share_id"]
    if not await request.app[SHARES].revoke(account_of(request), share_id):
        raise refusal("no-such-share", "It may have been revoked already, or has expired.")
    return web.Response(status=204)


async def take(request: web.Request) -> web.Response:
    """201 and a new conversation of the account, made of what a link shows."""
    body = convert(await read_document(request, NAMES), TakeBody)
    opened = await request.app[SHARES].open(body.token)
    if opened is None:
        raise refusal("no-such-share", "It is unknown, has expired, or was revoked.")
    chat = await asyncio.to_thread(msgspec.json.decode, opened.document, type=SharedChat)
    account = account_of(request)
    for file in set(opened.files.values()):
        await request.app[FILES].hold(account, file)  # whoever may read it may keep it
    conversation, messages = conversation_of(chat, opened.files)
    taken = await request.app[CONVERSATIONS].take(account, conversation, messages)
    return json_reply(taken, status=201)
