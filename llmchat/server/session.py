"""`/api/session` and `/api/setup`: who asks, and how one gets in and out."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from llmchat.access.errors import LoginFailedError
from llmchat.accounts.entrance import Begun
from llmchat.domain.access import Caller, Way
from llmchat.domain.chat import JSON
from llmchat.server import access_wire as wire
from llmchat.server import cookies
from llmchat.server.body import read_document
from llmchat.server.gate import GATE
from llmchat.server.identity import find_caller
from llmchat.server.replies import json_reply
from llmchat.server.wire import convert, names_of

_LOGIN_NAMES: Final = names_of(wire.PasswordLogin, wire.TokenLogin)
_SETUP_NAMES: Final = names_of(wire.SetupBody)


async def session(request: web.Request) -> web.Response:
    """Who asks, if that is known, and the ways to sign in."""
    return json_reply(await _state(request, await find_caller(request)))


async def begin(request: web.Request) -> web.Response:
    """Sign in: a cookie keeps it."""
    gate = request.app[GATE]
    document = await read_document(request, _LOGIN_NAMES)
    visitor = gate.visitor(request)
    if _has_token(document):
        given = convert(document, wire.TokenLogin)
        if not gate.policy.has_token:
            raise LoginFailedError("This llmchat is not opened by a token.")
        return await _begun(request, await gate.entrance.sign_in_by_token(given.token, visitor))
    login = convert(document, wire.PasswordLogin)
    if not gate.policy.has_passwords:
        raise LoginFailedError("This llmchat has no passwords.")
    begun = await gate.entrance.sign_in(login.name, login.password, visitor)
    return await _begun(request, begun)


async def end(request: web.Request) -> web.Response:
    """204: signed out, and what is open by this session ends. Also for who was not signed in."""
    gate = request.app[GATE]
    caller = await find_caller(request)
    if caller is not None and caller.way is Way.SESSION:
        await gate.entrance.sign_out(caller, gate.visitor(request))
    response = web.Response(status=204)
    cookies.end(request, response)
    return response


async def set_up(request: web.Request) -> web.Response:
    """Make the first admin with the code that was printed, and sign in."""
    gate = request.app[GATE]
    body = convert(await read_document(request, _SETUP_NAMES), wire.SetupBody)
    visitor = gate.visitor(request)
    begun = await gate.entrance.set_up(body.code, body.name, body.password, visitor)
    return await _begun(request, begun)


def _has_token(document: JSON) -> bool:
    return isinstance(document, dict) and "token" in document


async def _begun(request: web.Request, begun: Begun) -> web.Response:
    """The state with the new session. The one that the browser had is of no use any more."""
    gate = request.app[GATE]
    before = await find_caller(request)
    if before is not None and before.way is Way.SESSION:
        await gate.entrance.sign_out(before, gate.visitor(request))
    caller = Caller(begun.account.id, begun.account.role, Way.SESSION)
    response = json_reply(await _state(request, caller))
    cookies.begin(request, response, begun.text)
    return response


async def _state(request: web.Request, caller: Caller | None) -> wire.SessionState:
    gate = request.app[GATE]
    policy, accounts = gate.policy, gate.callers.accounts
    known = None if caller is None else await accounts.find(caller.account)
    account = None if caller is None or known is None else wire.own_account(known, caller.role)
    ways: list[wire.Way] = []
    if policy.has_passwords and await accounts.any_password():
        ways.append("password")
    if policy.has_token:
        ways.append("token")
    if policy.has_passwords and gate.oidc:
        ways.append("oidc")
    return wire.SessionState(
        auth=policy.mode.value,
        account=account,
        signed_in=caller is not None and caller.way is Way.SESSION,
        ways=ways,
        oidc=gate.oidc if "oidc" in ways else None,
        setup=gate.entrance.wants_setup,
    )
