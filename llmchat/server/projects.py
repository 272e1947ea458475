"""`/api/projects`: instructions and files that several conversations share."""

from __future__ import annotations

from aiohttp import web
from msgspec.structs import asdict

from llmchat.domain.ids import new_id, now
from llmchat.domain.project import Project
from llmchat.server.body import read_document
from llmchat.server.conversation_wire import changes_of, read_query
from llmchat.server.keys import PROJECTS, account_of
from llmchat.server.project_wire import (
    NAMES,
    ProjectBody,
    ProjectList,
    ProjectPatch,
    ProjectQuery,
)
from llmchat.server.replies import json_reply
from llmchat.server.turns import AttachmentBody, attachments_of
from llmchat.server.wire import convert


async def projects(request: web.Request) -> web.Response:
    """All of them."""
    return json_reply(ProjectList(await request.app[PROJECTS].store.list(account_of(request))))


async def project(request: web.Request) -> web.Response:
    """One of them."""
    return json_reply(await request.app[PROJECTS].store.get(*_place(request)))


async def add(request: web.Request) -> web.Response:
    """201 and the project, which has no files yet."""
    body = convert(await read_document(request, NAMES), ProjectBody)
    time = now()
    one = Project(id=new_id(time), updated=time, **asdict(body))
    return json_reply(await request.app[PROJECTS].add(account_of(request), one), status=201)


async def patch(request: web.Request) -> web.Response:
    """Change some of it."""
    changes = changes_of(convert(await read_document(request, NAMES), ProjectPatch))
    return json_reply(await request.app[PROJECTS].patch(*_place(request), changes))


async def delete(request: web.Request) -> web.Response:
    """204. Its conversations stay, or go into the bin with `?chats=bin`."""
    bin_chats = read_query(request, ProjectQuery).chats == "bin"
    await request.app[PROJECTS].delete(*_place(request), bin_chats=bin_chats)
    return web.Response(status=204)


async def add_file(request: web.Request) -> web.Response:
    """201 and the project, which has a file more: one that `POST /api/files` has taken."""
    body = convert(await read_document(request, NAMES), AttachmentBody)
    file = attachments_of([body])[0]
    return json_reply(await request.app[PROJECTS].add_file(*_place(request), file), status=201)


async def remove_file(request: web.Request) -> web.Response:
    """The project without the file."""
    file = request.match_info["file"]
    return json_reply(await request.app[PROJECTS].remove_file(*_place(request), file))


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["project_id"]
