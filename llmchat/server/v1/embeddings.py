"""`POST /v1/embeddings`: vectors of texts, where an endpoint makes them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from aiohttp import web
from msgspec import Meta, Struct

from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import EMBEDDED
from llmchat.domain.job import Delta, Failed
from llmchat.server.body import read_body
from llmchat.server.caller import CALLER
from llmchat.server.keys import JOBS, LIMITS
from llmchat.server.problems import invalid
from llmchat.server.strict_json import read_json
from llmchat.server.v1.asking import asked, in_thread
from llmchat.server.v1.errors import ending, failed
from llmchat.server.v1.pruning import prune
from llmchat.server.wire import ModelName, Text, convert, names_of

_Token = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class EmbeddingBody(Struct, kw_only=True):
    """OpenAI's embeddings: a text or several, or their tokens."""

    model: ModelName
    input: (
        Text | Annotated[list[Text | _Token | list[_Token]], Meta(min_length=1, max_length=100_000)]
    )
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    user: Annotated[str, Meta(max_length=256)] | None = None


_NAMES: Final = names_of(EmbeddingBody)


async def embeddings(request: web.Request) -> web.Response:
    """What the endpoint of the model answers, as it came. A client that goes away stops it."""
    body = await read_body(request, request.app[LIMITS].api_body_bytes)
    question = await in_thread(_question, body, request[CALLER].credential)
    if (
        request.app[JOBS].catalogue().resolve(question.model, role=request[CALLER].role)[0].endpoint
        == EMBEDDED
    ):
        raise invalid("/model", "The built-in model makes no embeddings.")
    texts: list[str] = []
    async with asked(request, question) as (_, log):
        async for batch in log.follow(None):
            texts += [one.event.text for one in batch if isinstance(one.event, Delta)]
    if log.final is None:
        raise RuntimeError("an answer without an end")
    final = ending(log.final)
    if isinstance(final, Failed):
        return failed(final)
    return web.Response(body="".join(texts).encode(), content_type="application/json")


def _question(body: bytes, api_key: str) -> ChatRequest:
    """What is asked with a key of that id. Raises RequestError."""
    document: Any = prune(read_json(body, _NAMES), EmbeddingBody)
    convert(document, EmbeddingBody)
    parameters = {name: value for name, value in document.items() if name != "model"}
    return ChatRequest([], document["model"], parameters, api_key=api_key, embeds=True)
