"""What the handlers find in the application, by typed key."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from llmchat.attachments.documents import Documents
from llmchat.attachments.limits import FileLimits
from llmchat.conversations.projects import ProjectService
from llmchat.conversations.service import ConversationService
from llmchat.endpoints.registry import Registry
from llmchat.jobs.quotas import Quotas
from llmchat.jobs.service import JobService
from llmchat.server.assets import Assets
from llmchat.server.caller import account_of as account_of
from llmchat.server.caller import role_of as role_of
from llmchat.server.limits import Limits
from llmchat.server.sse import Streams
from llmchat.storage.files import FileStore
from llmchat.storage.presets import PresetStore
from llmchat.storage.prompts import PromptStore
from llmchat.storage.search import SearchStore
from llmchat.storage.settings import SettingsStore
from llmchat.storage.shares import ShareStore
from llmchat.storage.statistics import StatisticsStore
from llmchat.transfer.service import ImportService

JOBS = web.AppKey("jobs", JobService)
QUOTAS = web.AppKey("quotas", Quotas)
ENDPOINTS = web.AppKey("endpoints", Registry)
CONVERSATIONS = web.AppKey("conversations", ConversationService)
SETTINGS = web.AppKey("settings", SettingsStore)
PROMPTS = web.AppKey("prompts", PromptStore)
PROJECTS = web.AppKey("projects", ProjectService)
PRESETS = web.AppKey("presets", PresetStore)
SHARES = web.AppKey("shares", ShareStore)
ASSETS = web.AppKey("assets", Assets)
LIMITS = web.AppKey("limits", Limits)
DOCUMENTS = web.AppKey("documents", Documents)
FILE_LIMITS = web.AppKey("file_limits", FileLimits)
FILES = web.AppKey("files", FileStore)
IMPORTS = web.AppKey("imports", ImportService)
STATISTICS = web.AppKey("statistics", StatisticsStore)
SEARCH = web.AppKey("search", SearchStore)
TOOLS_FILE = web.AppKey("tools_file", Path)
STREAMS = web.AppKey("streams", Streams)
PROGRAM_STREAMS = web.AppKey("program_streams", Streams)  # they may go on while the server stops
BASE_PATH = web.AppKey("base_path", str)
HOST_NAMES = web.AppKey("host_names", frozenset[str])
