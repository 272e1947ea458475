"""The picture in README.md, of a chat that the page really had with a stand-in for a model."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.browser.conftest import ROOT, chromium, run_server
from tests.browser.steps import answer, ask_and_wait, composer
from tests.fake_openai import FakeOpenAI
from tests.fake_replies import DONE, PIECE, Behaviour, Recorded, Reply, chunk, sse, usage_chunk

PICTURE = ROOT / "docs/screenshot.png"
MODEL = "local-model"
TOKENS_PER_SECOND = 120
QUESTIONS = (
    "A name for my sailing boat",
    "Explain this stack trace",
    "Three days in Lisbon",
    "Which index for nearest neighbours?",
)
ANSWER = """\
For **a million vectors in memory**, HNSW is the usual choice: it answers in under a millisecond \
and seldom misses a neighbour.

| Index | Build | Query | Recall@10 |
|:--|--:|--:|--:|
| Flat | 0 s | 41.0 ms | 1.000 |
| IVF-PQ | 12 s | 1.9 ms | 0.914 |
| HNSW | 95 s | 0.6 ms | 0.987 |

Keep the exact search at hand, as the baseline to beat:

```python
import numpy as np

def top_k(query: np.ndarray, matrix: np.ndarray, k: int = 5) -> list[int]:
    scores = matrix @ query  # both are normalised
    return np.argpartition(-scores, k)[:k].tolist()
```
"""


class Speaker(FakeOpenAI):
    """Says it at the pace of a model, with numbers that are true."""

    def behaviour(self, recorded: Recorded) -> Behaviour:
        return _speak


async def _speak(reply: Reply) -> None:
    last = reply.recorded.question() == QUESTIONS[-1]
    text = ANSWER if last else "Gladly."
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    for piece in pieces:
        await reply.body(sse(chunk(piece)))
        await asyncio.sleep(1 / TOKENS_PER_SECOND)
    await reply.body(sse(chunk(finish="stop")))
    await reply.body(sse(usage_chunk(12, len(pieces))) + DONE)
    await reply.end()


async def main() -> None:
    path = chromium()
    with tempfile.TemporaryDirectory() as data:
        async with (
            Speaker(models=(MODEL,)) as fake,
            run_server(Path(data), provider=fake.url, model=MODEL) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = await browser.new_page(
                viewport={"width": 1280, "height": 800}, device_scale_factor=2
            )
            await page.goto(server.url)
            for question in QUESTIONS:
                await composer(page).press("Control+Shift+KeyO")
                await ask_and_wait(page, question)
            await expect(answer(page).locator(".code-keyword").first).to_be_visible()
            await page.screenshot(path=PICTURE)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
