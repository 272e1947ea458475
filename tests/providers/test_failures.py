"""From exceptions and statuses to codes, and what is said about them."""

from __future__ import annotations

import inspect
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import ModuleType

import aiohttp
import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmchat.domain.endpoint import Endpoint
from llmchat.providers import client, failures
from llmchat.providers.address import Address
from llmchat.providers.advice import Advice
from llmchat.providers.failures import ReplyError, error_of, error_of_status, retry_after

# Roots, which nothing raises as such, and what only belongs to calls that we never make.
ROOTS = {
    "ClientError",
    "EofStream",
    "WSMessageTypeError",
    "WebSocketError",
    "HTTPError",
    "RequestError",
    "TransportError",
    "ProtocolError",
    "WebSocketDisconnect",
    "OpenAIError",
    "APIError",
}


def _errors(module: ModuleType) -> list[type[Exception]]:
    members = (getattr(module, name) for name in dir(module) if not name.startswith("_"))
    return [
        one
        for one in members
        if inspect.isclass(one)
        and issubclass(one, Exception)
        and not issubclass(one, Warning)
        and one.__name__ not in ROOTS
    ]


@pytest.mark.parametrize("kind", _errors(aiohttp), ids=lambda one: one.__name__)
def test_every_exception_of_aiohttp_has_a_row(kind: type[Exception]) -> None:
    assert failures.find_row(kind, failures.ROWS) is not None


@pytest.mark.parametrize("kind", [*_errors(openai), *_errors(httpx2)], ids=lambda one: one.__name__)
def test_every_exception_of_openai_and_httpx2_has_a_row(kind: type[Exception]) -> None:
    assert failures.find_row(kind, client.ROWS) is not None


def test_an_exception_without_a_row_is_an_upstream_error() -> None:
    error = error_of(KeyError("sk-secret"))
    assert (error.code, error.detail) == ("upstream-error", "an unexpected KeyError")


def test_system_errors_have_codes() -> None:
    assert error_of(ConnectionResetError()).code == "upstream-cut"
    assert error_of(TimeoutError()).code == "upstream-timeout"
    assert error_of(ssl.SSLError(1, "x")).code == "upstream-tls"


def test_every_code_has_a_text() -> None:
    advice = Advice(Endpoint("X", "configured", "http://h/v1"), Address.of("http://h/v1"))
    codes = {row[1] for row in (*failures.ROWS, *client.ROWS)}
    codes |= {error_of_status(status, {}, None).code for status in range(300, 600)}
    for code in codes:
        assert "{" not in advice.explain(ReplyError(code, "d")).message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "99999999999"}, 7 * 86400.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds = retry_after({"retry-after": date})
    assert seconds is not None
    assert 27 < seconds <= 30


@given(st.text())
def test_any_retry_after_is_a_time_or_nothing(text: str) -> None:
    seconds = retry_after({"retry-after": text})
    assert seconds is None or 0 <= seconds <= 7 * 86400


def test_a_long_wait_is_told_and_not_waited_for() -> None:
    error = error_of_status(429, {"retry-after": "61"}, {"error": {"message": "slow"}})
    assert (error.transient, error.retry_after_seconds) == (False, 61)


def test_the_text_of_a_local_server_says_how_to_start_it() -> None:
    url = "http://localhost:11434/v1"
    advice = Advice(Endpoint("configured", "configured", url), Address.of(url))
    refused = error_of(aiohttp.ClientConnectorError(_key(), ConnectionRefusedError(111, "x")))
    assert advice.explain(refused).message == (
        "Ollama is not answering at http://localhost:11434: no connection (connection refused)."
        " Start it with `ollama serve`."
    )


def _key() -> aiohttp.client_reqrep.ConnectionKey:
    return aiohttp.client_reqrep.ConnectionKey(
        "localhost", 11434, False, True, None, None, None, None
    )
