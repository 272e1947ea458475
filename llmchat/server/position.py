"""The place in a job's log that a request names."""

from __future__ import annotations

from aiohttp import web

from llmchat.domain.job import START, EventId
from llmchat.jobs.log import JobLog
from llmchat.server.problems import refusal


def last_event_id(request: web.Request, log: JobLog) -> EventId | None:
    """The id after which a stream goes on: of `Last-Event-ID`, else of `?after=`.

    An EventSource that reconnects repeats the address it was opened with: its header is newer.
    """
    given = request.headers.getall("Last-Event-ID", []) or request.query.getall("after", [])
    return _position(given, log)


def after(request: web.Request, log: JobLog) -> EventId | None:
    """The id in `?after=`."""
    return _position(request.query.getall("after", []), log)


def seen(request: web.Request, log: JobLog) -> EventId | None:
    """The id in `?seen=`."""
    return _position(request.query.getall("seen", []), log)


def _position(given: list[str], log: JobLog) -> EventId | None:
    """RequestError (400) for what is no id, or one that the job has not reached."""
    if not given:
        return None
    try:
        (text,) = given
        position = EventId.parse(text)
    except ValueError:
        raise refusal("last-event-id", "Use the id of an event of this stream.") from None
    if position > (log.published_id or START):
        raise refusal("last-event-id", "The stream has not come that far.")
    return position
