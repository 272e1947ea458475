"""`/api/import`: bring conversations in from a file of this or another program."""

from __future__ import annotations

from typing import cast

import msgspec
from aiohttp import web

from llmchat.domain.chat import JSONObject
from llmchat.domain.names import clean_name
from llmchat.server.keys import IMPORTS, account_of
from llmchat.server.problems import invalid
from llmchat.server.replies import json_reply
from llmchat.server.uploads import open_upload
from llmchat.transfer.service import Import

_SWITCH = {"true": True, "false": False}


async def start(request: web.Request) -> web.Response:
    """202 and the id of the import, when the file is here. `?dry_run=true` changes nothing."""
    dry_run = request.query.get("dry_run", "false")
    if dry_run not in _SWITCH:
        raise invalid("/dry_run", "It is `true` or `false`.")
    service, account = request.app[IMPORTS], account_of(request)
    await service.check_free(account)
    upload = await open_upload(request)
    name = clean_name(upload.name, "export")
    one = await service.take(account, name, upload.pieces(), dry_run=_SWITCH[dry_run])
    if request.transport is None:  # cancelled before it had an id to be cancelled by
        service.cancel(account, one.id)
    return json_reply({"import_id": one.id}, status=202)


async def state(request: web.Request) -> web.Response:
    """How far it is, and what was done so far."""
    return json_reply(_view(request.app[IMPORTS].get(*_place(request))))


async def cancel(request: web.Request) -> web.Response:
    """204, also when it is over. What was imported stays."""
    request.app[IMPORTS].cancel(*_place(request))
    return web.Response(status=204)


def _place(request: web.Request) -> tuple[str, str]:
    return account_of(request), request.match_info["import_id"]


def _view(one: Import) -> JSONObject:
    meter = one.importer.meter
    error = one.error
    return {
        "import_id": one.id,
        "state": one.state,
        "done_bytes": meter.done_bytes,
        "total_bytes": meter.total_bytes,
        "report": cast("JSONObject", msgspec.to_builtins(one.report)),
        "error": None if error is None else {"code": error.code, "message": error.message},
    }
