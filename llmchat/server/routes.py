"""The HTTP API as one table."""

from __future__ import annotations

from aiohttp import web

from llmchat.server import (
    changes,
    chat,
    conversations,
    export,
    files,
    health,
    imports,
    jobs,
    messages,
    metrics,
    modelfiles,
    models,
    openapi,
    page,
    search,
    settings,
    statistics,
    stream,
)

_CONVERSATION = "/api/conversations/{conversation_id}"

ROUTES = (
    web.get("/", page.page),
    web.get("/s/{hash}/{path:.+}", page.asset),
    web.post("/chat", chat.submit),
    web.delete("/chat/{job_id}", chat.cancel),
    web.get("/stream/{job_id}", stream.stream, allow_head=False),
    web.get("/models", models.models),
    web.post("/api/models", modelfiles.add),
    web.delete("/api/models/{file}", modelfiles.remove),
    web.get("/api/jobs", jobs.jobs),
    web.get("/api/jobs/{job_id}", jobs.job),
    web.get("/api/search", search.search),
    web.get("/api/conversations", conversations.conversations),
    web.delete("/api/conversations", conversations.delete_all),
    web.post("/api/conversations/batch", conversations.batch),
    web.get(_CONVERSATION, conversations.conversation),
    web.patch(_CONVERSATION, conversations.patch),
    web.delete(_CONVERSATION, conversations.delete),
    web.post(f"{_CONVERSATION}/restore", conversations.restore),
    web.post(f"{_CONVERSATION}/fork", conversations.fork),
    web.post(f"{_CONVERSATION}/messages", messages.add),
    web.patch(f"{_CONVERSATION}/messages/{{message_id}}", messages.patch),
    web.delete(f"{_CONVERSATION}/messages/{{message_id}}", messages.delete),
    web.get("/api/changes", changes.changes, allow_head=False),
    web.get("/api/settings", settings.settings),
    web.patch("/api/settings", settings.patch),
    web.get("/api/statistics", statistics.statistics),
    web.post("/api/files", files.add),
    web.get("/api/files/{file}", files.file),
    web.get("/api/export", export.everything, allow_head=False),
    web.post("/api/export", export.chosen),
    web.get("/api/conversations/{conversation_id}/export", export.one, allow_head=False),
    web.post("/api/import", imports.start),
    web.get("/api/import/{import_id}", imports.state),
    web.delete("/api/import/{import_id}", imports.cancel),
    web.get("/api/openapi.json", openapi.openapi),
    web.get("/health/live", health.live),
    web.get("/health/ready", health.ready),
    web.get("/metrics", metrics.metrics),
)
