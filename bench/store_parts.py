"""What is done with a large store, part by part."""

from __future__ import annotations

import contextlib
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from prometheus_client.parser import text_string_to_metric_families

from bench.asking import Client, times
from bench.goals import Figures
from bench.queries import queries
from bench.stored import FREQUENT, LONG_ID, Size
from bench.targets import Running

BASELINE = "an answer without the store"
_RATE = 2  # tokens a second of each stream
_LONG_ENOUGH = 600  # tokens of a stream, so that none ends by itself
_RANKED = """
select rowid from message_text where message_text match ? order by rank limit 20
"""
_LIKE = "select number from message where content like ? order by number desc limit 20"


@dataclass(frozen=True, slots=True)
class Target:
    """A running llmchat with its store. `count`: requests of each kind; `streams`: answers at once,
    `coming` the seconds in which they begin.
    """

    running: Running
    database: Path
    size: Size
    count: int
    streams: int = 500
    coming: int = 5

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        """A connection of its own for a part."""
        client = Client(self.running.port)
        try:
            client.get("/health/live")
            client.figures()
            yield client
        finally:
            client.close()


def baseline(target: Target) -> dict[str, Figures]:
    """What the same things cost without our code: HTTP alone, SQLite alone, the usual SQL."""
    with target.client() as client:
        for _ in range(target.count):
            client.get("/health/live")
        found = {BASELINE: client.figures()}
    address = f"{target.database.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        for name, sql, value, count in (
            ("SQLite alone: one row", "select * from message where id = ?", "", target.count),
            ("SQLite alone: a frequent word by `rank`", _RANKED, f'"{FREQUENT}"', 5),
            ("SQLite alone: a word that is nowhere by LIKE", _LIKE, "%qxqxqx%", 3),
        ):
            found[name] = times(_timed(connection, sql, value) for _ in range(count))
    return found


def listing(target: Target) -> dict[str, Figures]:
    """The sidebar: its first page, and all pages one after the other."""
    with target.client() as client:
        for _ in range(target.count):
            client.get("/api/conversations?limit=50")
        first = client.figures()
        cursor: str | None = ""
        while cursor is not None:
            following = f"&cursor={quote(cursor)}" if cursor else ""
            cursor = client.get(f"/api/conversations?limit=50{following}")["next"]
        return {"a page of 50 conversations": first, "the same, all pages": client.figures()}


def searching(target: Target) -> dict[str, Figures]:
    """A page of 20 hits for queries of all kinds, each of them as often as the others."""
    found: dict[str, Figures] = {}
    seconds: list[float] = []
    with target.client() as client:
        for kind, texts in queries(target.size, target.count).items():
            for text in texts:
                started = time.perf_counter()
                client.get(f"/api/search?q={quote(text)}")
                seconds.append(time.perf_counter() - started)
            found[f"search: {kind}"] = client.figures()
        found["search: two Chinese signs that are nowhere, to the last page"] = _to_the_end(client)
    return {"search: all kinds": times(seconds), **found}


def opening(target: Target) -> dict[str, Figures]:
    """A long conversation, whole, and asking what is new in it; and one of the usual length."""
    with target.client() as client:
        whole = client.get(f"/api/conversations/{LONG_ID}")
        for _ in range(target.count // 5):
            client.get(f"/api/conversations/{LONG_ID}")
        long = client.figures()
        for _ in range(target.count):
            client.get(f"/api/conversations/{LONG_ID}?since={whole['revision']}")
        since = client.figures()
        for item in _some(client, target.count):
            client.get(f"/api/conversations/{item}")
        return {
            f"a conversation of {whole['count']:,} messages": long,
            "what is new in it": since,
            "a conversation of the list": client.figures(),
        }


def writing(target: Target) -> dict[str, Figures]:
    """A message that is only saved, and a question until it is accepted: both are synced."""
    with target.client() as client:
        some = _some(client, target.count)
        for item in some:
            message = {"parent_id": None, "role": "user", "content": "Saved. " * 20}
            client.post(f"/api/conversations/{item}/messages", message)
        saved = client.figures()
        for _ in some:
            client.post("/chat", {"content": "Asked. " * 20, "model": "bench-0x20"})
        return {"saving a message": saved, "asking in a new conversation": client.figures()}


def streaming(target: Target) -> dict[str, Figures]:
    """The same while many answers stream, and the commits of that time."""
    found: dict[str, Figures] = {}
    streams = f"{target.streams} streams"
    with target.running.start_load(
        f"bench-{_RATE}x{_LONG_ENOUGH}", streams=target.streams, ramp=target.coming
    ) as process:
        time.sleep(1.5 * target.coming)
        before = _commits(target.running.port)
        for part in (listing_once, searching_once, writing):
            for name, figures in part(target).items():
                found[f"{streams}: {name}"] = figures
        after = _commits(target.running.port)
        process.terminate()
    buckets = {limit: after[limit] - count for limit, count in before.items()}
    return {**found, f"{streams}: a commit, at most": _of_buckets(buckets)}


def listing_once(target: Target) -> dict[str, Figures]:
    """The first page of the sidebar."""
    with target.client() as client:
        for _ in range(target.count):
            client.get("/api/conversations?limit=50")
        return {"a page of 50 conversations": client.figures()}


def searching_once(target: Target) -> dict[str, Figures]:
    """Queries of all kinds together."""
    with target.client() as client:
        for texts in queries(target.size, max(1, target.count // 10)).values():
            for text in texts:
                client.get(f"/api/search?q={quote(text)}")
        return {"search, all kinds": client.figures()}


PARTS: Mapping[str, Callable[[Target], dict[str, Figures]]] = {
    "baseline": baseline,
    "list": listing,
    "search": searching,
    "open": opening,
    "write": writing,
    "streams": streaming,
}


def _timed(connection: sqlite3.Connection, sql: str, value: str) -> float:
    started = time.perf_counter()
    connection.execute(sql, (value,)).fetchall()
    return time.perf_counter() - started


def _to_the_end(client: Client) -> Figures:
    """One search over as many pages as it takes."""
    cursor, started = "", time.perf_counter()
    while cursor is not None:
        following = f"&cursor={quote(cursor)}" if cursor else ""
        cursor = client.get(f"/api/search?q=%E3%90%80%E3%90%81{following}")["next"]
    whole = times([time.perf_counter() - started])
    client.figures()
    return whole


def _some(client: Client, count: int) -> list[str]:
    """The ids of conversations, without counting the time."""
    items = client.get(f"/api/conversations?limit={min(100, count)}")["items"]
    client.figures()
    return [item["id"] for item in items]


def _commits(port: int) -> dict[float, float]:
    """How many commits took at most so many seconds."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as reply:
        families = text_string_to_metric_families(reply.read().decode())
    return {
        float(sample.labels["le"]): sample.value
        for family in families
        for sample in family.samples
        if sample.name.endswith("commit_seconds_bucket")
    }


def _of_buckets(buckets: Mapping[float, float]) -> Figures:
    """The limits of the buckets that hold the percentiles."""
    total = buckets[float("inf")]
    p50, p95, most = (
        min(limit for limit, count in buckets.items() if count >= part * total)
        for part in (0.5, 0.95, 1.0)
    )
    return {"p50 ms": p50 * 1e3, "p95 ms": p95 * 1e3, "max ms": most * 1e3, "count": total}
