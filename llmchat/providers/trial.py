"""Tries an endpoint step by step, and says at which one it fails and what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from dataclasses import dataclass, field, replace

import aiohttp

from llmchat.domain.endpoint import Endpoint, Model
from llmchat.domain.reach import Guard
from llmchat.domain.trial import Step, StepName, Verdict
from llmchat.providers.address import Address
from llmchat.providers.advice import Advice
from llmchat.providers.base import Limits
from llmchat.providers.failures import ReplyError
from llmchat.providers.listing import headers_of, read_models
from llmchat.providers.session import open_session

STEP_SECONDS = 8.0
TRIAL_SECONDS = 20.0
MOST_SHOWN = 1000

_OF_REPLY = {
    "upstream-tls": "trial-tls",
    "upstream-forbidden": "trial-forbidden",
    "upstream-timeout": "trial-timeout",
    "upstream-cut": "trial-unreachable",
    "upstream-unreachable": "trial-unreachable",
    "upstream-redirect": "trial-redirect",
    "upstream-not-an-api": "trial-not-an-api",
    "upstream-rate-limited": "trial-busy",
    "upstream-quota": "trial-busy",
}


async def try_endpoint(endpoint: Endpoint, limits: Limits) -> Verdict:
    """Take the steps until one fails. Never raises. A suggestion was tried too, without the key
    where that would leave its origin.
    """
    trial = _Trial(endpoint, limits.of(endpoint.timeouts))
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            return await trial.run()
    except TimeoutError:
        return trial.end("trial-timeout", f"It took more than {TRIAL_SECONDS:g} s.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the first socket leads: to the endpoint, or to the proxy before it."""

    host: str
    port: int
    shown: str


class _StopError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(slots=True)
class _Trial:
    endpoint: Endpoint
    limits: Limits
    steps: list[Step] = field(default_factory=list)

    def end(self, code: str, message: str, suggestion: str = "") -> Verdict:
        return Verdict(code, message, tuple(self.steps), suggestion=suggestion)

    async def run(self) -> Verdict:
        address = Address.of(self.endpoint.base_url)
        proxy = address.proxy(self.endpoint.proxy)
        place = _place_of(address, proxy)
        try:
            await self._connect(place, await self._look_up(place))
        except _StopError as stop:
            code = "trial-proxy" if proxy and stop.code != "trial-forbidden" else stop.code
            return self.end(code, stop.message)
        async with open_session(self.limits.connect_seconds, self.endpoint.guard) as session:
            return await self._ask(session, address, proxy)

    async def _look_up(self, place: _Place) -> list[str]:
        """The IP addresses of the host."""
        with contextlib.suppress(ValueError):
            return [str(ipaddress.ip_address(place.host))]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(STEP_SECONDS):
                found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError):
            self._failed("name", place.host)
            raise _StopError(
                "trial-dns",
                f"The name {place.host} is not known. Check how it is written, and the network.",
            ) from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        self._passed("name", f"{place.host}: {', '.join(addresses[:4])}")
        return addresses

    async def _connect(self, place: _Place, addresses: list[str]) -> None:
        """Connect to the first address that lets us, and hang up."""
        allowed = _allowed(self.endpoint.guard, place, addresses)
        failure: OSError | None = None
        for one in allowed:
            try:
                async with asyncio.timeout(self.limits.connect_seconds or STEP_SECONDS):
                    _, writer = await asyncio.open_connection(one, place.port)
            except OSError as error:  # TimeoutError is one
                failure = error
                continue
            writer.close()
            self._passed("connection", place.shown)
            return
        self._failed("connection", place.shown)
        raise _refused(place, failure)

    async def _ask(
        self, session: aiohttp.ClientSession, address: Address, proxy: str | None
    ) -> Verdict:
        endpoint = self.endpoint
        try:
            models = await self._list(session, endpoint, proxy)
        except ReplyError as error:
            return await self._failure(session, error, address, proxy)
        self._heard(address)
        if endpoint.secrets:
            return await self._with_key(session, models, address, proxy)
        return self._listed(models, address)

    async def _with_key(
        self,
        session: aiohttp.ClientSession,
        models: tuple[Model, ...],
        address: Address,
        proxy: str | None,
    ) -> Verdict:
        """A list that came with a key: whether it had come without one, too."""
        bare = replace(self.endpoint, api_key="", headers=())
        try:
            await self._list(session, bare, proxy)
        except ReplyError:
            self._passed("key")
            return self._listed(models, address)
        verdict = self._listed(models, address)
        if verdict.code != "trial-ok":
            return verdict
        return replace(
            verdict,
            code="trial-key-untried",
            message=f"{address.origin} lists {_count(models)}, but to anybody: only a question will"
            " show whether the key is good.",
        )

    def _listed(self, models: tuple[Model, ...], address: Address) -> Verdict:
        if not models:
            self._failed("models")
            return self.end(
                "trial-no-models",
                f"{address.origin} answers, but has no model. Load or pull one there.",
            )
        self._passed("models", _count(models))
        names = tuple(one.id for one in models[:MOST_SHOWN])
        told = f"{address.origin} answers and lists {_count(models)}."
        return Verdict("trial-ok", told, tuple(self.steps), names)

    async def _failure(
        self,
        session: aiohttp.ClientSession,
        error: ReplyError,
        address: Address,
        proxy: str | None,
    ) -> Verdict:
        code = self._code_of(error, proxy)
        message = Advice(self.endpoint, address).explain(error).message
        suggestion = ""
        if code in ("trial-not-an-api", "trial-no-list", "trial-tls", "trial-unreachable"):
            suggestion = await self._better(session, code, address, proxy)
        if code == "trial-no-list" and suggestion:
            code, message = "trial-not-an-api", _NOT_HERE.format(origin=self.endpoint.base_url)
        if code == "trial-tls":
            self._failed("tls", address.origin)
        elif code in ("trial-timeout", "trial-unreachable", "trial-proxy", "trial-not-an-api"):
            self._secured(address)
            self._failed("reply", address.origin)
        else:
            self._heard(address)
        if code in ("trial-key-missing", "trial-auth"):
            self._failed("key")
        if code == "trial-key-missing":
            message = f"{address.origin} wants a key. Enter the one of your account there."
        if code == "trial-no-list":
            message = (
                f"{address.origin} answers, but does not list its models (it said {error.status})."
                " A question may work all the same: name its model below."
            )
        return self.end(code, message, suggestion)

    def _code_of(self, error: ReplyError, proxy: str | None) -> str:
        if error.status == 407 or (proxy and error.code == "upstream-unreachable"):
            return "trial-proxy"
        if error.code == "upstream-auth":
            return "trial-auth" if self.endpoint.secrets else "trial-key-missing"
        if error.status in (404, 405, 501):
            return "trial-no-list"
        return _OF_REPLY.get(error.code, "trial-error")

    async def _better(
        self, session: aiohttp.ClientSession, code: str, address: Address, proxy: str | None
    ) -> str:
        """A base URL near the one that was given, at which an API answers; empty if none does."""
        url = self.endpoint.base_url
        scheme, rest = url.split("://", 1)
        other = f"{'http' if scheme == 'https' else 'https'}://{rest}"
        # A name that answers by plain HTTP only may be another's, but a machine of this network is
        # often one without a certificate.
        tries = [other] if scheme == "http" or address.is_private else []
        if code in ("trial-not-an-api", "trial-no-list"):
            root = f"{scheme}://{rest.split('/', 1)[0]}"
            near = (f"{url}/v1", f"{root}/v1", f"{root}/api/v1", f"{root}/openai/v1")
            tries = [one for one in dict.fromkeys(near) if one != url] + tries
        for one in tries:
            probe = replace(self.endpoint, base_url=one)
            if not one.startswith(f"{scheme}://"):
                probe = replace(probe, api_key="", headers=())
            try:
                await self._list(session, probe, proxy)
            except ReplyError as error:
                if error.code == "upstream-auth":
                    return one
            else:
                return one
        return ""

    async def _list(
        self, session: aiohttp.ClientSession, endpoint: Endpoint, proxy: str | None
    ) -> tuple[Model, ...]:
        headers = headers_of(endpoint)
        return await read_models(session, endpoint, headers=headers, proxy=proxy)

    def _secured(self, address: Address) -> None:
        if address.origin.startswith("https:"):
            self._passed("tls")

    def _heard(self, address: Address) -> None:
        self._secured(address)
        self._passed("reply")

    def _passed(self, name: StepName, detail: str = "") -> None:
        self.steps.append(Step(name, ok=True, detail=detail))

    def _failed(self, name: StepName, detail: str = "") -> None:
        self.steps.append(Step(name, ok=False, detail=detail))


_NOT_HERE = "At {origin} there is no OpenAI-compatible API, but nearby there is one."


def _place_of(address: Address, proxy: str | None) -> _Place:
    if proxy is None:
        return _Place(address.host, address.port, address.origin)
    way = Address.of(proxy)
    return _Place(way.host, way.port, f"{way.origin} (proxy)")


def _allowed(guard: Guard | None, place: _Place, addresses: list[str]) -> list[str]:
    if guard is None:
        return addresses
    reasons = {one: guard.why_not(one, place.port) for one in addresses}
    allowed = [one for one, why in reasons.items() if why is None]
    if not allowed:
        why = next(iter(reasons.values()))
        raise _StopError(
            "trial-forbidden",
            f"llmchat does not call {place.shown}: it is {why}. Check the address.",
        )
    return allowed


def _refused(place: _Place, failure: OSError | None) -> _StopError:
    start = f"Nothing listens at {place.shown}."
    if isinstance(failure, ConnectionRefusedError):
        return _StopError("trial-refused", f"{start} Start the server there, or check the port.")
    if isinstance(failure, TimeoutError):
        return _StopError(
            "trial-timeout",
            f"{place.shown} did not answer in time. Check the address, the network and firewalls.",
        )
    told = os.strerror(failure.errno).lower() if failure and failure.errno else "no connection"
    return _StopError("trial-unreachable", f"There is no way to {place.shown}: {told}.")


def _count(models: tuple[Model, ...]) -> str:
    return f"{len(models)} model{'' if len(models) == 1 else 's'}"
