"""What answers took, counted as they end. It outlives the chats they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from llmchat.domain.ids import now as _now
from llmchat.domain.job import FINAL_NAMES
from llmchat.domain.statistics import QUARTER_MS, Count
from llmchat.storage.database import Database
from llmchat.storage.journal import read_row

SHORT_SECONDS = 0.01  # an answer that came in one piece has no speed
_LAST = "select events from job_event where job = ? order by attempt desc, seq desc limit 1"
_ADD = """
insert into statistic(account, quarter, model, endpoint, answers, failed, prompt_tokens,
    cached_tokens, completion_tokens, first_seconds, first_count, writing_seconds, writing_tokens)
values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set
    answers = answers + 1,
    failed = failed + excluded.failed,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    first_seconds = first_seconds + excluded.first_seconds,
    first_count = first_count + excluded.first_count,
    writing_seconds = writing_seconds + excluded.writing_seconds,
    writing_tokens = writing_tokens + excluded.writing_tokens
"""
_ACCOUNT = "select account from job where number = ?"
_TOKENS = """
select coalesce(sum(prompt_tokens + completion_tokens), 0) from statistic
where account = ? and quarter >= ? and quarter < ?
"""
_ACCOUNTS = """
select account, sum(answers), sum(prompt_tokens + completion_tokens) from statistic
where quarter >= ? and quarter < ? group by account
"""
_READ = """
select (quarter - ?2) / ?3 as period, model, endpoint, sum(answers), sum(failed),
    sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens), sum(first_seconds),
    sum(first_count), sum(writing_seconds), sum(writing_tokens)
from statistic where account = ?1 and quarter >= ?2 and quarter < ?4
group by period, model, endpoint order by period, model, endpoint
"""


class StatisticsStore:
    """The counts of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(
        self, account: str, since: int, until: int, period: int
    ) -> list[tuple[int, Count]]:
        """The counts from `since` to `until` (ms since the epoch) of each `period` (ms) in it, with
        the number of that period, by model and endpoint.
        """
        values = (account, since, period, until)
        rows = await self._database.read(lambda reader: reader.execute(_READ, values).fetchall())
        return [(row[0], Count(*row[1:])) for row in rows]

    async def tokens(self, account: str, since: int, until: int) -> int:
        """How many tokens of prompts and answers that are, from and to a time in ms."""
        values = (account, since, until)
        found: int = await self._database.read(
            lambda one: one.execute(_TOKENS, values).fetchone()[0]
        )
        return found

    async def of_accounts(self, since: int, until: int) -> list[tuple[str, int, int]]:
        """The answers and those tokens of each account that has any."""
        values = (since, until)
        return await self._database.read(lambda one: one.execute(_ACCOUNTS, values).fetchall())

    def add(
        self, account: str, final: Mapping[str, Any], *, failed: bool, model: str, endpoint: str
    ) -> None:
        """Count an answer that is stored nowhere, soon; `final` is the data of its last event."""
        ended = _now()

        def work(connection: sqlite3.Connection) -> None:
            _add(
                *(connection, account, final),
                failed=failed,
                model=model,
                endpoint=endpoint,
                ended=ended,
            )

        # That it could not be counted is no news for who has the answer.
        self._database.write(work).add_done_callback(lambda done: done.exception())

    async def forget(self, account: str) -> None:
        """Delete all that was counted for an account."""
        sql = "delete from statistic where account = ?"
        await self._database.write(lambda connection: connection.execute(sql, (account,)))


def count(
    connection: sqlite3.Connection, job: int, *, state: str, model: str, endpoint: str, ended: int
) -> None:
    """Count a job that ends; its final event is in its rows by now."""
    found = connection.execute(_ACCOUNT, (job,)).fetchone()
    if found is not None:
        final = _final(connection, job)
        failed = state == "error"
        _add(
            *(connection, found[0], final),
            failed=failed,
            model=model,
            endpoint=endpoint,
            ended=ended,
        )


def _add(
    connection: sqlite3.Connection,
    account: str,
    final: Mapping[str, Any],
    *,
    failed: bool,
    model: str,
    endpoint: str,
    ended: int,
) -> None:
    usage, timings = final.get("usage") or {}, final.get("timings") or {}
    tokens = usage.get("completion_tokens") or 0
    first = timings.get("first_token_seconds")
    # The first token is there when the clock of the others starts.
    writing = (timings.get("total_seconds") or 0) - first if first is not None else 0
    measured = tokens > 1 and writing > SHORT_SECONDS
    connection.execute(
        _ADD,
        (
            account,
            ended - ended % QUARTER_MS,
            final.get("model") or model,
            final.get("endpoint") or endpoint,
            failed,
            usage.get("prompt_tokens") or 0,
            usage.get("cached_tokens") or 0,
            tokens,
            first or 0,
            first is not None,
            writing if measured else 0,
            tokens - 1 if measured else 0,
        ),
    )


def _final(connection: sqlite3.Connection, job: int) -> dict[str, Any]:
    found = connection.execute(_LAST, (job,)).fetchone()
    last = list(read_row(found[0]))[-1:] if found else []
    if last and last[0].name in FINAL_NAMES:
        data: dict[str, Any] = msgspec.json.decode(last[0].data)
        return data
    return {}
