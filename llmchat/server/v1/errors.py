"""Errors in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

import re

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.job import Done, Failed
from llmchat.server.paths import is_for_programs

_PROBLEM = "application/problem+json"
CODES = {
    "api-key": "invalid_api_key",
    "session-ended": "invalid_api_key",
    "no-such-model": "model_not_found",
    "validation": "invalid_value",
    "upstream-context-length": "context_length_exceeded",
    "upstream-model-not-found": "model_not_found",
    "upstream-quota": "insufficient_quota",
    "upstream-rate-limited": "rate_limit_exceeded",
    "too-many-questions": "rate_limit_exceeded",
    "too-many-queued": "rate_limit_exceeded",
    "too-many-streams": "rate_limit_exceeded",
    "tokens-used-up": "insufficient_quota",
}
# Of the errors of a job; for all others it is 502: the fault is behind us, not in the request.
JOB_STATUSES = {
    "session-ended": 401,
    "upstream-rejected": 400,
    "upstream-context-length": 400,
    "upstream-no-vision": 400,
    "upstream-model-not-found": 404,
    "no-such-endpoint": 404,
    "cancelled": 409,
    "upstream-quota": 429,
    "upstream-rate-limited": 429,
    "internal": 500,
    "worker-crashed": 503,
    "interrupted": 503,
    "storage": 503,
    "model-not-loaded": 503,
    "upstream-timeout": 504,
    "upstream-stalled": 504,
    "job-timeout": 504,
}
REVOKED = Failed("session-ended", "This key was revoked while it was used.", retryable=False)
_STOPPED = Failed(code="cancelled", message="Somebody stopped this answer.", retryable=False)


def ending(final: Done | Failed) -> Done | Failed:
    """How an answer ended for a program: one that was stopped is none."""
    stopped = isinstance(final, Done) and final.finish_reason == "cancelled"
    return _STOPPED if stopped else final


def failed(failure: Failed) -> web.Response:
    """The response for a job that ended before anything of it was sent."""
    response = web.Response(
        status=JOB_STATUSES.get(failure.code, 502),
        body=msgspec.json.encode(failed_body(failure)),
        content_type="application/json",
    )
    if not failure.retryable:
        response.headers["X-Should-Retry"] = "false"  # OpenAI's clients repeat some statuses
    return response


def failed_body(failure: Failed) -> JSONObject:
    """The body of that, or the last event of a stream that has begun."""
    status = JOB_STATUSES.get(failure.code, 502)
    return _error(status, failure.code, failure.message)


@web.middleware
async def of_programs(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell a program what is wrong in the shape that its client library understands."""
    response = await handler(request)
    if (
        is_for_programs(request)
        and isinstance(response, web.Response)
        and response.content_type == _PROBLEM
        and isinstance(response.body, bytes)
    ):
        _reshape(response, response.body)
    return response


def _reshape(response: web.Response, body: bytes) -> None:
    """A problem in the other shape; its headers stay as they are."""
    problem = msgspec.json.decode(body)
    status, code = response.status, problem["code"]
    message, param = str(problem.get("detail") or f"{problem['title']}."), None
    for error in problem.get("errors", [])[:1]:
        param = _param(error["pointer"]) or None
        message = f"{param}: {error['detail']}" if param else error["detail"]
    if param == "model":
        status, code = 404, "no-such-model"
    elif code == "no-model":
        status = 503
    elif status == 422:  # OpenAI's status for a value that is not allowed
        status = 400
    elif code == "tokens-used-up":  # until midnight, which no client should try again all the time
        response.headers["X-Should-Retry"] = "false"
    if reference := problem.get("reference"):
        message = f"{message} Reference: {reference}."
    response.set_status(status)
    response.body = msgspec.json.encode(_error(status, code, message, param))
    response.content_type = "application/json"


def _error(status: int, code: str, message: str, param: str | None = None) -> JSONObject:
    error: dict[str, JSON] = {
        "message": message,
        "type": _type(status),
        "param": param,
        "code": CODES.get(code, code.replace("-", "_")),
    }
    return {"error": error}


def _param(pointer: str) -> str:
    """`/messages/0/content` as OpenAI writes it: `messages[0].content`."""
    steps = re.sub(r"/(\d+|\*)(?=/|$)", r"[\1]", pointer)
    return steps.replace("/", ".").removeprefix(".")


def _type(status: int) -> str:
    if status in (401, 429):
        return "authentication_error" if status == 401 else "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"
