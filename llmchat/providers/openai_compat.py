"""Speaks to an OpenAI-compatible API."""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http import HttpProcessingError

from llmchat.domain.chat import ChatRequest, JSONObject, without_images
from llmchat.domain.endpoint import Endpoint, Listing
from llmchat.domain.job import Done, Event, Prefill
from llmchat.providers.address import Address
from llmchat.providers.advice import Advice
from llmchat.providers.base import Limits
from llmchat.providers.deadlines import Deadlines
from llmchat.providers.decoder import ReplyDecoder
from llmchat.providers.details import with_details
from llmchat.providers.failures import AIOHTTP_ERRORS, ReplyError, error_of
from llmchat.providers.listing import read_models
from llmchat.providers.session import open_session, tied_to_connection
from llmchat.providers.thoughts import ThoughtTags

if TYPE_CHECKING:
    from llmchat.providers.client import Client

# For the end of the HTTP body after [DONE], so that the connection can be used again.
_DRAIN_SECONDS = 0.2
GO_ON = (
    "Your last answer was cut off. Continue it exactly where it stops, in the same language and"
    " form. Do not repeat any of it, and do not comment on this."
)
_KEY = re.compile(r"[\x21-\x7e]*", re.ASCII)


class OpenAICompatible:
    """An endpoint: a `Provider` (base.py). Make and use it within one event loop."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._address = Address.of(endpoint.base_url)
        self._advice = Advice(endpoint, self._address)
        self._proxy = self._address.proxy()
        self._kept_session: aiohttp.ClientSession | None = None
        self._kept_client: Client | None = None
        self._takes_stream_options = True

    async def stream(
        self, request: ChatRequest, model: str, prefill: Prefill = "prompt"
    ) -> AsyncGenerator[Event, None]:
        """Ask once and yield what comes (see base.py). Raises ProviderError.

        Close the generator when you leave it early (`contextlib.aclosing`): that closes the
        connection. A cancelled task that waits in it closes it at once.
        """
        response: aiohttp.ClientResponse | None = None
        deadlines = Deadlines(self._limits, first_seconds=self._first_seconds())
        decoder = ReplyDecoder(self._limits, request.parameters)
        tags = ThoughtTags()
        try:
            with deadlines:
                response = await self._ask(self._body(request, model, prefill))
            request = without_images(request)  # an answer may last for minutes
            with tied_to_connection(response):
                done = False
                while not done:
                    for event in tags.take(await _read(response.content, decoder, deadlines)):
                        done = done or isinstance(event, Done)
                        yield event
            await _drain(response)
        except ReplyError as error:
            for event in (*tags.take(decoder.take()), *tags.end()):
                yield event
            raise self._advice.explain(error, _prompts(request)) from error
        finally:
            deadlines.close()
            if response is not None:
                response.close()

    async def models(self) -> Listing:
        """The endpoint's models. Never raises: what went wrong is in `Listing.error`."""
        headers = {"Accept-Encoding": "identity"}
        if self._endpoint.api_key:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        try:
            self._check_key()
            session, proxy = self._session(), self._proxy
            models = await read_models(session, self._endpoint, headers=headers, proxy=proxy)
        except ReplyError as error:
            told = self._advice.explain(error)
            return Listing(self._endpoint.name, error=told.message, code=told.code)
        models = await with_details(session, self._endpoint, models, headers=headers, proxy=proxy)
        return Listing(self._endpoint.name, models)

    async def close(self) -> None:
        """Close all connections."""
        if self._kept_session is not None:
            await self._kept_session.close()

    def _first_seconds(self) -> float:
        # A local model may read a long prompt for many minutes; its owner sees that it works.
        return 0.0 if self._address.is_loopback else self._limits.first_token_seconds

    async def _ask(self, body: JSONObject) -> aiohttp.ClientResponse:
        self._check_key()
        client = await self._client()
        try:
            return await client.ask(body)
        except ReplyError as error:
            told = error.status in (400, 422) and "stream_options" in error.detail
            if not told or body.pop("stream_options", None) is None:
                raise
        self._takes_stream_options = False
        return await client.ask(body)

    def _body(self, request: ChatRequest, model: str, prefill: Prefill) -> JSONObject:
        body: JSONObject = {
            **request.parameters,
            "model": model,
            "messages": list(request.messages),
            "stream": True,
        }
        if self._takes_stream_options:
            body["stream_options"] = {"include_usage": True}
        if request.continues and prefill == "flag":
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        elif request.continues and prefill == "prompt":
            body["messages"] = [*request.messages, {"role": "user", "content": GO_ON}]
        if self._endpoint.is_ours:
            # Else llama.cpp notices a closed connection only after it has read the whole prompt.
            body["return_progress"] = True
        return body

    def _check_key(self) -> None:
        if not _KEY.fullmatch(self._endpoint.api_key):
            raise ReplyError("upstream-auth", "a key has only visible ASCII characters")

    def _session(self) -> aiohttp.ClientSession:
        if self._kept_session is None:
            self._kept_session = open_session(self._limits.connect_seconds)
        return self._kept_session

    async def _client(self) -> Client:
        if self._kept_client is None:
            # In a thread: it takes 0.6 s, in which other answers go on.
            await asyncio.to_thread(importlib.import_module, "llmchat.providers.client")
            from llmchat.providers.client import Client

            self._kept_client = Client(self._endpoint, self._session(), self._proxy)
        return self._kept_client


async def _read(
    content: aiohttp.StreamReader, decoder: ReplyDecoder, deadlines: Deadlines
) -> list[Event]:
    """Wait for the next bytes and decode them; at the end of the answer a Done is among them."""
    try:
        with deadlines:
            data = await content.readany()
    except (*AIOHTTP_ERRORS, HttpProcessingError, ReplyError) as error:
        failure = _failure_of(error)
        if failure.code == "upstream-cut" or decoder.finished:
            return decoder.end(cut=True)
        raise failure from error
    if not data:
        return decoder.end()
    pieces = decoder.pieces
    events = decoder.feed(data)
    if decoder.done:
        return events + decoder.end()
    if decoder.finished:
        deadlines.last()
    elif decoder.pieces != pieces:
        deadlines.content()
    return events


def _failure_of(error: BaseException) -> ReplyError:
    if isinstance(error, ReplyError):
        return error
    if isinstance(error, HttpProcessingError):  # of aiohttp's parser without C, inside a body
        return error_of(aiohttp.ClientPayloadError())
    return error_of(error)


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read the rest of a complete answer, so that its connection can serve the next question."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await response.content.readany()
    except (*AIOHTTP_ERRORS, TimeoutError):
        return


def _prompts(request: ChatRequest) -> Iterator[str]:
    """All texts of a chat, to be kept out of error messages."""
    for message in request.messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else [content]:
            text = part.get("text") if isinstance(part, dict) else part
            if isinstance(text, str):
                yield text
