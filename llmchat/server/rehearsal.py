"""`POST /api/request`: what an endpoint would be sent for a question, which is not asked."""

from __future__ import annotations

import asyncio
import shlex
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from llmchat.attachments.parts import AttachedFiles, needs_files
from llmchat.conversations.turns import Ask
from llmchat.domain.chat import JSON, ChatRequest, JSONObject
from llmchat.domain.endpoint import EMBEDDED, Endpoint
from llmchat.domain.job import Job, JobId
from llmchat.domain.upstream import PATH, body_of
from llmchat.server.body import read_document
from llmchat.server.chat import check_sight
from llmchat.server.chat_settings import check_settings, kept_settings
from llmchat.server.keys import CONVERSATIONS, FILE_LIMITS, FILES, JOBS, account_of, role_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.schemas import Rehearsed
from llmchat.server.turns import NAMES, Attachments, attachments_of
from llmchat.server.wire import (
    ChatSettings,
    Id,
    Message,
    ModelName,
    Text,
    chat_request,
    convert,
)

_SHOWN_CHARACTERS: Final = 100
_IMAGE: Final = "data:image/"


class RehearsalBody(Struct, forbid_unknown_fields=True):
    """A question as in `POST /chat`: in a conversation, in a new one, or after `messages`.
    `settings` stand for those of the conversation, as if they were saved. `project` is that of a
    new one.
    """

    content: Text = ""
    attachments: Attachments | None = None
    conversation_id: Id | None = None
    parent_id: Id | None = None
    messages: Annotated[list[Message], Meta(min_length=1, max_length=1000)] | None = None
    model: ModelName | None = None
    settings: ChatSettings | None = None
    project: Id | None = None


async def request(request: web.Request) -> web.Response:
    """The body that an endpoint would get, made as the worker makes it. Nothing is sent."""
    document = await read_document(request, NAMES)
    body = convert(document, RehearsalBody)
    await check_settings(body.settings)
    question = await _question(request, body, document)
    account, role = account_of(request), role_of(request)
    check_sight(request.app[JOBS], account, role, question)
    target, endpoint = await request.app[JOBS].aim(account, role, question.model)
    job = Job(JobId(""), question, target)
    if needs_files(job):
        files = AttachedFiles(request.app[FILES].blobs.folder, request.app[FILE_LIMITS])
        question = await asyncio.to_thread(files.complete, job)
    sent = body_of(question, target.model, target.prefill, endpoint.kind)
    shown: Any = _without_data(sent)
    url = None if endpoint.name == EMBEDDED else endpoint.base_url + PATH
    curl = None if url is None else _curl(url, endpoint, shown)
    return json_reply(
        Rehearsed(endpoint.name, target.model, url, shown, curl, shortened=shown != sent)
    )


async def _question(request: web.Request, body: RehearsalBody, document: Any) -> ChatRequest:
    if body.messages is not None:
        if body.conversation_id is not None:
            raise invalid("/messages", "Leave them out, or the conversation.")
        known = ("messages", "model", "settings")
        return chat_request({name: document[name] for name in known if name in document})
    if body.conversation_id is None and body.parent_id is not None:
        raise invalid("/conversation_id", "This member is required.")
    ask = Ask(
        "",
        body.content,
        attachments_of(body.attachments),
        body.conversation_id,
        body.parent_id,
        model=body.model,
        settings=kept_settings(document.get("settings")),
        project=body.project,
    )
    question, _ = await request.app[CONVERSATIONS].prepare(account_of(request), ask)
    return question


def _curl(url: str, endpoint: Endpoint, body: JSONObject) -> str:
    """The request as a command for a shell. The key is the shell's business."""
    key = ' -H "Authorization: Bearer $OPENAI_API_KEY"' if endpoint.api_key else ""
    data = shlex.quote(msgspec.json.encode(body).decode())
    return f"curl -N {shlex.quote(url)}{key} -H 'Content-Type: application/json' -d {data}"


def _without_data(value: JSON) -> JSON:
    """The same with the start of each embedded image: all of it would be megabytes."""
    if isinstance(value, dict):
        return {name: _without_data(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_data(one) for one in value]
    if isinstance(value, str) and value.startswith(_IMAGE) and len(value) > _SHOWN_CHARACTERS:
        return f"{value[:_SHOWN_CHARACTERS]}…"
    return value
