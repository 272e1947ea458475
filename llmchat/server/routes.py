"""The HTTP API as one table."""

from __future__ import annotations

from aiohttp import web

from llmchat.server import chat, health, jobs, metrics, models, page, search, stream

ROUTES = (
    web.get("/", page.page),
    web.get("/s/{hash}/{path:.+}", page.asset),
    web.post("/chat", chat.submit),
    web.delete("/chat/{job_id}", chat.cancel),
    web.get("/stream/{job_id}", stream.stream, allow_head=False),
    web.get("/models", models.models),
    web.get("/api/jobs", jobs.jobs),
    web.get("/api/jobs/{job_id}", jobs.job),
    web.get("/api/search", search.search),
    web.get("/health/live", health.live),
    web.get("/health/ready", health.ready),
    web.get("/metrics", metrics.metrics),
)
