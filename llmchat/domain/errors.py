"""Every error that llmchat tells a person about, as one tree.

LLMChatError                code, status, message
├── ConfigError             the program cannot start like this: exit code and one line
├── RequestError            the request is at fault (4xx): problem+json
│   ├── NoSuchJobError      404, also for what is not yours
│   ├── NoSuchConversationError, NoSuchMessageError, NoSuchAccountError  the same
│   ├── NotWaitingError     409: nobody has to decide about this call
│   ├── RunningError        409: an answer is being written there
│   └── StaleError          409: the conversation has gone on meanwhile
├── UnavailableError        try again later (503 + Retry-After)
│   └── StorageError        the store cannot write now (503), or its disk is full (507)
└── ProviderError           a model could not answer: the final `error` event of a job
"""

from __future__ import annotations

import os
from collections.abc import Sequence

# Windows has no sysexits in `os`; the numbers are those of sysexits.h everywhere.
EX_USAGE = 64
EX_DATAERR = 65
EX_NOINPUT = 66
EX_UNAVAILABLE = 69
EX_CANTCREAT = getattr(os, "EX_CANTCREAT", 73)
EX_TEMPFAIL = 75
EX_CONFIG = 78


class LLMChatError(Exception):
    """`code` is stable and documented; `message` is for a person and holds no secret."""

    code = "internal"
    status = 500

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class ConfigError(LLMChatError):
    """A start that cannot work. `exit_code` is one of sysexits.h."""

    code = "config"

    def __init__(self, message: str, *, exit_code: int = EX_CONFIG) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class RequestError(LLMChatError):
    """`errors` are `(JSON pointer, detail)` pairs; `headers` go into the response, e.g. `Allow`."""

    code = "bad-request"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.errors = errors
        self.headers = headers or {}


class NoSuchJobError(RequestError):
    """The job is unknown, or its log is no longer kept."""

    code = "no-such-job"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such job, or its answer is no longer kept.")


class NoSuchConversationError(RequestError):
    """The conversation is unknown, deleted for good, or of somebody else."""

    code = "no-such-conversation"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such conversation.")


class NoSuchAccountError(RequestError):
    """The account is unknown, or was deleted."""

    code = "no-such-account"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class NoSuchPromptError(RequestError):
    """The prompt is unknown, or of somebody else."""

    code = "no-such-prompt"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such prompt. It was probably deleted on another device.")


class NoSuchPresetError(RequestError):
    """The preset is unknown, or of somebody else."""

    code = "no-such-preset"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such preset. It was probably deleted on another device.")


class NoSuchProjectError(RequestError):
    """The project is unknown, or of somebody else."""

    code = "no-such-project"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such project. It was probably deleted on another device.")


class TooManyKeptError(RequestError):
    """There is no room for more prompts, presets, projects or links."""

    code = "too-many-kept"
    status = 422


class NoSuchMessageError(RequestError):
    """The conversation has no such message."""

    code = "no-such-message"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such message in this conversation.")


class NotWaitingError(RequestError):
    """A decision about a call of a tool that does not wait for one, or not any more."""

    code = "not-waiting"
    status = 409

    def __init__(self) -> None:
        super().__init__("This call does not wait for a decision, or not any more.")


class RunningError(RequestError):
    """What is asked for needs an answer that is still being written."""

    code = "running"
    status = 409

    def __init__(self) -> None:
        super().__init__("An answer is being written here. Wait until it is done, or stop it.")


class StaleError(RequestError):
    """A message came for a place that has a next message already. `tail` is what came below it,
    `active` what the branch in view ends with.
    """

    code = "stale"
    status = 409

    def __init__(self, tail: Sequence[object], active: str | None) -> None:
        super().__init__(
            "The conversation has gone on meanwhile. See what is new, then send again."
        )
        self.tail = tail
        self.active = active


class UnavailableError(LLMChatError):
    """A limit of the server is met for now; `retry_after_seconds` goes into `Retry-After`."""

    code = "unavailable"
    status = 503

    def __init__(
        self, message: str, *, code: str | None = None, retry_after_seconds: int = 5
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds


class StorageError(UnavailableError):
    """The store could not read or write: locked by another program, broken, or out of space."""

    code = "storage"


class StorageFullError(StorageError):
    """There is no space left; what was stored before can still be read."""

    code = "storage-full"
    status = 507


class ProviderError(LLMChatError):
    """A model or its endpoint failed.

    `transient` means that the same request may succeed soon: the worker repeats it, as long as
    nothing was shown. `retryable` means that a person may press "Try again". `retry_after_seconds`
    is what the endpoint asked for, already checked to be finite and not negative.
    """

    code = "upstream-error"
    status = 502

    def __init__(
        self,
        message: str,
        *,
        code: str,
        transient: bool = False,
        retryable: bool = True,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.transient = transient
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds


# The codes of the final `error` event of a job, and what each means; docs/errors.md shows them.
JOB_ERRORS = {
    "upstream-unreachable": "The endpoint is not there: refused, no such host, no route.",
    "upstream-forbidden": "The address is one that llmchat does not call.",
    "upstream-tls": "No secure connection could be made.",
    "upstream-timeout": "Connecting, or the first text, took longer than its limit.",
    "upstream-rejected": "The endpoint refused the request (400, 404, 413, 422).",
    "upstream-context-length": "The chat is longer than the model can read.",
    "upstream-model-not-found": "The endpoint does not have the model.",
    "upstream-no-vision": "The model cannot read the images of the chat.",
    "upstream-no-tools": "The model cannot call tools.",
    "upstream-no-model": "The endpoint lists no model, and DEFAULT_MODEL is not set.",
    "upstream-auth": "The endpoint did not accept the key (401, 403).",
    "upstream-rate-limited": "The endpoint gets too many requests (429).",
    "upstream-quota": "The account has no credit left.",
    "upstream-redirect": "The endpoint redirects; no key or chat is sent after a redirect.",
    "upstream-stalled": "No text came for longer than the limit between two pieces.",
    "upstream-cut": "The connection broke before the answer was complete.",
    "upstream-truncated": "The stream ended without saying that the answer is complete.",
    "upstream-error": "The endpoint reported an error (5xx, or inside the stream).",
    "upstream-bad-json": "The endpoint sent an event that is not JSON.",
    "upstream-bad-utf8": "The endpoint sent bytes that are not UTF-8.",
    "upstream-not-an-api": "There is no OpenAI-compatible API at the address.",
    "upstream-empty": "The endpoint sent an empty answer.",
    "upstream-too-large": "The answer, or one event of it, is larger than the limit.",
    "upstream-encoding": "The endpoint sent compressed data that was not asked for.",
    "job-timeout": "The answer took longer than the limit for a whole answer.",
    "worker-crashed": "The worker process ended; text that was shown is kept.",
    "interrupted": "llmchat was stopped before the answer was complete.",
    "storage": "The answer could not be stored: the disk is full, or the store is broken.",
    "model-not-loaded": "The model of this machine cannot be loaded.",
    "model-no-memory": "There is too little free memory for the model.",
    "no-such-endpoint": "The endpoint of the job is no longer configured.",
    "internal": "llmchat made a mistake; the log says more.",
}

# The codes of calls of tools that did not give a result.
TOOL_ERRORS = {
    "tool-config": "`mcp.json` cannot be used; the message says why.",
    "tool-server-missing": "The server is not in `mcp.json`, or its program cannot be started.",
    "tool-server-unreachable": "The server does not answer, or not as MCP has it.",
    "tool-server-ended": "The server ended, or was ended since it sent far too much.",
    "tool-unknown": "The model called a tool that there is not.",
    "tool-arguments": "The model wrote arguments that are no JSON object.",
    "tool-too-many": "The model called too many tools at once.",
    "tool-unanswered": "Nobody decided about the call in ten minutes.",
    "tool-timeout": "The tool took longer than the `timeout` of its server.",
    "tool-failed": "The server refused the call.",
    "tool-bad-reply": "The server replied in a way that MCP does not have.",
}

# The codes of what else people are told: why something is as it is.
REASONS = {
    "worker-ended": "`status`: the worker process ended before anything was shown.",
    "model-ended": "`status`: the process of the model did.",
    "server-restarted": "`status`: llmchat was started again.",
    "default-configured": "`GET /models`: the default endpoint is configured.",
    "default-built-in": "`GET /models`: the built-in model is configured as the default.",
    "default-local": "`GET /models`: a model file of this machine is configured as the default.",
    "default-found": "`GET /models`: the default endpoint was found on this machine.",
    "default-nothing-found": "`GET /models`: no endpoint is configured, and none was found.",
    "storage-network": "Notice: the data folder is on a network file system.",
    "storage-temporary": "Notice: the data folder cannot be written, so nothing is kept.",
    "storage-full": "Notice: the disk is full.",
}

# What another endpoint may do better; the others are the fault of the question, or of us.
FAILOVER_CODES = frozenset(
    {
        "upstream-unreachable",
        "upstream-forbidden",
        "upstream-tls",
        "upstream-timeout",
        "upstream-model-not-found",
        "upstream-no-model",
        "upstream-auth",
        "upstream-rate-limited",
        "upstream-quota",
        "upstream-redirect",
        "upstream-stalled",
        "upstream-cut",
        "upstream-truncated",
        "upstream-error",
        "upstream-bad-json",
        "upstream-bad-utf8",
        "upstream-not-an-api",
        "upstream-empty",
        "upstream-encoding",
        "model-not-loaded",
        "model-no-memory",
        "no-such-endpoint",
    }
)
