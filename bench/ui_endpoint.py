"""The other side of bench/ui.py: an endpoint that streams Markdown at a pace, and a naive page.

    python bench/ui_endpoint.py PORT

`/v1/chat/completions` takes what to say from the last message: "characters tokens/s". `/naive`
shows such an answer, or a whole chat, as most pages do: the whole text is read again at each piece.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parent.parent
PIECE = 4  # characters, about a token
_PAUSE_SECONDS = 0.01
_SECTION = """## Part {number}: what the figures say

A paragraph with *emphasis*, **strong words**, `code in a line` and [a link](https://example.org/{number}).
It goes on for a while, as answers do, so that lines have to be broken and set anew while it grows.

- the first point, with a little more to say
- the second one, which has
  1. an ordered part
  2. and another

| name | count | share |
| --- | ---: | :---: |
| alpha {number} | 12 | 3 % |
| beta | 1,204 | 97 % |

```python
def part_{number}(values: list[int]) -> int:
    \"\"\"The sum of what is even.\"\"\"
    return sum(value for value in values if value % 2 == 0)  # {number}
```

> Somebody said so, and it is quoted here.

"""


def document(characters: int) -> str:
    """Markdown of all common kinds, the same each time."""
    one = len(_SECTION)
    text = "".join(_SECTION.format(number=number) for number in range(characters // one + 1))
    return text[:characters]


async def paced(text: str, rate: float) -> AsyncIterator[list[str]]:
    """The pieces of a text, `rate` of them a second."""
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    loop = asyncio.get_running_loop()
    start, sent = loop.time(), 0
    while sent < len(pieces):
        due = min(len(pieces), int((loop.time() - start) * rate) + 1)
        if due > sent:
            yield pieces[sent:due]
            sent = due
        await asyncio.sleep(_PAUSE_SECONDS)


async def completions(request: web.Request) -> web.StreamResponse:
    """An answer in OpenAI's shape."""
    asked = await request.json()
    characters, rate = map(int, asked["messages"][-1]["content"].split())
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for pieces in paced(document(characters), rate):
        await response.write(b"".join(_chunk({"content": piece}) for piece in pieces))
    await response.write(_chunk({}, "stop") + b"data: [DONE]\n\n")
    return response


async def naive_stream(request: web.Request) -> web.StreamResponse:
    """The same text for the naive page, an event for each piece."""
    characters, rate = int(request.query["characters"]), int(request.query["rate"])
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for pieces in paced(document(characters), rate):
        await response.write(b"".join(b"data: " + _json(piece) + b"\n\n" for piece in pieces))
    await response.write(b"event: done\ndata: 1\n\n")
    return response


async def models(request: web.Request) -> web.Response:
    """One model."""
    return web.json_response({"object": "list", "data": [{"id": "paced", "object": "model"}]})


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + _json({"id": "c", "model": "paced", "choices": [choice]}) + b"\n\n"


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def make_app() -> web.Application:
    """The endpoint and the naive page."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", completions)
    app.router.add_get("/v1/models", models)
    app.router.add_get("/naive/stream", naive_stream)
    app.router.add_static("/naive/vendor", ROOT / "static/vendor")
    app.router.add_get("/naive", lambda _: _page())
    return app


async def _page() -> web.FileResponse:
    return web.FileResponse(Path(__file__).with_name("ui_naive.html"))


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]), print=None)
