"""Numbers of answers: what was counted in a quarter of an hour, and what it may have cost."""

from __future__ import annotations

from dataclasses import dataclass

QUARTER_MS = 15 * 60 * 1000
"""All zones are a whole number of these from UTC, so that days can be counted in each of them."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. `cached`: of the prompt, where they cost less."""

    prompt: float
    completion: float
    cached: float | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """The answers of one model of an endpoint in some time; `answers` has the `failed` ones.

    `first_seconds` is the sum of the times to the first text of `first_count` answers,
    `writing_seconds` that of the time in which `writing_tokens` were written after it.
    """

    model: str
    endpoint: str
    answers: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    first_seconds: float
    first_count: int
    writing_seconds: float
    writing_tokens: int


def cost_of(price: Price, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
    """An estimate in US dollars: endpoints have discounts and fees that nobody tells us."""
    cached = min(cached_tokens, prompt_tokens)
    for_cached = price.prompt if price.cached is None else price.cached
    return (
        (prompt_tokens - cached) * price.prompt
        + cached * for_cached
        + completion_tokens * price.completion
    ) / _MILLION
