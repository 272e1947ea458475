"""Each route stands with its rule; an application with a route that has none does not start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from aiohttp import web

from llmchat.domain.access import Rule, Scope

_READING: Final = frozenset({"GET", "HEAD"})


class Lock(NamedTuple):
    """Who may use a route, and the scope with which a key opens it."""

    rule: Rule
    scope: Scope


@dataclass(frozen=True, slots=True)
class Guarded:
    """A route with its lock."""

    route: web.RouteDef
    lock: Lock

    @property
    def method(self) -> str:
        return self.route.method

    @property
    def path(self) -> str:
        return self.route.path

    def below(self, base: str) -> Guarded:
        """The same route under a prefix."""
        one = self.route
        return Guarded(
            web.RouteDef(one.method, base + one.path, one.handler, one.kwargs), self.lock
        )


def public(route: web.RouteDef) -> Guarded:
    """For everybody. Its handler must not tell or do what is anybody's."""
    return _guarded(route, Rule.PUBLIC)


def guest(route: web.RouteDef) -> Guarded:
    """For everybody with an account, about what is theirs."""
    return _guarded(route, Rule.GUEST)


def user(route: web.RouteDef) -> Guarded:
    """The same, but not for guests."""
    return _guarded(route, Rule.USER)


def admin(route: web.RouteDef, scope: Scope = Scope.ADMIN) -> Guarded:
    """For admins: about the server, or the accounts of others."""
    return _guarded(route, Rule.ADMIN, scope)


def program(route: web.RouteDef) -> Guarded:
    """For who has a key for programs."""
    return _guarded(route, Rule.PROGRAM, Scope.PROGRAMS)


def _guarded(route: web.RouteDef, rule: Rule, scope: Scope | None = None) -> Guarded:
    scope = scope or (Scope.READ if route.method in _READING else Scope.WRITE)
    return Guarded(route, Lock(rule, scope))


def register(
    router: web.UrlDispatcher, routes: Iterable[Guarded | web.RouteDef]
) -> Mapping[web.AbstractRoute, Lock]:
    """Add the routes. Gives the locks of all that the application has then, each by the route that
    a request is matched to: nothing that a client writes decides which it is. Raises RuntimeError
    for a route without one.
    """
    locks: dict[web.AbstractRoute, Lock] = {}
    for one in routes:
        given = one.route if isinstance(one, Guarded) else one
        for added in given.register(router):
            if isinstance(one, Guarded):
                locks |= dict.fromkeys(_twins(added), one.lock)
    for route in router.routes():
        if route not in locks:
            place = "" if route.resource is None else route.resource.canonical
            raise RuntimeError(f"{route.method} {place} has no rule: see server/rules.py")
    return locks


def _twins(route: web.AbstractRoute) -> list[web.AbstractRoute]:
    """The route, and the one for HEAD that aiohttp makes with it."""
    if route.resource is None:
        return [route]
    return [one for one in route.resource if one.handler is route.handler]
