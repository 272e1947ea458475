"""Asks a provider, server to server: no redirects, no cookies, small answers, ten seconds."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote_plus

import aiohttp
import msgspec

from llmchat.access.errors import OidcError

SECONDS = 10.0
MAX_BYTES = 1024 * 1024
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
T = TypeVar("T")


class UnavailableError(OidcError):
    """The provider does not answer, or not as it should. Nothing of its answer is in it."""

    def __init__(self, why: str) -> None:
        super().__init__("unavailable", "The log-in service does not answer as it should.", why)


class Fetcher:
    """All connections to a provider. Made in the event loop that uses it; close it at the end."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, kind: type[T], bearer: str = "") -> T:
        """A document. Raises UnavailableError."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._ask("GET", url, kind, headers, None)

    async def post(
        self, url: str, kind: type[T], form: Mapping[str, str], basic: tuple[str, str] | None
    ) -> T:
        """The answer to a form, sent with a name and a secret (RFC 6749, 2.3.1). As `get`."""
        headers = {}
        if basic is not None:
            pair = ":".join(map(quote_plus, basic)).encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return await self._ask("POST", url, kind, headers, form)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self,
        method: str,
        url: str,
        kind: type[T],
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> T:
        try:
            # A redirect would carry the code and the secret to wherever it leads.
            async with self._open().request(
                method, url, headers={**_HEADERS, **headers}, data=form, allow_redirects=False
            ) as response:
                body = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise UnavailableError(type(error).__name__) from None
        if response.status != 200:
            raise UnavailableError(f"status {response.status}")
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, ValueError):
            raise UnavailableError("not the JSON that is due") from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=SECONDS),
                auto_decompress=False,
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_BYTES:
            response.close()
            raise ValueError("too large")
    return bytes(body)
