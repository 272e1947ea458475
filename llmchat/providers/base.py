"""What every provider promises to the worker."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Protocol

from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Listing, Timeouts
from llmchat.domain.job import Event, Prefill

# What an endpoint may ask for by Retry-After and get; a longer wait is told, not waited for.
LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint may take. Seconds of 0 mean no limit."""

    connect_seconds: float = 5.0
    first_token_seconds: float = (
        600.0  # not applied to loopback endpoints: local models load slowly
    )
    idle_seconds: float = 300.0  # between two contents; comments do not count
    total_seconds: float = 7200.0
    line_bytes: int = 8 * 1024 * 1024
    answer_bytes: int = 16 * 1024 * 1024

    def of(self, timeouts: Timeouts) -> Limits:
        """These limits, but for those that an endpoint has of its own."""
        return replace(
            self,
            connect_seconds=_either(timeouts.connect, self.connect_seconds),
            first_token_seconds=_either(timeouts.first_token, self.first_token_seconds),
            idle_seconds=_either(timeouts.idle, self.idle_seconds),
            total_seconds=_either(timeouts.total, self.total_seconds),
        )


def _either(own: float | None, common: float) -> float:
    return common if own is None else own


class Provider(Protocol):
    """One endpoint. Safe for many requests at once; cancelling a task closes its connection."""

    def stream(
        self, request: ChatRequest, model: str, prefill: Prefill = "prompt"
    ) -> AsyncGenerator[Event, None]:
        """Ask once and yield what comes: Status("reading"), Delta, Reasoning, ToolCall, Usage.

        `prefill` is how to go on with an answer, if the request wants that. The text of one that
        `embeds` is a JSON document, of which nothing comes before it is whole.

        The last event is a Done with `finish_reason` (and `usage` where the endpoint told it);
        nothing follows it. Whatever goes wrong raises ProviderError, never another exception;
        text that was yielded before stands. Close the generator (`aclosing`) to hang up.
        """
        ...

    async def models(self) -> Listing:
        """The endpoint's models. Never raises: what went wrong is in `Listing.error`."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
