"""What a mode of the fake API is, and the ways to write one."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fake_replies import Behaviour, Reply

TEXT = "Some text ä漢🙂."


@dataclass(frozen=True)
class Mode:
    """A behaviour and its outcome: `code` of the error, or "" and the finish reason."""

    run: Behaviour
    code: str = ""
    text: str = ""  # what must have been shown
    finish: str = "stop"
    transient: bool = False
    retry_after: float | None = None


def stream(*pieces: bytes | str, end: bool = True) -> Behaviour:
    """Headers, then each piece (text: as chunks) and, if wanted, a clean end of the body."""

    async def run(reply: Reply) -> None:
        await reply.head()
        for piece in pieces:
            await (reply.text(piece) if isinstance(piece, str) else reply.body(piece))
        if end:
            await reply.end()

    return run


def status(number: int, body: object, **headers: str) -> Behaviour:
    """A plain reply with that status."""

    async def run(reply: Reply) -> None:
        await reply.whole(number, body, **headers)

    return run


def error(message: str, **members: object) -> dict[str, object]:
    """An error body as OpenAI writes it."""
    return {"error": {"message": message, "type": None, "param": None, "code": None, **members}}


def raw(data: bytes) -> Behaviour:
    """Bytes on the socket, then an ordinary close."""

    async def run(reply: Reply) -> None:
        await reply.raw(data)
        reply.close()

    return run
