"""The endpoints of OPENAI_BASE_URL, and the names that people know of endpoints."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count, repeat
from urllib.parse import urlsplit

from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.endpoint import EMBEDDED, Configured, Endpoint

_KNOWN_PORTS = {11434: "Ollama", 1234: "LM Studio"}
_KNOWN_HOSTS = {
    "api.openai.com": "OpenAI",
    "openrouter.ai": "OpenRouter",
    "api.anthropic.com": "Anthropic",
    "api.mistral.ai": "Mistral",
    "api.groq.com": "Groq",
    "api.deepseek.com": "DeepSeek",
    "api.together.xyz": "Together",
    "api.x.ai": "xAI",
    "generativelanguage.googleapis.com": "Google Gemini",
}


def configured_endpoints(settings: Settings) -> list[Configured]:
    """The endpoints of the settings with the key and model of each; "embedded" is one of them
    where it is listed.
    """
    found: list[Configured] = []
    keys = chain(settings.api_keys, repeat(""))
    models = chain(settings.default_models, repeat(""))
    least = chain(settings.endpoint_roles, repeat(Role.GUEST))
    for url, key, model, roles in zip(settings.base_urls, keys, models, least, strict=False):
        if url == EMBEDDED:
            found.append(Configured(Endpoint(EMBEDDED, "embedded", ""), model, roles))
            continue
        name = name_of(url, {one.endpoint.name for one in found})
        found.append(Configured(Endpoint(name, "configured", url, key), model, roles))
    return found


def name_of(url: str, taken: Collection[str] = ()) -> str:
    """What to call the endpoint at an address, if nobody says; none of `taken`."""
    parts = urlsplit(url)
    known = _KNOWN_HOSTS.get(parts.hostname or "") or _KNOWN_PORTS.get(parts.port or 0)
    names = chain((known or parts.netloc, parts.netloc, url), (f"{url} {n}" for n in count(2)))
    return next(name for name in names if name not in taken)
