"""Every way in which an upstream can go wrong, by name, with the outcome that it must have.

The rows are those of SECURITY.md 3.3 that end inside a reply; what happens below (refused, DNS,
TLS, black hole) has tests of its own.
"""

from __future__ import annotations

import asyncio
import json

from tests.fake_dialects import DIALECTS, WHOLE
from tests.fake_modes import TEXT, Mode, error, raw, status, stream
from tests.fake_replies import DONE, HEAD, Reply, chunk, sse


async def _reset(reply: Reply) -> None:
    await reply.text(TEXT)
    await reply.controls.passed(1)
    reply.reset()


async def _reset_before(reply: Reply) -> None:
    reply.reset()


async def _cut(reply: Reply) -> None:
    await reply.text(TEXT)
    reply.close()


async def _bad_chunking(reply: Reply) -> None:
    await reply.text(TEXT)
    await asyncio.sleep(0.05)  # else aiohttp's parser refuses the whole segment, text and all
    await reply.raw(b"zz\r\nnonsense\r\n")
    reply.close()


async def _stall(reply: Reply) -> None:
    await reply.text(TEXT)
    await reply.hold()


async def _comments(reply: Reply) -> None:
    await reply.text(TEXT)
    while True:
        await reply.body(b": keep-alive\n\n" * 100)


async def _long_line(reply: Reply) -> None:
    """One line of 300 MB."""
    await reply.text(TEXT)
    await reply.body(b'data: {"choices":[{"delta":{"content":"')
    for _ in range(4800):
        await reply.body(b"x" * 65536)


def _tell(number: int, code: str) -> Mode:
    """An error that echoes the key and the question, as OpenAI, vLLM and proxies do."""

    async def run(reply: Reply) -> None:
        key = reply.recorded.headers.get("Authorization", "").removeprefix("Bearer ")
        told = f"Incorrect API key provided: {key} for '{reply.recorded.question()}'"
        if number == 200:
            await reply.body(sse(error(told)))
            await reply.end()
        else:
            await reply.whole(number, error(told))

    return Mode(run, code, transient=number in (429, 503))


async def _endless(reply: Reply) -> None:
    piece = sse(chunk("x" * 65536))
    while True:
        await reply.body(piece)


async def _huge_error(reply: Reply) -> None:
    await reply.raw(b"HTTP/1.1 400 X\r\nContent-Length: 300000000\r\n\r\n")
    while True:
        await reply.raw(b"x" * 65536)


async def _stalled_error(reply: Reply) -> None:
    await reply.raw(b"HTTP/1.1 500 X\r\nContent-Length: 1000\r\n\r\nsome")
    await reply.hold()


_STOP = sse(chunk(finish="stop"))
_END = _STOP + DONE
_PLAIN = sse(chunk(TEXT))
_CONTEXT = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."
_HTML = b"<!DOCTYPE html>\n<html><title>Log in</title><body>Log in to the network</body></html>\n"

_STATUS = {
    "status-400": Mode(status(400, error("No such parameter")), "upstream-rejected"),
    "status-400-plain": Mode(status(400, b"nope"), "upstream-rejected"),
    "status-400-huge": Mode(_huge_error, "upstream-rejected"),
    "status-404": Mode(status(404, {"detail": "Not Found"}), "upstream-rejected"),
    "status-404-model": Mode(
        status(404, error("The model `x` does not exist", code="model_not_found")),
        "upstream-model-not-found",
    ),
    "status-413": Mode(status(413, b"too big"), "upstream-rejected"),
    "status-422": Mode(status(422, {"detail": [{"msg": "field required"}]}), "upstream-rejected"),
    "context-openai": Mode(
        status(400, error(_CONTEXT, code="context_length_exceeded")), "upstream-context-length"
    ),
    "context-llamacpp": Mode(
        status(
            400,
            error("the request exceeds the available context", type="exceed_context_size_error"),
        ),
        "upstream-context-length",
    ),
    "context-vllm": Mode(
        status(400, {"object": "error", "message": _CONTEXT, "code": 400}),
        "upstream-context-length",
    ),
    **{
        f"no-vision-{name}": Mode(status(number, error(told)), "upstream-no-vision")
        for name, number, told in (
            ("openai", 400, "Invalid content type. image_url is only supported by certain models."),
            ("openrouter", 404, "No endpoints found that support image input"),
            ("llamacpp", 500, "image input is not supported - hint: you may need the mmproj"),
            ("llamacpp-parts", 500, 'Unsupported content part type: "image_url"; messages = ['),
            ("ollama", 400, "this model does not support image input (ref: 1)"),
            ("ollama-data", 500, "this model is missing data required for image input"),
            ("vllm", 400, "some/model is not a multimodal model None"),
            ("vllm-limit", 400, "At most 0 image(s) may be provided in one prompt."),
            ("lm-studio", 400, "Model does not support images. Please use a model that does."),
            ("mistral", 400, "Image input is not enabled for this model"),
            ("deepseek", 422, "messages[0]: unknown variant `image_url`, expected `text`"),
            ("groq", 400, "('messages.0.content' : value must be a string)"),
        )
    },
    **{
        f"no-tools-{name}": Mode(status(number, error(told)), "upstream-no-tools")
        for name, number, told in (
            ("openai", 400, "Unsupported parameter: 'tools' is not supported with this model."),
            ("openrouter", 404, "No endpoints found that support tool use."),
            ("llamacpp", 500, "tools param requires --jinja flag"),
            ("ollama", 400, "registry.ollama.ai/library/gemma does not support tools"),
            ("vllm", 400, '"auto" tool choice requires --enable-auto-tool-choice to be set'),
            ("mistral", 400, "Function calling is not enabled for this model"),
            ("groq", 400, "`tool calling` is not supported with this model"),
        )
    },
    "no-vision-stream": Mode(
        stream(sse(error("image input is not supported by this server", code=500))),
        "upstream-no-vision",
    ),
    "status-401": Mode(status(401, error("Incorrect API key provided")), "upstream-auth"),
    "status-403": Mode(status(403, b"<html>Forbidden</html>"), "upstream-auth"),
    "status-402": Mode(status(402, error("Insufficient credits")), "upstream-quota"),
    "rate-limit": Mode(status(429, error("slow down")), "upstream-rate-limited", transient=True),
    "rate-limit-7": Mode(
        status(429, error("slow down"), retry_after="7"),
        "upstream-rate-limited",
        transient=True,
        retry_after=7,
    ),
    "rate-limit-hour": Mode(
        status(429, error("slow down"), retry_after="3600"),
        "upstream-rate-limited",
        retry_after=3600,
    ),
    "rate-limit-garbage": Mode(
        status(429, error("slow down"), retry_after="soon"),
        "upstream-rate-limited",
        transient=True,
    ),
    "quota": Mode(
        status(429, error("You exceeded your current quota", code="insufficient_quota")),
        "upstream-quota",
    ),
    **{
        f"status-{number}": Mode(status(number, error("Oops")), "upstream-error", transient=True)
        for number in (500, 502, 503, 504, 529)
    },
    "status-501": Mode(status(501, error("Not implemented")), "upstream-error"),
    "status-500-stalled": Mode(_stalled_error, "upstream-error", transient=True),
    "status-503-gzip": Mode(
        status(503, b"\x1f\x8b\x08junk", content_encoding="gzip"), "upstream-error", transient=True
    ),
    **{
        f"redirect-{number}": Mode(
            status(number, b"", location="http://127.0.0.1:1/elsewhere"), "upstream-redirect"
        )
        for number in (301, 302, 307, 308)
    },
}

_CUTS = {
    "reset": Mode(_reset, "upstream-cut", TEXT, transient=True),
    "reset-before": Mode(_reset_before, "upstream-cut", transient=True),
    "cut": Mode(_cut, "upstream-cut", TEXT, transient=True),
    "short-length": Mode(
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + _PLAIN),
        "upstream-cut",
        TEXT,
        transient=True,
    ),
    "bad-chunking": Mode(_bad_chunking, "upstream-cut", TEXT, transient=True),
    "bad-chunking-at-once": Mode(raw(HEAD + b"zz\r\nnonsense\r\n"), "upstream-not-an-api"),
    "not-http": Mode(raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "upstream-not-an-api"),
    "truncated": Mode(stream(TEXT), "upstream-truncated", TEXT),
    "truncated-json": Mode(
        stream(TEXT, b'data: {"choices":[{"delta":{"conte'), "upstream-truncated", TEXT
    ),
    "truncated-http10": Mode(raw(b"HTTP/1.0 200 OK\r\n\r\n" + _PLAIN), "upstream-truncated", TEXT),
    "stall": Mode(_stall, "upstream-stalled", TEXT),
    "comments": Mode(_comments, "upstream-stalled", TEXT),
    "long-line": Mode(_long_line, "upstream-too-large", TEXT),
    "encoding": Mode(
        status(200, b"\x1f\x8b\x08junk", content_encoding="gzip"), "upstream-encoding"
    ),
    "empty": Mode(status(200, b""), "upstream-empty"),
    "empty-stream": Mode(stream(), "upstream-empty"),
    "only-comments": Mode(stream(b": hello\n\n"), "upstream-empty"),
    "html": Mode(status(200, _HTML, content_type="text/html"), "upstream-not-an-api"),
    "html-as-stream": Mode(stream(_HTML), "upstream-not-an-api"),
    "plain-text": Mode(status(200, b"It works!\n"), "upstream-not-an-api"),
    "foreign-json": Mode(status(200, {"hello": "world"}), "upstream-not-an-api"),
    "cut-json": Mode(status(200, json.dumps(WHOLE).encode()[:-9]), "upstream-bad-json"),
}

_ERRORS = {
    "error-object": Mode(stream(TEXT, sse(error("boom"))), "upstream-error", TEXT),
    "error-text": Mode(stream(TEXT, sse({"error": "boom"})), "upstream-error", TEXT),
    "error-vllm": Mode(
        stream(TEXT, sse({"object": "error", "message": "boom", "code": 400}), DONE),
        "upstream-error",
        TEXT,
    ),
    "error-line": Mode(
        stream(TEXT, b'error: {"code":500,"message":"boom"}\n\n'), "upstream-error", TEXT, "", True
    ),
    "error-event": Mode(
        stream(TEXT, b'event: error\ndata: {"message":"boom"}\n\n'), "upstream-error", TEXT
    ),
    "error-event-plain": Mode(
        stream(TEXT, b"event: error\ndata: it broke\n\n"), "upstream-error", TEXT
    ),
    "error-event-bare": Mode(stream(TEXT, b"event: error\n\n"), "upstream-error", TEXT),
    "error-overloaded": Mode(stream(sse(error("busy", code=503))), "upstream-error", "", "", True),
    "error-context": Mode(stream(sse(error(_CONTEXT, code=400))), "upstream-context-length"),
    "error-200-json": Mode(status(200, error("boom")), "upstream-error"),
    "finish-error": Mode(stream(TEXT, sse(chunk(finish="error")), DONE), "upstream-error", TEXT),
    "bad-json": Mode(stream(TEXT, b'data: {"choices":[}\n\n', _END), "upstream-bad-json", TEXT),
    "error-beside-no-json": Mode(
        stream(TEXT, b'data: {"error":"boom","foo":"\xff"}\n\n'), "upstream-error", TEXT
    ),
    "many-lines": Mode(
        stream(TEXT, *[b'data: "' + b"a" * 100_000 + b"\n"] * 20, _END), "upstream-too-large", TEXT
    ),
    "deep-json": Mode(
        stream(TEXT, b"data: " + b"[" * 200_000 + b"\n\n", _END), "upstream-bad-json", TEXT
    ),
    "bad-utf8": Mode(
        stream(TEXT, b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n', _END),
        "upstream-bad-utf8",
        TEXT,
    ),
}

_TELLING = {
    "tells-200": _tell(200, "upstream-error"),
    "tells-400": _tell(400, "upstream-rejected"),
    "tells-401": _tell(401, "upstream-auth"),
    "tells-429": _tell(429, "upstream-rate-limited"),
    "tells-503": _tell(503, "upstream-error"),
}

MODES: dict[str, Mode] = {
    **_TELLING,
    **_STATUS,
    **_CUTS,
    **_ERRORS,
    **DIALECTS,
    "endless": Mode(_endless, "upstream-too-large", "x"),
}
