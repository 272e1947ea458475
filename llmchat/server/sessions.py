"""`/api/sessions` and `/api/account`: what somebody sees and changes of the own account."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from llmchat.accounts.administration import Wish
from llmchat.jobs.quotas import today
from llmchat.server import access_wire as wire
from llmchat.server import cookies
from llmchat.server.body import read_document
from llmchat.server.caller import CALLER, account_of, check_personal
from llmchat.server.gate import GATE
from llmchat.server.keys import FILES, QUOTAS
from llmchat.server.problems import refusal
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert, names_of
from llmchat.storage.holdings import holdings_of

_NAMES: Final = names_of(wire.AccountPatch)
_FAREWELL_NAMES: Final = names_of(wire.Farewell)


async def sessions(request: web.Request) -> web.Response:
    """The browsers that are signed in to the account."""
    caller = request[CALLER]
    found = await request.app[GATE].entrance.sessions(caller.account)
    items = [wire.session_item(one, caller.credential) for one in found]
    return json_reply(wire.SessionList(items))


async def end(request: web.Request) -> web.Response:
    """204: that browser is signed out, and what it has open ends."""
    check_personal(request)
    gate, session = request.app[GATE], request.match_info["session_id"]
    visitor = gate.visitor(request)
    if not await gate.entrance.end_session(account_of(request), session, visitor):
        raise refusal("no-such-session", "It may have ended already.")
    return web.Response(status=204)


async def end_others(request: web.Request) -> web.Response:
    """204: all browsers but this one are signed out."""
    check_personal(request)
    gate = request.app[GATE]
    await gate.entrance.end_other_sessions(request[CALLER], gate.visitor(request))
    return web.Response(status=204)


async def patch(request: web.Request) -> web.Response:
    """Change the own name or password. With a new password all other browsers are signed out."""
    check_personal(request)
    body = convert(await read_document(request, _NAMES), wire.AccountPatch)
    gate, caller = request.app[GATE], request[CALLER]
    visitor, administration = gate.visitor(request), gate.administration
    await administration.check_current(caller.account, body.current, visitor)
    wish = Wish(name=body.name, password=body.password)
    account = await administration.change(caller, caller.account, wish, visitor)
    return json_reply(wire.own_account(account, caller.role))


async def held(request: web.Request) -> web.Response:
    """How much the own account has, which would be deleted with it."""
    found = await holdings_of(request.app[FILES].database, account_of(request))
    return json_reply(wire.Held(*found))


async def limits(request: web.Request) -> web.Response:
    """What the own account may take, and has."""
    found = await request.app[QUOTAS].use(account_of(request))
    return json_reply(wire.own_limits(found.limits, found.used, today().ends))


async def delete(request: web.Request) -> web.Response:
    """204: the account is gone, with all that was its own."""
    check_personal(request)
    body = convert(await read_document(request, _FAREWELL_NAMES), wire.Farewell)
    gate, caller = request.app[GATE], request[CALLER]
    visitor = gate.visitor(request)
    await gate.administration.check_current(caller.account, body.current, visitor)
    await gate.administration.delete(caller, caller.account, visitor)
    response = web.Response(status=204)
    cookies.end(request, response)
    return response
