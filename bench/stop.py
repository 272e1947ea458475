"""Stop and `GET /models`: how long until the endpoint is left alone, or the list is there.

`python bench/stop.py [--runs 50]`: the program with a real worker and the tests' fake endpoint.
The baseline of the same run is an HTTP client that speaks to the endpoint directly and hangs up.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fake_openai import FakeOpenAI  # noqa: E402 - it is found from the folder above
from tests.system.program import Program, run  # noqa: E402

PHASES = {"before the headers": "silent", "before the text": "headers", "streaming": "gate"}


async def hang_up(fake: FakeOpenAI, model: str) -> float:
    """The baseline: seconds from hanging up to the endpoint's seeing it."""
    async with aiohttp.ClientSession() as session:
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        asking = asyncio.create_task(session.post(f"{fake.url}/chat/completions", json=body))
        request = await fake.asked(fake.posts + 1)
        if model == "silent":
            asking.cancel()
        else:
            (await asking).close()
        started = time.monotonic()
        await request.gone.wait()
        return time.monotonic() - started


async def stop(program: Program, fake: FakeOpenAI, model: str) -> float:
    """Seconds from sending DELETE to the endpoint's seeing its connection closed."""
    asked = fake.posts + 1
    job_id = await program.submit("hi", model=model)
    request = await fake.asked(asked)
    if model != "silent":
        await request.sent.wait()
    started = time.monotonic()
    async with program.session.delete(f"{program.url}/chat/{job_id}") as reply:
        assert reply.status == 204
    await request.gone.wait()
    return time.monotonic() - started


async def get(program: Program, path: str) -> float:
    """Seconds of a GET."""
    started = time.monotonic()
    async with program.session.get(program.url + path) as reply:
        await reply.read()
    return time.monotonic() - started


def show(name: str, seconds: Sequence[float], base: Sequence[float]) -> None:
    """Print the median and the worst in ms, and the ratio of the medians."""
    median, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    ratio = median / (statistics.median(base) * 1000)
    print(f"{name:34} p50 {median:7.2f} ms   max {worst:7.2f} ms   {ratio:.1f} x the baseline")


async def main(runs: int, folder: Path) -> None:
    """Print a table."""
    async with (
        FakeOpenAI() as fake,
        run(folder, OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as program,
    ):
        await (await program.open_stream(await program.submit("warm"))).read()
        for phase, model in PHASES.items():
            base = [await hang_up(fake, model) for _ in range(runs)]
            show(f"stop {phase}", [await stop(program, fake, model) for _ in range(runs)], base)
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"http://127.0.0.1:{hole.getsockname()[1]}/v1"
        async with run(folder, OPENAI_BASE_URL=url) as program:
            await asyncio.sleep(2)  # until the worker waits for the black hole
            base = [await get(program, "/health/live") for _ in range(runs)]
            listed = [await get(program, "/models") for _ in range(runs)]
            show("GET /models, black-holed endpoint", listed, base)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(main(parser.parse_args().runs, Path(name)))
