"""`/api/users` and `/api/audit`: what admins see of accounts, never of what is in them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from llmchat.accounts.administration import Wish
from llmchat.domain.access import account_id, shown_id
from llmchat.jobs.quotas import today
from llmchat.server import access_wire as wire
from llmchat.server.body import read_document
from llmchat.server.caller import CALLER, check_personal
from llmchat.server.conversation_wire import read_query
from llmchat.server.gate import GATE
from llmchat.server.keys import FILES, STATISTICS
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert, names_of
from llmchat.storage.holdings import holdings_of

_NEW_NAMES: Final = names_of(wire.NewUser)
_PATCH_NAMES: Final = names_of(wire.UserPatch)


async def users(request: web.Request) -> web.Response:
    """All accounts."""
    found = await request.app[GATE].administration.list()
    return json_reply(wire.UserList([wire.user(one) for one in found]))


async def add(request: web.Request) -> web.Response:
    """201 and the new account."""
    check_personal(request)
    body = convert(await read_document(request, _NEW_NAMES), wire.NewUser)
    gate = request.app[GATE]
    wish = Wish(body.name, body.role, body.password)
    account = await gate.administration.create(request[CALLER], wish, gate.visitor(request))
    return json_reply(wire.user(account), status=201)


async def patch(request: web.Request) -> web.Response:
    """Rename, promote or disable an account, or give it a new password; what it loses by that ends
    at once.
    """
    check_personal(request)
    body = convert(await read_document(request, _PATCH_NAMES), wire.UserPatch)
    gate, account = request.app[GATE], account_id(request.match_info["user_id"])
    wish = Wish(body.name, body.role, body.password, body.disabled)
    visitor = gate.visitor(request)
    changed = await gate.administration.change(request[CALLER], account, wish, visitor)
    return json_reply(wire.user(changed))


async def delete(request: web.Request) -> web.Response:
    """204: the account is gone, with all that was its own."""
    check_personal(request)
    gate, account = request.app[GATE], account_id(request.match_info["user_id"])
    await gate.administration.delete(request[CALLER], account, gate.visitor(request))
    return web.Response(status=204)


async def held(request: web.Request) -> web.Response:
    """How much an account has that would be deleted with it."""
    gate, account = request.app[GATE], account_id(request.match_info["user_id"])
    await gate.administration.find(account)
    return json_reply(wire.Held(*await holdings_of(request.app[FILES].database, account)))


async def used(request: web.Request) -> web.Response:
    """What each account has used today: numbers only."""
    day = today()
    found = await request.app[STATISTICS].of_accounts(day.begins, day.ends)
    return json_reply(wire.UserUseList([wire.UserUse(shown_id(one), *of) for one, *of in found]))


async def audit(request: web.Request) -> web.Response:
    """Who did what to accounts, keys and sessions, the newest first."""
    query = read_query(request, wire.AuditQuery)
    found = await request.app[GATE].audit.list(query.before, query.limit)
    after = found[-1].number if len(found) == query.limit else None
    return json_reply(wire.AuditPage([wire.audit_item(one) for one in found], after))
