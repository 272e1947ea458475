"""`/api/prompts`: texts that are kept to be used again."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.errors import RequestError
from llmchat.server.body import read_document
from llmchat.server.conversation_wire import changes_of
from llmchat.server.keys import PROMPTS, account_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.shelf_wire import NAMES, PromptBody, PromptList, PromptPatch
from llmchat.server.wire import convert
from llmchat.transfer.prompts import read_prompts


async def prompts(request: web.Request) -> web.Response:
    """All of them."""
    return json_reply(PromptList(await request.app[PROMPTS].list(account_of(request))))


async def add(request: web.Request) -> web.Response:
    """201 and the prompt."""
    body = convert(await read_document(request, NAMES), PromptBody)
    added = await request.app[PROMPTS].add(account_of(request), body.name, body.text)
    return json_reply(added, status=201)


async def patch(request: web.Request) -> web.Response:
    """Change some of it."""
    changes = changes_of(convert(await read_document(request, NAMES), PromptPatch))
    return json_reply(await request.app[PROMPTS].patch(*_place(request), changes))


async def delete(request: web.Request) -> web.Response:
    """204. There is no bin for them."""
    await request.app[PROMPTS].delete(*_place(request))
    return web.Response(status=204)


async def take(request: web.Request) -> web.Response:
    """Keep what an export of llmchat or Open WebUI has; what is there already is left alone."""
    found, skipped = read_prompts(await read_document(request, NAMES))
    if not found:
        raise _nothing()
    return json_reply(await request.app[PROMPTS].take(account_of(request), found, skipped))


def _nothing() -> RequestError:
    return invalid("", "There are no prompts in it. Exports of llmchat and Open WebUI are read.")


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["prompt_id"]
