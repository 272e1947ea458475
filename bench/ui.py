"""What the page costs the browser: `make bench-ui`, or a part of it

    python bench/ui.py --only answer --write

Drives Chromium over a real llmchat whose endpoint streams Markdown at a pace, and over a naive page
(bench/ui_naive.html) that reads the whole text again at each piece, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import processes, report, results, tools  # noqa: E402 - found from the folder above
from bench.goals import Figures, Goal, Results  # noqa: E402
from bench.relay import names_of  # noqa: E402
from bench.stored import LONG_ID, LONG_MESSAGES, Size, stored  # noqa: E402
from bench.targets import Setup, free_port, llmchat  # noqa: E402

ANSWER = (100_000, 1250)  # characters, pieces of four a second: 5,000 characters a second
CHAT = (12_000, 200)  # what is streamed into the long chat
KEYS = 100
NAIVE_SECONDS = 45.0
CHARACTERS, LONGEST, BLOCKED = "characters shown, %", "longest task, ms", "tasks over 50 ms"
SCRIPT, ADDED, OPEN = (
    "script, ms per 1,000 characters",
    "nodes added, to those at the end",
    "open, ms",
)
NODES, KEY, HEAP, SHIFT = "nodes", "key to paint p95, ms", "heap, MB", "layout shift"
PAINT = "first paint with content, ms"
STATUS, TYPING = "status after sending, ms", "composer ready, ms"
LONG, START = "long chat", "first load"
SLOW = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}  # slow 4G
GOALS = (
    Goal("first load over slow 4G: first paint with content", START, PAINT, 1000, unit="ms"),
    Goal("100 KB at 5,000 characters/s: longest task", "answer", LONGEST, 50, unit="ms"),
    Goal("a question is sent: status line painted", "answer", STATUS, 100, unit="ms"),
    Goal("nodes added, to those at the end", "answer", ADDED, 4),
    Goal("layout shift meanwhile", "answer", SHIFT, 0.02),
    Goal("a chat of 2,000 messages and 5 MB opens", LONG, OPEN, 300, unit="ms"),
    Goal("nodes of the page then", LONG, NODES, 5000),
    Goal("a key until it is painted, while it streams, p95", LONG, KEY, 50, unit="ms"),
    Goal("longest task while it streams", LONG, LONGEST, 50, unit="ms"),
    Goal("heap after that", LONG, HEAP, 150, unit="MB"),
)
SETTLED_NODES = "() => probe.settled().then(() => probe.nodes('body'))"
DONE = "() => done"
NAMES = {"llmchat": "llmchat", "naive": "naive page"}


def main(arguments: Sequence[str]) -> None:
    """Measure, print tables, and write them where that is asked for."""
    options = parse(arguments)
    found = asyncio.run(measure(options.only, options.build))
    about = results.facts(ROOT, "python bench/ui.py " + shlex.join(arguments))
    text = page_part(found, about)
    print(f"\n{text}")
    if options.write:
        results.write_part(text, "ui")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=names_of(PARTS), default=[*PARTS])
    parser.add_argument("--build", type=Path, default=tools.BUILD)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked at: the browser, the address of llmchat, and that of the naive page."""

    browser: Browser
    llmchat: str
    naive: str


@dataclass(slots=True)
class Watch:
    """A page with the probe in it, and the counters of the browser."""

    page: Page
    counters: CDPSession
    _before: dict[str, float] = field(default_factory=dict)

    async def begin(self) -> None:
        """Count from here on."""
        await self.page.evaluate("() => { probe.tasks = []; probe.keys = []; probe.shift = 0 }")
        self._before = await self._metrics()

    async def end(self, characters: int) -> Figures:
        """What was done since the beginning."""
        tasks: list[float] = await self.page.evaluate("() => probe.tasks")
        script = (await self._metrics())["ScriptDuration"] - self._before["ScriptDuration"]
        return {
            LONGEST: max(tasks, default=50.0),  # shorter tasks are not told
            BLOCKED: len(tasks),
            SCRIPT: script * 1e3 / characters * 1e3 if characters else math.nan,
            SHIFT: await self.page.evaluate("() => probe.shift"),
        }

    async def heap(self) -> float:
        """Megabytes of living objects."""
        await self.counters.send("HeapProfiler.collectGarbage")
        return (await self._metrics())["JSHeapUsedSize"] / 1e6

    async def _metrics(self) -> dict[str, float]:
        found: dict[str, Any] = await self.counters.send("Performance.getMetrics")
        return {one["name"]: one["value"] for one in found["metrics"]}


@contextlib.asynccontextmanager
async def watched(target: Target, url: str) -> AsyncIterator[Watch]:
    """A page of a browser that has never been there."""
    context = await target.browser.new_context(viewport={"width": 1280, "height": 860})
    await context.add_init_script(path=str(ROOT / "bench/ui_probe.js"))
    page = await context.new_page()
    counters = await context.new_cdp_session(page)
    await counters.send("Performance.enable")
    await page.goto(url)
    yield Watch(page, counters)
    await context.close()


async def first_load(target: Target) -> dict[str, Figures]:
    """The page over Lighthouse's network of a phone: 1.6 Mbit/s, 150 ms there and back."""
    async with watched(target, "about:blank") as watch:
        await watch.counters.send("Network.enable")
        await watch.counters.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
        await watch.page.goto(target.llmchat)
        await expect(watch.page.get_by_role("textbox", name="Message")).to_be_visible()
        ready: float = await watch.page.evaluate("() => performance.now()")
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        painted = await (await watch.page.wait_for_function(paint)).json_value()
        await expect(watch.page.locator(".chat-item").first).to_be_visible()
        own = {PAINT: painted, TYPING: ready, SHIFT: await watch.page.evaluate("() => probe.shift")}
    return {"llmchat": own, "naive": {}}  # the naive page is without chats and words


async def answer(target: Target) -> dict[str, Figures]:
    """A long answer, quickly."""
    characters, rate = ANSWER
    async with watched(target, target.llmchat) as watch:
        page = watch.page
        await page.evaluate("() => probe.count(document.querySelector('chat-thread'))")
        await watch.begin()
        box = page.get_by_role("textbox", name="Message", exact=True)
        await box.fill(f"{characters} {rate}")
        status = await page.evaluate(
            """() => probe.until(() => document.querySelector("button[type=submit]").click(),
                 () => document.querySelector("answer-status .waiting, .answer .prose > *"))"""
        )
        await expect(page.locator("article.answer .stats")).to_be_visible(timeout=120_000)
        own = await watch.end(characters)
        added, last = await page.evaluate("() => [probe.added, probe.nodes('article.answer')]")
        own |= {STATUS: status, ADDED: added / last, CHARACTERS: 100}
    async with watched(target, target.naive) as watch:
        await watch.begin()
        await watch.page.evaluate("(told) => follow(...told)", [*ANSWER, NAIVE_SECONDS])
        await watch.page.wait_for_function(DONE, timeout=0)
        shown = await watch.page.evaluate("() => shown")
        other = {**await watch.end(shown), CHARACTERS: shown / characters * 100}
    return {"llmchat": own, "naive": other}


async def long_chat(target: Target) -> dict[str, Figures]:
    """Opening a long chat, and an answer in it while somebody types."""
    characters, rate = CHAT
    async with watched(target, target.llmchat) as watch:
        page = watch.page
        await expect(page.locator(".chat-item").first).to_be_visible()
        opened = await page.evaluate(
            """([id, count]) => probe.until(() => (location.hash = id),
                 () => document.querySelectorAll("chat-message").length >= count)""",
            [LONG_ID, LONG_MESSAGES],
        )
        nodes = await page.evaluate(SETTLED_NODES)
        await watch.begin()
        await ask(page, f"{characters} {rate}")
        stop = page.get_by_role("button", name="Stop")
        await expect(stop).to_be_visible()
        own = await typing(watch, characters, lambda: expect(stop).to_be_hidden(timeout=120_000))
        own |= {OPEN: opened, NODES: nodes, HEAP: await watch.heap()}
    texts = await asyncio.to_thread(long_texts, target.llmchat)
    async with watched(target, target.naive) as watch:
        page = watch.page
        opened = await page.evaluate(
            "(texts) => probe.until(() => openChat(texts), () => true)", texts
        )
        nodes = await page.evaluate(SETTLED_NODES)
        await watch.begin()
        await page.get_by_role("textbox").focus()
        await page.evaluate("(told) => follow(...told)", [*CHAT, NAIVE_SECONDS])
        other = await typing(watch, characters, lambda: page.wait_for_function(DONE, timeout=0))
        other |= {OPEN: opened, NODES: nodes, HEAP: await watch.heap()}
    return {"llmchat": own, "naive": other}


async def typing(watch: Watch, characters: int, end: Callable[[], Awaitable[object]]) -> Figures:
    """Write into the composer, which has the focus, while an answer comes, until its `end`."""
    text = ("typing while it comes " * KEYS)[:KEYS]
    with contextlib.suppress(TimeoutError):  # a page that is blocked takes no keys
        async with asyncio.timeout(NAIVE_SECONDS):
            await watch.page.keyboard.type(text, delay=100)
    await end()
    keys: list[float] = await watch.page.evaluate("() => probe.keys")
    # Keys that took less than 16 ms are not told.
    all_keys = sorted([16.0] * (KEYS - len(keys)) + keys)
    return {KEY: all_keys[int(len(all_keys) * 0.95)], **await watch.end(characters)}


async def ask(page: Page, text: str) -> None:
    """Send a question."""
    box = page.get_by_role("textbox", name="Message", exact=True)
    await box.fill(text)
    await box.press("Enter")


def long_texts(url: str) -> list[str]:
    """The texts of the long chat."""
    with urllib.request.urlopen(f"{url}api/conversations/{LONG_ID}") as reply:
        return [one["content"] for one in json.load(reply)["messages"]]


PARTS = {START: first_load, "answer": answer, LONG: long_chat}


async def measure(parts: Sequence[str], build: Path) -> dict[str, dict[str, Figures]]:
    """The figures of each part, of both pages."""
    database = stored(Size(200, 4000), build)
    found: dict[str, dict[str, Figures]] = {}
    with tempfile.TemporaryDirectory(dir=build) as name, endpoint() as port:
        folder = Path(name)
        (folder / "data").mkdir()
        shutil.copyfile(database, folder / "data" / "llmchat.db")
        command = shlex.join([sys.executable, "-m", "llmchat"])
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox"]
            )
            with llmchat(Setup(folder, port, command, ROOT)) as running:
                address = f"http://127.0.0.1:{running.port}/"
                target = Target(browser, address, f"http://127.0.0.1:{port}/naive")
                for part in parts:
                    print(part, flush=True)
                    found[part] = await PARTS[part](target)
            await browser.close()
    return found


@contextlib.contextmanager
def endpoint() -> Iterator[int]:
    """The endpoint as a process of its own."""
    port = free_port()
    command = [sys.executable, str(ROOT / "bench/ui_endpoint.py"), str(port)]
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "log"
        with processes.running(command, {}, ROOT, log):
            yield port


def chromium() -> str:
    """The browser, installed if need be."""
    command = [sys.executable, str(ROOT / "scripts/chromium.py")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def page_part(found: dict[str, dict[str, Figures]], about: dict[str, str]) -> str:
    """The results as Markdown."""
    all_results: Results = found
    facts = [f"- {name}: {value}" for name, value in about.items()]
    rows = [
        [part, figure, *(_cell(targets.get(name, {}), figure) for name in NAMES)]
        for part, targets in found.items()
        for figure in dict.fromkeys(figure for one in targets.values() for figure in one)
    ]
    table = report.table(["", "", *NAMES.values()], rows)
    return "\n".join([*facts, "", report.goals_table(all_results, GOALS), "", table])


def _cell(figures: Figures, name: str) -> str:
    return report.number(figures[name]) if name in figures else ""


if __name__ == "__main__":
    main(sys.argv[1:])
