"""`/api/tools` and the decisions about calls: what may run, and who said so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from aiohttp import web
from msgspec import Meta, Struct

from llmchat.domain.chat import JSON
from llmchat.domain.errors import ConfigError
from llmchat.domain.job import JobId
from llmchat.server.body import read_document
from llmchat.server.conversation_wire import read_query
from llmchat.server.keys import JOBS, TOOLS_FILE, account_of
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert, names_of
from llmchat.tools.configuration import ToolServer, read_servers

ToolName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128)]


class DecisionBody(Struct, forbid_unknown_fields=True):
    """`once`: this call; `tool`, `server`: also the next ones, as long as it is what it is now."""

    decision: Literal["once", "tool", "server", "deny"]


class ApprovalQuery(Struct):
    """Which approvals: all, those of a server, or that of one tool."""

    server: ToolName | None = None
    tool: ToolName | None = None


NAMES: Final = names_of(DecisionBody)


async def tools(request: web.Request) -> web.Response:
    """The tool servers of `mcp.json`, and what was allowed for good. No server is started."""
    servers, problem = await asyncio.to_thread(_servers, request.app[TOOLS_FILE])
    listed: list[JSON] = [{"name": name, "kind": one.kind} for name, one in servers.items()]
    approvals: list[JSON] = [
        {
            "server": one.approval.server,
            "tool": one.approval.tool or None,
            "created": one.created,
        }
        for one in request.app[JOBS].approvals.of(account_of(request))
    ]
    return json_reply({"servers": listed, "problem": problem, "approvals": approvals})


async def forget(request: web.Request) -> web.Response:
    """Take approvals back. What runs already is not stopped."""
    query = read_query(request, ApprovalQuery)
    approvals = request.app[JOBS].approvals
    await approvals.remove(account_of(request), query.server, query.tool)
    return web.Response(status=204)


async def decide(request: web.Request) -> web.Response:
    """Say whether a call that waits may run."""
    body = convert(await read_document(request, NAMES), DecisionBody)
    job_id, call_id = JobId(request.match_info["job_id"]), request.match_info["call_id"]
    await request.app[JOBS].decide(account_of(request), job_id, call_id, body.decision)
    return web.Response(status=204)


def _servers(file: Path) -> tuple[dict[str, ToolServer], str | None]:
    try:
        return read_servers(file), None
    except ConfigError as error:
        return {}, error.message
