"""What is known of models whose endpoints do not tell it: a small table with its date.

By the pages of the three vendors on models and prices, as far as they were known on `AS_OF`. It
holds at the vendor's own address only: elsewhere the same name may be another model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from llmchat.domain.endpoint import Model
from llmchat.domain.statistics import Price

AS_OF = "2025-10-01"
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|latest|\d{3})")  # the same model, as of a day


@dataclass(frozen=True, slots=True)
class Fact:
    """Of one model: tokens that it reads, its price, and whether it sees and reasons."""

    window: int
    price: Price
    vision: bool = True
    reasoning: bool = False


_OPENAI = {
    "gpt-5": Fact(400_000, Price(1.25, 10, 0.125), reasoning=True),
    "gpt-5-mini": Fact(400_000, Price(0.25, 2, 0.025), reasoning=True),
    "gpt-5-nano": Fact(400_000, Price(0.05, 0.4, 0.005), reasoning=True),
    "gpt-4.1": Fact(1_047_576, Price(2, 8, 0.5)),
    "gpt-4.1-mini": Fact(1_047_576, Price(0.4, 1.6, 0.1)),
    "gpt-4.1-nano": Fact(1_047_576, Price(0.1, 0.4, 0.025)),
    "gpt-4o": Fact(128_000, Price(2.5, 10, 1.25)),
    "gpt-4o-mini": Fact(128_000, Price(0.15, 0.6, 0.075)),
    "o3": Fact(200_000, Price(2, 8, 0.5), reasoning=True),
    "o4-mini": Fact(200_000, Price(1.1, 4.4, 0.275), reasoning=True),
    "o3-mini": Fact(200_000, Price(1.1, 4.4, 0.55), vision=False, reasoning=True),
}
_GEMINI = {
    "gemini-2.5-pro": Fact(1_048_576, Price(1.25, 10, 0.125), reasoning=True),
    "gemini-2.5-flash": Fact(1_048_576, Price(0.3, 2.5, 0.03), reasoning=True),
    "gemini-2.5-flash-lite": Fact(1_048_576, Price(0.1, 0.4, 0.01), reasoning=True),
    "gemini-2.0-flash": Fact(1_048_576, Price(0.1, 0.4, 0.025)),
}
_DEEPSEEK = {
    "deepseek-chat": Fact(128_000, Price(0.28, 0.42, 0.028), vision=False),
    "deepseek-reasoner": Fact(128_000, Price(0.28, 0.42, 0.028), vision=False, reasoning=True),
}
_BY_HOST = {
    "api.openai.com": _OPENAI,
    "generativelanguage.googleapis.com": _GEMINI,
    "api.deepseek.com": _DEEPSEEK,
}


def completed(model: Model, base_url: str) -> Model:
    """The same model; what its endpoint has not told is from the table, if it is in there."""
    table = _BY_HOST.get(urlsplit(base_url).hostname or "", {})
    name = model.id.removeprefix("models/")
    fact = table.get(name) or table.get(_DATED.sub("", name, count=1))
    if fact is None:
        return model
    return replace(
        model,
        context_window=model.context_window or fact.window,
        vision=fact.vision if model.vision is None else model.vision,
        tools=True if model.tools is None else model.tools,
        reasoning=fact.reasoning if model.reasoning is None else model.reasoning,
        price=model.price or fact.price,
    )
