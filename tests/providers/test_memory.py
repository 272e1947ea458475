"""What must stay small: memory under a hostile reply, and the import of this package."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from tests.fake_openai import FakeOpenAI

_LONG_LINE = """
import asyncio, resource
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Endpoint
from llmchat.domain.errors import ProviderError
from llmchat.providers.base import Limits
from llmchat.providers.openai_compat import OpenAICompatible

async def main(url):
    provider = OpenAICompatible(Endpoint("Fake", "configured", url), Limits())
    request = ChatRequest([{"role": "user", "content": "Hello"}])
    codes, peaks = [], []
    for model in ("echo", MODE):
        try:
            async for event in provider.stream(request, model):
                pass
        except ProviderError as error:
            codes.append(error.code)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    await provider.close()
    print(codes[0], peaks[1] - peaks[0])

asyncio.run(main(URL))
"""


async def _peak(mode: str) -> tuple[str, int]:
    """The code that a mode ends in, and the growth of the memory of its process in KB."""
    async with FakeOpenAI() as fake:
        source = _LONG_LINE.replace("MODE", repr(mode)).replace("URL", repr(fake.url))
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", source, stdout=subprocess.PIPE
        )
        output, _ = await child.communicate()
    code, growth = output.decode().split()
    return code, int(growth)


async def test_a_line_of_300_mb_costs_little_memory() -> None:
    code, growth = await _peak("long-line")
    assert code == "upstream-too-large"
    assert growth < 64 * 1024


async def test_an_error_of_300_mb_costs_little_memory() -> None:
    code, growth = await _peak("status-400-huge")
    assert code == "upstream-rejected"
    assert growth < 16 * 1024


async def test_an_endless_answer_costs_little_memory() -> None:
    code, growth = await _peak("endless")
    assert code == "upstream-too-large"
    assert growth < 64 * 1024


def test_openai_is_imported_only_when_it_is_needed() -> None:
    source = (
        "import sys, llmchat.providers.openai_compat, llmchat.providers.discovery;"
        "sys.exit(any(one in sys.modules for one in ('openai', 'httpx2', 'pydantic')))"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
