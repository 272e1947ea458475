"""The one module that imports openai. The worker does so ahead of need: it takes 0.6 s."""

from __future__ import annotations

import aiohttp
import httpx2
import msgspec
import openai
from openai import AsyncOpenAI, AsyncStream, RequestOptions

from llmchat.domain.chat import JSONObject
from llmchat.domain.endpoint import Endpoint
from llmchat.providers.chunks import json_or_text
from llmchat.providers.failures import Row, error_of, error_of_status
from llmchat.providers.transport import AiohttpTransport, start_of_error

# Our transport raises ReplyError; these are for what openai and httpx2 find by themselves.
ROWS: tuple[Row, ...] = (
    (
        (openai.APITimeoutError, httpx2.TimeoutException),
        "upstream-timeout",
        "no reply in time",
        True,
    ),
    (
        (openai.APIConnectionError, httpx2.ConnectError, httpx2.ProxyError),
        "upstream-unreachable",
        "no connection",
        True,
    ),
    (
        (openai.APIResponseValidationError, httpx2.SSEError),
        "upstream-not-an-api",
        "a reply of another shape",
        False,
    ),
    (
        (
            openai.APIStatusError,
            openai.LengthFinishReasonError,
            openai.ContentFilterFinishReasonError,
            openai.WebSocketConnectionClosedError,
            openai.WebSocketQueueFullError,
            openai.InvalidWebhookSignatureError,
            httpx2.HTTPStatusError,
            httpx2.StreamError,
            httpx2.CookieConflict,
        ),
        "upstream-error",
        "an unexpected reply",
        False,
    ),
    (
        (httpx2.NetworkError, httpx2.RemoteProtocolError),
        "upstream-cut",
        "the connection broke",
        True,
    ),
    ((httpx2.LocalProtocolError,), "upstream-rejected", "a request that cannot be sent", False),
    ((httpx2.UnsupportedProtocol, httpx2.InvalidURL), "upstream-unreachable", "bad URL", False),
    ((httpx2.DecodingError,), "upstream-encoding", "compressed data", False),
    ((httpx2.TooManyRedirects,), "upstream-redirect", "it redirects", False),
)

_ERRORS = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.CookieConflict,
    httpx2.StreamError,
)


_encode = msgspec.json.Encoder().encode


class RawStream(AsyncStream[object]):
    """Leaves the reply unread: `ReplyDecoder` is the stricter and quicker reader."""


class Client:
    """Asks one endpoint: never retries, waits, redirects, or reads a proxy setting by itself.

    openai's client makes the first request. Its address and headers, the key among them, are those
    of all requests: the next ones only have another body, and spare the 0.5 ms that making one
    takes (docs/decisions.md, "Relay").
    """

    def __init__(
        self, endpoint: Endpoint, session: aiohttp.ClientSession, proxy: str | None
    ) -> None:
        # llama.cpp closes each connection after a stream while it announces keep-alive.
        close = endpoint.is_ours
        self._transport = AiohttpTransport(session, proxy=proxy, close=close)
        self._openai = AsyncOpenAI(
            base_url=endpoint.base_url,
            # For none openai would look in the environment, where another endpoint's key may be.
            api_key=endpoint.api_key or "none",
            admin_api_key="",
            max_retries=0,
            timeout=None,
            http_client=httpx2.AsyncClient(
                transport=self._transport,
                timeout=None,
                trust_env=False,
                follow_redirects=False,
                headers={"Accept-Encoding": "identity"},
            ),
        )
        # What the endpoint wants stands in for what openai would write of the same name.
        headers: dict[str, str | openai.Omit] = {
            name.title(): value for name, value in endpoint.headers
        }
        if not endpoint.api_key and "Authorization" not in headers:
            headers["Authorization"] = openai.omit
        self._options: RequestOptions = {"headers": headers} if headers else {}

    async def ask(self, body: JSONObject) -> aiohttp.ClientResponse:
        """Ask for a chat completion; returns when the headers of a 200 came. Raises ReplyError.

        The caller closes the response.
        """
        if self._transport.last is None:
            return await self._ask_first(body)
        response = await self._transport.send(self._transport.last, _encode(body))
        if 200 <= response.status < 300:
            return response
        detail = json_or_text(await start_of_error(response))
        raise error_of_status(response.status, response.headers, detail)

    async def _ask_first(self, body: JSONObject) -> aiohttp.ClientResponse:
        try:
            stream = await self._openai.post(
                "/chat/completions",
                cast_to=object,
                body=body,
                options=self._options,
                stream=True,
                stream_cls=RawStream,
            )
        except openai.APIStatusError as error:
            raise error_of_status(error.status_code, error.response.headers, error.body) from error
        except _ERRORS as error:
            raise error_of(error, ROWS) from error
        response: aiohttp.ClientResponse = stream.response.extensions["aiohttp"]
        return response
