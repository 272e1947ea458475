"""`GET /api/statistics`: what answers took and may have cost, by day and model."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct
from msgspec.structs import asdict

from llmchat.domain.access import Role
from llmchat.domain.ids import now
from llmchat.domain.statistics import Count, Price, cost_of
from llmchat.server.conversation_wire import read_query
from llmchat.server.downloads import SANDBOX, disposition
from llmchat.server.keys import JOBS, STATISTICS, account_of
from llmchat.server.replies import json_reply

_DAY_MS = 86_400_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class StatisticsQuery(Struct):
    """The last `days`, today among them, as they begin where the clock is `offset` minutes ahead of
    UTC; quarters of an hour.
    """

    days: Annotated[int, Meta(ge=1, le=3660)] = 30
    offset: Annotated[int, Meta(ge=-840, le=840, multiple_of=15)] = 0
    format: Literal["json", "csv"] = "json"


class DayOfModel(Struct):
    """The answers of one model on one day; the `failed` ones are among them. Means are None where
    nothing was measured, `cost` (US dollars, an estimate) where no price is known.
    """

    day: str
    model: str
    endpoint: str
    answers: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    first_token_seconds: float | None
    tokens_per_second: float | None
    cost: float | None


class Statistics(Struct):
    """`items` has the days in order, and only those with answers; `since` is the first day that was
    asked for, `until` today.
    """

    since: str
    until: str
    items: list[DayOfModel]


async def statistics(request: web.Request) -> web.Response:
    """Tokens, speed and cost by day and model; with `format=csv` as a file."""
    asked = read_query(request, StatisticsQuery)
    zone = timezone(timedelta(minutes=asked.offset))
    today = datetime.fromtimestamp(now() / 1000, zone).replace(hour=0, minute=0, second=0)
    first = today.replace(microsecond=0) - timedelta(days=asked.days - 1)
    since = int(first.timestamp() * 1000)
    account = account_of(request)
    counts = await request.app[STATISTICS].read(
        account, since, since + asked.days * _DAY_MS, _DAY_MS
    )
    known = (
        request.app[JOBS].catalogue().models(account, Role.ADMIN)
    )  # also what it may no more use
    prices = {(one.endpoint, one.id): one.price for one in known}
    items = [
        _item(
            (first + timedelta(days=day)).date().isoformat(),
            count,
            prices.get((count.endpoint, count.model)),
        )
        for day, count in counts
    ]
    until = today.date().isoformat()
    if asked.format == "csv":
        return _as_file(items, f"llmchat-{until}.csv")
    return json_reply(Statistics(first.date().isoformat(), until, items))


def _item(day: str, count: Count, price: Price | None) -> DayOfModel:
    tokens = (count.prompt_tokens, count.cached_tokens, count.completion_tokens)
    return DayOfModel(
        day=day,
        model=count.model,
        endpoint=count.endpoint,
        answers=count.answers,
        failed=count.failed,
        prompt_tokens=count.prompt_tokens,
        cached_tokens=count.cached_tokens,
        completion_tokens=count.completion_tokens,
        first_token_seconds=_mean(count.first_seconds, count.first_count),
        tokens_per_second=_mean(count.writing_tokens, count.writing_seconds),
        cost=None if price is None else round(cost_of(price, *tokens), 6),
    )


def _mean(amount: float, parts: float) -> float | None:
    return round(amount / parts, 3) if parts > 0 else None


def _as_file(items: Iterable[DayOfModel], name: str) -> web.Response:
    """RFC 4180, with a byte order mark, without which Excel takes UTF-8 for something else."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(DayOfModel.__struct_fields__)
    for item in items:
        writer.writerow([_cell(value) for value in asdict(item).values()])
    return web.Response(
        body=text.getvalue().encode("utf-8-sig"),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": disposition(name),
            "Content-Security-Policy": SANDBOX,
        },
    )


def _cell(value: object) -> object:
    """A name from an endpoint is no formula for a spreadsheet (OWASP, "CSV injection")."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
