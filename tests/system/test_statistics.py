"""What answers took and may have cost, from the worker's numbers to a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Serve
from tests.system.talk import Talk

COUNTED = "counted-1000-500"
PRICING = {"prompt": "0.000002", "completion": "0.00001"}


@pytest.fixture(autouse=True)
def models(fake: FakeOpenAI) -> None:
    data = [{"id": COUNTED, "pricing": PRICING}, {"id": "=1+1"}]
    fake.models = {"object": "list", "data": data}


async def _items(talk: Talk, query: str = "") -> list[dict[str, Any]]:
    status, told = await talk.call("GET", f"/api/statistics{query}")
    assert status == 200, told
    assert told["since"] <= told["until"]
    items: list[dict[str, Any]] = told["items"]
    return items


async def test_answers_are_counted_by_model_and_priced(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve(OPENAI_BASE_URL=fake.url) as client:
        talk = Talk(client.url, client.session)
        assert await _items(talk) == []
        first = await talk.ask("one", model=COUNTED)
        place = {"conversation_id": first["conversation_id"], "parent_id": first["message_id"]}
        await talk.ask("two", model=COUNTED, **place)
        await talk.ask("three", model="status-400")
        items = {one["model"]: one for one in await _items(talk)}
        assert set(items) == {COUNTED, "status-400"}
        one = items[COUNTED]
        assert (one["answers"], one["failed"]) == (2, 0)
        assert (one["prompt_tokens"], one["completion_tokens"]) == (2000, 1000)
        assert one["cost"] == pytest.approx(2 * (1000 * 2 + 500 * 10) / 1_000_000)
        assert one["first_token_seconds"] > 0
        one = items["status-400"]
        assert (one["answers"], one["failed"], one["cost"]) == (1, 1, None)

        price = {"prompt": 100, "completion": 0, "cached": None}
        notes = {COUNTED: {"price": price, "favourite": True}}
        status, stored = await talk.call("PATCH", "/api/settings", {"models": notes})
        assert (status, stored["models"][COUNTED]["favourite"]) == (200, True)
        items = {one["model"]: one for one in await _items(talk)}
        assert items[COUNTED]["cost"] == pytest.approx(2000 * 100 / 1_000_000)

        await talk.call("DELETE", "/api/conversations?all=true")
        assert await _items(talk) == []


async def test_days_begin_where_the_reader_is(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve(OPENAI_BASE_URL=fake.url) as client:
        talk = Talk(client.url, client.session)
        await talk.ask("one", model=COUNTED)
        now = datetime.now(UTC)
        # Minutes that reach to the next day there, and to the day before.
        for offset in (840, -720):
            (item,) = await _items(talk, f"?days=2&offset={offset}")
            local = datetime.fromtimestamp(now.timestamp() + offset * 60, UTC)
            assert item["day"] == local.date().isoformat()
        for wrong in ("days=0", "days=4000", "offset=7", "offset=900", "format=xml"):
            status, problem = await talk.call("GET", f"/api/statistics?{wrong}")
            assert (status, problem["code"]) == (422, "validation"), wrong


async def test_the_file_is_csv_and_no_name_in_it_is_a_formula(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve(OPENAI_BASE_URL=fake.url) as client:
        talk = Talk(client.url, client.session)
        await talk.ask("one", model=COUNTED)
        await talk.ask("two", model="=1+1")
        async with client.session.get(f"{client.url}/api/statistics?format=csv") as reply:
            assert reply.content_type == "text/csv"
            assert 'attachment; filename="llmchat-' in reply.headers["Content-Disposition"]
            text = (await reply.read()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["model"] for row in rows] == ["'=1+1", COUNTED]
    assert (rows[1]["prompt_tokens"], rows[1]["cost"]) == ("1000", "0.007")
    assert rows[0]["cost"] == ""


async def test_what_people_note_of_a_model_counts_more_than_what_its_endpoint_says(
    serve: Serve, fake: FakeOpenAI
) -> None:
    async with serve(OPENAI_BASE_URL=fake.url) as client:
        talk = Talk(client.url, client.session)
        await talk.ask("one", model=COUNTED)
        note = {"vision": True, "tools": False, "context_window": 4096}
        await talk.call("PATCH", "/api/settings", {"models": {COUNTED: note}})
        await talk.call("PATCH", "/api/settings", {"models": {"other": {"hidden": True}}})
        _, listed = await talk.call("GET", "/models")
        model = next(one for one in listed["data"] if one["id"] == COUNTED)
        assert model["context_window"] == 4096
        assert model["capabilities"] == {"vision": True, "tools": False, "reasoning": None}
        assert model["price"] == {"prompt": 2, "completion": 10, "cached": None}
        _, stored = await talk.call("PATCH", "/api/settings", {"models": {COUNTED: None}})
        assert stored["models"] == {"other": {"hidden": True}}
        _, listed = await talk.call("GET", "/models")
        model = next(one for one in listed["data"] if one["id"] == COUNTED)
        assert model["capabilities"]["vision"] is None
        for wrong in ({"price": {"prompt": -1, "completion": 0}}, {"vision": 1}, {"nonsense": 1}):
            status, _ = await talk.call("PATCH", "/api/settings", {"models": {"m": wrong}})
            assert status == 422
