"""The server as a program of its own: its parser is chosen by AIOHTTP_NO_EXTENSIONS at its start.

Prints its port and then a line for each job that it is told to make; its log goes to stderr.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from aiohttp import http_parser

from llmchat.domain.chat import ChatRequest
from llmchat.server.limits import Limits
from tests.server.jobs import ANSWER, ScriptedJobs
from tests.server.site import serve, site_assets

LIMITS = Limits(body_seconds=0.5, header_seconds=0.5, lingering_seconds=0.1)


async def main(folder: Path) -> None:
    jobs = ScriptedJobs(ANSWER)
    job = (await jobs.submit(ChatRequest([]))).job
    parser = "c" if http_parser.HttpRequestParser is not http_parser.HttpRequestParserPy else "py"
    async with serve(jobs, site_assets(folder), limits=LIMITS) as (port, _):
        sys.stdout.write(f"{port} {job.id} {parser}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)  # until the test closes it


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(Path(sys.argv[1])))
