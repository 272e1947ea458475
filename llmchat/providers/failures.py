"""What went wrong with an endpoint: from exceptions and replies to a `ReplyError`."""

from __future__ import annotations

import math
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import aiohttp
from aiohttp.http import HttpProcessingError

from llmchat.providers.base import LONGEST_WAIT_SECONDS
from llmchat.providers.chunks import Plain

_LONGEST_SECONDS = 7 * 86400.0

_CONTEXT = re.compile(
    r"context.{0,3}(length|window|size)|maximum context|exceed.{0,30}context|prompt is too long"
    r"|too many (input )?tokens|input length.{0,40}exceed",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient.{0,3}(quota|credit|balance|funds)|exceeded.{0,20}quota", re.I)
_NO_MODEL = re.compile(r"model.{0,120}(not (be )?found|not exist|not supported|unknown)", re.I)
_NO_KEY = re.compile(r"api key (is )?not valid|invalid.{0,10}api.?key", re.I)  # Gemini's 400
# Of OpenAI, OpenRouter, llama.cpp, Ollama, vLLM, LM Studio, Mistral, DeepSeek and Groq.
_NO_TOOLS = re.compile(
    r"does not support (?:tool|function)|support tool use|tool choice requires"
    r"|tools param requires|\btools?\b\W{0,3}(?:is|are) not supported"
    r"|(?:tool|function) calling\W? is not (?:supported|enabled)",
    re.IGNORECASE,
)
_NO_VISION = re.compile(
    r"image.{0,3}(input|content|url).{0,60}(not|only) (be )?(supported|enabled|available)"
    r"|(not|n't|no endpoints found that) support.{0,20}image|images? (is|are) not supported"
    r"|image input detected, but|not a multimodal model|missing data required for image"
    r"|at most 0 image|(unsupported|unknown|invalid).{0,40}image_url"
    r"|content' : value must be a string",
    re.IGNORECASE,
)
_TRANSIENT_STATUSES = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))


class ReplyError(Exception):
    """A failure as the code sees it. `detail` may hold the endpoint's own words, not redacted."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        transient: bool = False,
        retry_after_seconds: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.transient = transient
        self.retry_after_seconds = retry_after_seconds
        self.status = status


class ForbiddenError(OSError):
    """An address that a guard forbids (llmchat/domain/reach.py)."""


# Class -> code, what happened, transient. The first row that fits counts. There is no row for the
# roots: tests/providers/test_failures.py fails for a class that nobody has thought about.
Row: TypeAlias = tuple[tuple[type[BaseException], ...], str, str, bool]
ROWS: tuple[Row, ...] = (
    (
        (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch, ssl.SSLError),
        "upstream-tls",
        "the secure connection failed",
        False,
    ),
    (
        (aiohttp.ClientConnectorDNSError,),
        "upstream-unreachable",
        "its name is not known",
        True,
    ),
    (
        (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError),
        "upstream-unreachable",
        "the proxy refused",
        True,
    ),
    (
        (aiohttp.ServerTimeoutError, TimeoutError),
        "upstream-timeout",
        "no connection in time",
        True,
    ),
    ((aiohttp.ClientConnectorError,), "upstream-unreachable", "no connection", True),
    (
        (aiohttp.TooManyRedirects, aiohttp.RedirectClientError),
        "upstream-redirect",
        "it redirects",
        False,
    ),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), "upstream-unreachable", "bad URL", False),
    (
        (
            aiohttp.ClientConnectionError,
            aiohttp.ClientPayloadError,
            aiohttp.UploadAbortedError,
            OSError,
            RuntimeError,
        ),
        "upstream-cut",
        "the connection broke",
        True,
    ),
    (
        (aiohttp.ClientResponseError, HttpProcessingError),
        "upstream-not-an-api",
        "bytes that are no HTTP",
        False,
    ),
)

# What aiohttp raises while it talks. RuntimeError: the session or connection was closed meanwhile.
AIOHTTP_ERRORS = (aiohttp.ClientError, HttpProcessingError, OSError, RuntimeError)


def find_row(kind: type[BaseException], rows: Iterable[Row]) -> Row | None:
    """The row of an exception class, or None if none was written for it."""
    return next((row for row in rows if issubclass(kind, row[0])), None)


def error_of(error: BaseException, rows: Iterable[Row] = ROWS) -> ReplyError:
    """The failure that an exception of a library means."""
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(
        error.os_error, ForbiddenError
    ):
        return ReplyError("upstream-forbidden", error.os_error.strerror or "")
    row = find_row(type(error), rows)
    if row is None:
        return ReplyError("upstream-error", f"an unexpected {type(error).__name__}")
    _, code, what, transient = row
    return ReplyError(code, f"{what}{_reason(error)}", transient=transient)


def _reason(error: BaseException) -> str:
    """The reason in words that name no address and no header."""
    inner = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        inner = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        inner = error.os_error
    told = ""
    if isinstance(inner, ssl.SSLCertVerificationError):
        told = inner.verify_message
    elif isinstance(inner, ssl.SSLError):
        told = (getattr(inner, "reason", "") or "").replace("_", " ")
    elif isinstance(inner, OSError) and inner is not error and (inner.errno or 0) > 0:
        # asyncio writes the addresses that it tried into `strerror`.
        told = os.strerror(inner.errno or 0)
    return f" ({told.lower()})" if told else ""


def error_of_status(status: int, headers: Mapping[str, str], body: object) -> ReplyError:
    """The failure that a reply with a status other than 2xx means."""
    if isinstance(body, list) and len(body) == 1:  # Gemini
        body = body[0]
    error = body.get("error", body) if isinstance(body, dict) else body
    text, kind = _words(error), _kind(error)
    code = _code_of_status(status, f"{kind} {text}")
    wait = retry_after(headers) if code == "upstream-rate-limited" or status == 503 else None
    transient = status in _TRANSIENT_STATUSES and code not in _LASTING
    if wait is not None and wait > LONGEST_WAIT_SECONDS:
        transient = False
    return ReplyError(code, text, transient=transient, retry_after_seconds=wait, status=status)


_TOO_LONG = "upstream-context-length"
_BLIND = "upstream-no-vision"
_NO_HANDS = "upstream-no-tools"
_LASTING = ("upstream-quota", _TOO_LONG, _BLIND, _NO_HANDS)


# What a model has too little of, or not at all: with which status, and in which words.
_LACKS = (
    (_TOO_LONG, (400, 413, 422, 500), _CONTEXT),
    (_BLIND, (400, 404, 415, 422, 500, 501), _NO_VISION),
    (_NO_HANDS, (400, 404, 422, 500, 501), _NO_TOOLS),
)


def _code_of_status(status: int, text: str) -> str:
    if status < 400:
        return "upstream-redirect"
    for code, statuses, words in _LACKS:
        if status in statuses and words.search(text):
            return code
    if status == 402 or (status == 429 and _QUOTA.search(text)):
        return "upstream-quota"
    if status == 404 and _NO_MODEL.search(text.replace("model_not_found", "model not found")):
        return "upstream-model-not-found"
    if status == 400 and _NO_KEY.search(text):
        status = 401
    fixed = {401: "auth", 403: "auth", 407: "unreachable", 408: "timeout", 429: "rate-limited"}
    return f"upstream-{fixed.get(status, 'rejected' if status < 500 else 'error')}"


def error_in_reply(value: Plain) -> ReplyError:
    """The failure that an error inside a 200 reply means: an object in any dialect, or a text."""
    error = value.get("error") or value if isinstance(value, dict) else value
    text, kind = _words(error), _kind(error)
    if _CONTEXT.search(f"{kind} {text}"):
        return ReplyError(_TOO_LONG, text)
    if _NO_VISION.search(text):
        return ReplyError(_BLIND, text)
    number = next((int(word) for word in kind.split() if word.isdecimal()), 0)
    busy = number in _TRANSIENT_STATUSES or "overloaded" in kind or "server_error" in kind
    shown = f"{text} ({kind.split()[0]})" if text and kind else text or kind
    return ReplyError("upstream-error", shown, transient=busy)


def _words(error: object) -> str:
    """The endpoint's own words for people. Never a whole body: it may echo the prompt."""
    if isinstance(error, str):
        return "" if error.lstrip().startswith("<") else error
    if not isinstance(error, dict):
        return ""
    for name in ("message", "detail", "error_description", "msg", "error"):
        text = error.get(name)
        if isinstance(text, str) and text:
            return text
    detail = error.get("detail")  # FastAPI's list; its `input` members echo the request
    items = detail if isinstance(detail, list) else []
    told = [one.get("msg") for one in items if isinstance(one, dict)]
    return "; ".join(text for text in told if isinstance(text, str))


def _kind(error: object) -> str:
    if not isinstance(error, dict):
        return ""
    told = (error.get("code"), error.get("type"))
    return " ".join(str(one)[:64] for one in told if isinstance(one, str | int) and one)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` (RFC 9110, 10.2.3) or OpenAI's `retry-after-ms` asks for.

    None for no header and for one that makes no sense; a date that is past is 0.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    return seconds if seconds is not None else _seconds_to_date(text)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, _LONGEST_SECONDS)


def _seconds_to_date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    seconds = (aware - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), _LONGEST_SECONDS)
