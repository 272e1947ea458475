"""A fake API and providers that speak to it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Endpoint
from llmchat.domain.errors import ProviderError
from llmchat.domain.job import Delta, Event
from llmchat.providers.base import Limits
from llmchat.providers.openai_compat import OpenAICompatible
from tests.fake_openai import FakeOpenAI

QUICK = Limits(connect_seconds=0.5, idle_seconds=0.3, first_token_seconds=0.3, total_seconds=20)
Connect = Callable[..., OpenAICompatible]


def ask(text: str = "Hello, who are you?", **parameters: bool | float | str) -> ChatRequest:
    """A chat of one question."""
    return ChatRequest([{"role": "user", "content": text}], parameters={**parameters})


async def outcome(
    provider: OpenAICompatible, model: str, request: ChatRequest | None = None
) -> tuple[list[Event], ProviderError | None]:
    """All events of an answer, and how it failed."""
    events: list[Event] = []
    try:
        async with contextlib.aclosing(provider.stream(request or ask(), model)) as stream:
            async for event in stream:
                events.append(event)
    except ProviderError as error:
        return events, error
    return events, None


def text_of(events: list[Event]) -> str:
    """The answer in some events."""
    return "".join(one.text for one in events if isinstance(one, Delta))


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        yield server


@pytest.fixture
async def connect(fake: FakeOpenAI) -> AsyncIterator[Connect]:
    """Makes providers for the fake, or for another `url`; they are closed at the end."""
    made: list[OpenAICompatible] = []

    def make(
        url: str | None = None, *, key: str = "", kind: str = "configured", limits: Limits = QUICK
    ) -> OpenAICompatible:
        endpoint = Endpoint("Fake", kind, url or fake.url, key)  # type: ignore[arg-type]  # a test may say any
        made.append(OpenAICompatible(endpoint, limits))
        return made[-1]

    yield make
    for one in made:
        await one.close()
