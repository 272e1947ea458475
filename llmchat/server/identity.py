"""Who a request is from: the one place where a credential is read, and where a rule is applied.

The guard has looked at Host and Origin before, so that a page of another site can use nobody's
cookie, key or machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from llmchat.access.proxies import is_forwarded
from llmchat.accounts.policy import Mode
from llmchat.domain.access import OWNER_CALLER, Caller, Rule, Way, is_allowed
from llmchat.domain.errors import RequestError
from llmchat.server.caller import CALLER
from llmchat.server.cookies import session_text
from llmchat.server.gate import GATE, LOCKS, peer_of
from llmchat.server.keys import QUOTAS
from llmchat.server.paths import is_for_programs
from llmchat.server.rules import Lock
from llmchat.storage.api_keys import PREFIX

_BEARER: Final = re.compile(r"bearer +(?P<text>[\x21-\x7e]{1,300}) *", re.IGNORECASE | re.ASCII)
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,300}", re.ASCII)
_IS_BEARER: Final = re.compile(r"\s*bearer\b", re.IGNORECASE)


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """401 or 403 for who may not use the route, before anything of a body is read.

    Handlers take CALLER from the request: one that was reached by another way would fail.
    """
    lock = request.app[LOCKS].get(request.match_info.route)
    if lock is None:  # there is nothing there; programs are told that after their key
        if is_for_programs(request):
            await _program(request)
    elif lock.rule is Rule.PROGRAM:
        _let_in(request, await _program(request), lock)
    elif lock.rule is not Rule.PUBLIC:
        caller = await find_caller(request)
        if caller is None:
            raise unauthorized()
        _let_in(request, caller, lock)
    return await handler(request)


async def find_caller(request: web.Request) -> Caller | None:
    """Who asks, None if that is nobody who is known. A credential that was given and is wrong is
    never replaced by another one.
    """
    gate = request.app[GATE]
    policy = gate.policy
    if policy.mode is Mode.OPEN:
        return OWNER_CALLER[Way.OPEN]
    given = list(_secrets(request))
    if policy.mode is Mode.PROXY and gate.proxies.trusts(peer_of(request)):
        # Some proxies pass on what they were shown themselves, as a token of their issuer.
        given = [one for one in given if one is not None and _is_ours(request, one)]
    if given:
        return await _of_secret(request, given)
    if policy.begun_by and (text := session_text(request)) is not None:
        caller = await gate.callers.of_session(text, policy.begun_by)
        if caller is not None:
            return caller
    match policy.mode:
        case Mode.AUTO:
            return OWNER_CALLER[Way.LOCAL] if await _is_this_user(request) else None
        case Mode.PROXY:
            return await gate.of_proxy(request)
        case _:
            return None


def unauthorized() -> RequestError:
    """The same for whatever is wrong: who has no right does not hear how near they were."""
    return RequestError(
        "Sign in, or send `Authorization: Bearer KEY` with a valid key.",
        code="unauthorized",
        status=401,
        headers={"WWW-Authenticate": "Bearer"},
    )


async def _program(request: web.Request) -> Caller:
    given = list(_secrets(request))
    text = given[0] if len(given) == 1 else None
    caller = None if text is None else await request.app[GATE].callers.of_key(text)
    if caller is None:
        raise RequestError(
            "Send `Authorization: Bearer KEY` with a key of this llmchat: Settings, API."
            if text is None
            else "This key is not known here, or was revoked. Make one in Settings, API.",
            code="api-key",
            status=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    return caller


def _secrets(request: web.Request) -> Iterator[str | None]:
    """What was given as a key or token in headers, None for what cannot be one. Of other schemes,
    as of a proxy that asks for a password itself, nothing is taken.
    """
    for value in request.headers.getall("Authorization", ()):
        if _IS_BEARER.match(value):
            match = _BEARER.fullmatch(value)
            yield match["text"] if match else None
        elif is_for_programs(request):
            yield None
    for value in request.headers.getall("X-Api-Key", ()):
        yield value if _PLAIN.fullmatch(value) else None


def _is_ours(request: web.Request, text: str) -> bool:
    return text.startswith(PREFIX) or request.app[GATE].entrance.has_token(text)


async def _of_secret(request: web.Request, given: list[str | None]) -> Caller | None:
    if len(given) != 1 or given[0] is None:
        return None
    gate, text = request.app[GATE], given[0]
    if text.startswith(PREFIX):
        return await gate.callers.of_key(text)
    # The commands of this machine have it too, whatever others have to show.
    counts = gate.policy.has_token or _is_of_this_machine(request)
    return OWNER_CALLER[Way.TOKEN] if counts and gate.entrance.has_token(text) else None


def _is_of_this_machine(request: web.Request) -> bool:
    return not is_forwarded(request.headers) and request.app[GATE].is_of_this_machine(request)


async def _is_this_user(request: web.Request) -> bool:
    return not is_forwarded(request.headers) and await request.app[GATE].is_this_user(request)


def _let_in(request: web.Request, caller: Caller, lock: Lock) -> None:
    """The request is of this caller, if the rule lets it. Raises RequestError (403)."""
    if is_allowed(caller, lock.rule, lock.scope):
        request[CALLER] = caller
        request.app[QUOTAS].meet(caller)
        return
    if caller.way is Way.KEY:
        detail = "This key was not made for that: make one in Settings, API."
    else:
        detail = "Your account may not do this. Ask an admin."
    raise RequestError(detail, code="forbidden", status=403)
