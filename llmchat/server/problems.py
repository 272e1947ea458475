"""Errors as `application/problem+json` (RFC 9457): the one table of codes, and what writes them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from llmchat.domain.chat import JSON
from llmchat.domain.errors import LLMChatError, RequestError, StaleError, UnavailableError
from llmchat.server.headers import SECURITY_HEADERS
from llmchat.server.request_id import request_id

log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """`close`: what the client sends next cannot be trusted to be a request."""

    status: int
    title: str
    close: bool = False


PROBLEMS = {
    "absolute-form": Problem(400, "The request target must be a path", close=True),
    "bad-request": Problem(400, "This is not a valid HTTP request", close=True),
    "empty-body": Problem(400, "The body is empty"),
    "idempotency-key": Problem(400, "The Idempotency-Key cannot be used"),
    "json-depth": Problem(400, "The JSON is nested too deeply"),
    "json-duplicate-key": Problem(400, "A JSON object has the same key twice"),
    "json-number": Problem(400, "The JSON has a number that cannot be represented"),
    "json-syntax": Problem(400, "The body is not valid JSON"),
    "last-event-id": Problem(400, "The event id is not one of this stream"),
    "multipart": Problem(400, "The form cannot be read", close=True),
    "utf-8": Problem(400, "The body is not valid UTF-8"),
    "api-key": Problem(401, "A valid API key is needed"),
    "login-failed": Problem(401, "That is not right"),
    "session-ended": Problem(401, "You are signed out"),
    "unauthorized": Problem(401, "You are not signed in"),
    "cross-origin": Problem(403, "Other sites may not use this server"),
    "forbidden": Problem(403, "You may not do this"),
    "no-such-account": Problem(404, "There is no such account"),
    "no-such-conversation": Problem(404, "There is no such conversation"),
    "no-such-endpoint": Problem(404, "There is no such endpoint"),
    "no-such-file": Problem(404, "There is no such file"),
    "no-such-import": Problem(404, "There is no such import"),
    "no-such-job": Problem(404, "There is no such job"),
    "no-such-key": Problem(404, "There is no such API key"),
    "no-such-model-file": Problem(404, "There is no such model file"),
    "no-such-message": Problem(404, "There is no such message"),
    "no-such-model": Problem(404, "There is no such model"),
    "no-such-session": Problem(404, "There is no such session"),
    "no-such-preset": Problem(404, "There is no such preset"),
    "no-such-project": Problem(404, "There is no such project"),
    "no-such-prompt": Problem(404, "There is no such prompt"),
    "no-such-share": Problem(404, "This link leads nowhere any more"),
    "not-found": Problem(404, "There is nothing at this address"),
    "method-not-allowed": Problem(405, "This address does not take this method"),
    "body-timeout": Problem(408, "The body did not arrive in time", close=True),
    "head-timeout": Problem(408, "The head of the request did not arrive in time", close=True),
    "last-admin": Problem(409, "There must be an admin who can sign in"),
    "name-taken": Problem(409, "Another account has this name"),
    "setup-done": Problem(409, "llmchat is set up already"),
    "locked": Problem(409, "The endpoint is not set up by the page"),
    "running": Problem(409, "An answer is being written there"),
    "not-waiting": Problem(409, "Nobody has to decide about this call"),
    "stale": Problem(409, "The conversation has gone on meanwhile"),
    "model-busy": Problem(409, "The model is answering"),
    "model-exists": Problem(409, "There is a model file of this name", close=True),
    "import-running": Problem(409, "Another import is running", close=True),
    "too-large": Problem(413, "The body is too large", close=True),
    "charset": Problem(415, "The body must be UTF-8"),
    "content-encoding": Problem(415, "The body must not be compressed"),
    "content-type": Problem(415, "The body must be JSON, or a form where a file is taken"),
    "expectation-failed": Problem(417, "The expectation cannot be met", close=True),
    "wrong-host": Problem(421, "This server does not go by that name"),
    "file-encrypted": Problem(422, "The file is protected by a password"),
    "file-too-complex": Problem(422, "Reading the file takes too much time or memory"),
    "file-too-many-pixels": Problem(422, "The image has too many pixels"),
    "file-type": Problem(422, "This kind of file cannot be attached"),
    "file-unreadable": Problem(422, "The file cannot be used"),
    "file-without-text": Problem(422, "The file has no text"),
    "files-too-large": Problem(422, "The files of the message are too large together"),
    "idempotency-mismatch": Problem(422, "The Idempotency-Key was used for another request"),
    "model-cut": Problem(422, "The model file is not complete", close=True),
    "model-damaged": Problem(422, "The model file is damaged", close=True),
    "model-kind": Problem(422, "The file holds no model that chats", close=True),
    "model-not-gguf": Problem(422, "The file is no GGUF file", close=True),
    "model-unreadable": Problem(422, "The model file cannot be read", close=True),
    "model-version": Problem(422, "This kind of model file is not known", close=True),
    "no-model": Problem(422, "There is no model to answer"),
    "no-vision": Problem(422, "The model cannot read images"),
    "too-many-accounts": Problem(422, "There are too many accounts"),
    "too-many-endpoints": Problem(422, "There are too many endpoints"),
    "too-many-files": Problem(422, "The message has too many files"),
    "too-many-keys": Problem(422, "There are too many API keys"),
    "too-many-kept": Problem(422, "There are too many of them"),
    "validation": Problem(422, "The request has a value that is not allowed"),
    "too-many-attempts": Problem(429, "There were too many attempts"),
    "too-many-questions": Problem(429, "The account asks too many questions a minute"),
    "too-many-queued": Problem(429, "Too many questions of the account are waiting"),
    "tokens-used-up": Problem(429, "The account has used its tokens of today"),
    "too-many-streams": Problem(429, "Too many streams of the account are open"),
    "header-too-large": Problem(431, "The head of the request is too large", close=True),
    "internal": Problem(500, "llmchat made a mistake"),
    "no-worker": Problem(503, "No worker process can be started"),
    "not-ready": Problem(503, "llmchat is not ready"),
    "queue-full": Problem(503, "Too many questions are waiting"),
    "stopping": Problem(503, "llmchat is stopping"),
    "storage": Problem(503, "The store cannot be used now"),
    "storage-locked": Problem(503, "Another program keeps the data file to itself"),
    "too-many-connections": Problem(503, "Too many connections are open", close=True),
    "unavailable": Problem(503, "llmchat cannot do this now"),
    "storage-full": Problem(507, "The disk is full"),
}
_CODES_OF_AIOHTTP = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    417: "expectation-failed",
}


def refusal(code: str, detail: str, *errors: tuple[str, str]) -> RequestError:
    """The error of a code in the table; `errors` are `(JSON pointer, detail)` pairs."""
    return RequestError(detail, code=code, status=PROBLEMS[code].status, errors=errors)


def invalid(pointer: str, detail: str) -> RequestError:
    """422 for one value. `detail` must not quote it."""
    return refusal("validation", "A value is missing or not allowed.", (pointer, detail))


class TooLargeError(RequestError):
    """413; `limit` is what would have been accepted, in bytes."""

    code = "too-large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} bytes are accepted.")
        self.limit = limit


def problem(
    code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **members: JSON
) -> web.Response:
    """A response for a code of the table. Nothing in it may come from the client."""
    known = PROBLEMS[code]
    body = {
        "type": f"urn:llmchat:problem:{code}",
        "title": known.title,
        "status": known.status,
        "code": code,
        **({"detail": detail} if detail else {}),
        **members,
    }
    response = web.Response(
        status=known.status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        # Signals do not run for a request that could not be parsed.
        headers={**SECURITY_HEADERS, "Server": "llmchat", **(headers or {})},
    )
    if known.close:
        response.force_close()
        response.headers["Connection"] = "close"  # aiohttp leaves it out under HTTP/1.0
    return response


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem."""
    try:
        return await handler(request)
    except LLMChatError as error:
        return of_error(error)
    except web.HTTPException as error:
        return of_http(error)
    except ConnectionError:
        raise  # the client is gone
    except Exception as error:  # noqa: BLE001 - the boundary of a request; `of_bug` logs it
        response = of_bug(error, request_id(request))
        if request.writer.output_size:
            # A part of the response is out: only the end of the connection can tell the client.
            raise ConnectionResetError from None
        return response


def of_error(error: LLMChatError) -> web.Response:
    """The response for one of our errors."""
    members: dict[str, JSON] = {}
    headers: Mapping[str, str] = {}
    if isinstance(error, RequestError):
        headers = error.headers
        if error.errors:
            members["errors"] = [{"pointer": at, "detail": detail} for at, detail in error.errors]
    if isinstance(error, StaleError):
        members["messages"] = msgspec.to_builtins(error.tail)
        members["active"] = error.active
    if isinstance(error, UnavailableError):
        headers = {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, TooLargeError):
        members["limit"] = error.limit
    return problem(error.code, error.message, headers=headers, **members)


def of_http(error: web.HTTPException) -> web.Response:
    """The response for an error of aiohttp; of its own text, nothing is taken over."""
    code = _CODES_OF_AIOHTTP.get(error.status, "bad-request" if error.status < 500 else "internal")
    return problem(code, headers={k: v for k, v in error.headers.items() if k == "Allow"})


def of_bug(error: BaseException | None, request: str = "") -> web.Response:
    """The response for what should not have happened; all that is known goes into the log.

    `request` is the id of the request.
    """
    reference = secrets.token_hex(6)
    log.error("request %s failed, reference %s", request, reference, exc_info=error)
    return problem("internal", "The log of the server says more.", reference=reference)
