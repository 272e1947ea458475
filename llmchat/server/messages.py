"""Messages of stored conversations: stored, edited and deleted without asking a model."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.ids import new_id, now
from llmchat.server.conversation_wire import MessagePatch, NewMessage, changes_of, read_body
from llmchat.server.keys import CONVERSATIONS, account_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.turns import attachments_of


async def add(request: web.Request) -> web.Response:
    """201 and the message, below its parent beside what is there; the branch ends with it."""
    body = await read_body(request, NewMessage)
    time = now()
    message = Message(
        MessageId(new_id(time)),
        None if body.parent_id is None else MessageId(body.parent_id),
        body.role,
        body.content,
        time,
        attachments=attachments_of(body.attachments),
    )
    added = await request.app[CONVERSATIONS].add(*_place(request), message)
    return json_reply(added, status=201)


async def patch(request: web.Request) -> web.Response:
    """Change its text in its place."""
    changes = changes_of(await read_body(request, MessagePatch))
    if not changes:
        raise invalid("", "Give `content`, `reasoning`, or both.")
    place, message_id = _place(request), request.match_info["message_id"]
    return json_reply(await request.app[CONVERSATIONS].edit(*place, message_id, changes))


async def delete(request: web.Request) -> web.Response:
    """Delete it with all below it."""
    place, message_id = _place(request), request.match_info["message_id"]
    count, conversation = await request.app[CONVERSATIONS].delete(*place, message_id)
    return json_reply({"deleted": count, "active": conversation.active})


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["conversation_id"]
