"""What the handlers find in the application, by typed key."""

from __future__ import annotations

from aiohttp import web

from llmchat.jobs.service import JobService
from llmchat.server.assets import Assets
from llmchat.server.limits import Limits
from llmchat.server.sse import Streams
from llmchat.storage.search import SearchStore

JOBS = web.AppKey("jobs", JobService)
ASSETS = web.AppKey("assets", Assets)
LIMITS = web.AppKey("limits", Limits)
SEARCH = web.AppKey("search", SearchStore)
STREAMS = web.AppKey("streams", Streams)
HOST_NAMES = web.AppKey("host_names", frozenset[str])
