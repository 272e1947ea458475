"""`/api/conversations`: lists, whole conversations, and what is done with them."""

from __future__ import annotations

from aiohttp import web
from msgspec.structs import asdict

from llmchat.server.body import read_document
from llmchat.server.chat_settings import check_settings, kept_settings
from llmchat.server.conversation_wire import (
    NAMES,
    Batch,
    ConversationPatch,
    DeleteAllQuery,
    DeleteQuery,
    Fork,
    ListQuery,
    Nothing,
    TreeQuery,
    changes_of,
    read_body,
    read_cursor,
    read_query,
    write_cursor,
)
from llmchat.server.keys import CONVERSATIONS, FILES, STATISTICS, account_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.schemas import ConversationPage, WholeConversation
from llmchat.server.wire import convert


async def conversations(request: web.Request) -> web.Response:
    """The conversations, the last used first; `?cursor=` goes on after the `next` of a list."""
    query = read_query(request, ListQuery)
    page = await request.app[CONVERSATIONS].store.list(
        account_of(request),
        limit=query.limit,
        after=read_cursor(query.cursor),
        pinned=query.pinned,
        archived=query.archived,
        deleted=query.deleted,
        project=query.project,
    )
    return json_reply(ConversationPage(page.items, write_cursor(page.next)))


async def delete_all(request: web.Request) -> web.Response:
    """Delete all for good, with the archive, the bin and the statistics. Only with `?all=true`: an
    address that lacks the id of the one that is meant must not be enough.
    """
    read_query(request, DeleteAllQuery)
    account = account_of(request)
    changed = await request.app[CONVERSATIONS].purge_all(account)
    await request.app[STATISTICS].forget(account)
    return json_reply({"changed": changed})


async def conversation(request: web.Request) -> web.Response:
    """A conversation with its messages, of those changed after `?since=`."""
    since = read_query(request, TreeQuery).since
    store = request.app[CONVERSATIONS].store
    tree = await store.tree(*_place(request), since)
    files = [file.file for one in tree.messages for file in one.attachments]
    missing = await request.app[FILES].missing(account_of(request), files) if files else []
    return json_reply(WholeConversation.of(tree, missing))


async def patch(request: web.Request) -> web.Response:
    """Change some of it."""
    document = await read_document(request, NAMES)
    changes = changes_of(convert(document, ConversationPatch))
    if (settings := changes.get("settings")) is not None and isinstance(document, dict):
        await check_settings(settings)
        changes["settings"] = kept_settings(document["settings"])
    return json_reply(await request.app[CONVERSATIONS].patch(*_place(request), changes))


async def delete(request: web.Request) -> web.Response:
    """204, also if it is in the bin already; `?forever=true` leaves nothing of it."""
    service = request.app[CONVERSATIONS]
    remove = service.purge if read_query(request, DeleteQuery).forever else service.bin
    await remove(*_place(request))
    return web.Response(status=204)


async def restore(request: web.Request) -> web.Response:
    """Take it out of the bin. There is nothing to say in the body."""
    if request.can_read_body:
        await read_body(request, Nothing)
    return json_reply(await request.app[CONVERSATIONS].restore(*_place(request)))


async def batch(request: web.Request) -> web.Response:
    """Do the same with many; unknown ids are left out."""
    body = await read_body(request, Batch)
    if body.project is not None and body.action != "move":
        raise invalid("/project", "It is for the action `move`.")
    count = await request.app[CONVERSATIONS].batch(account_of(request), **asdict(body))
    return json_reply({"changed": count})


async def fork(request: web.Request) -> web.Response:
    """201 and a new conversation, with a copy of what leads to a message."""
    message_id = (await read_body(request, Fork)).message_id
    forked = await request.app[CONVERSATIONS].fork(*_place(request), message_id)
    return json_reply(forked, status=201)


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["conversation_id"]
