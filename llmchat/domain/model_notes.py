"""What people have noted of models: it counts more than what endpoints and tables say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmchat.domain.endpoint import Model
from llmchat.domain.statistics import Price


@dataclass(frozen=True, slots=True)
class ModelNote:
    """None where nothing was noted. `favourite` and `hidden` are for the list of the page."""

    favourite: bool = False
    hidden: bool = False
    context_window: int | None = None
    vision: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    price: Price | None = None


def noted(model: Model, note: ModelNote | None) -> Model:
    """The model as it is noted."""
    if note is None:
        return model
    return replace(
        model,
        context_window=note.context_window or model.context_window,
        vision=model.vision if note.vision is None else note.vision,
        tools=model.tools if note.tools is None else note.tools,
        reasoning=model.reasoning if note.reasoning is None else note.reasoning,
        price=note.price or model.price,
    )
