"""The port: free, ours, or another program's; and how a server that runs feels."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from llmchat import listener
from llmchat.config import Settings
from llmchat.doctor.report import Check
from llmchat.domain.errors import ConfigError
from llmchat.storage.lock import Owner

SECONDS = 3.0


def port(settings: Settings, owner: Owner | None) -> Iterator[Check]:
    """Whether a server could be started, or is there. `owner` has the data folder."""
    if settings.port == 0:
        yield Check("port", "ok", "any free one will be taken")
        return
    host = "127.0.0.1" if settings.host in {"", "localhost"} else settings.host
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{settings.port}{settings.base_path}"
    if _ask(url, "/health/live") is not None:
        if owner is not None and owner.url in ("", url):
            yield Check("port", "ok", f"the llmchat of this data folder serves at {url}")
            return
        yield Check(
            "port",
            "fail",
            f"an llmchat with another data folder serves at {url}.",
            f"Use that one, or choose another port, e.g. --port {_next(settings.port)}.",
        )
        return
    try:
        for listening in listener.bind(settings.host, settings.port):
            listening.close()
    except ConfigError as error:
        yield Check("port", "fail", error.message)
    else:
        yield Check("port", "ok", f"{settings.port} is free")


def server(owner: Owner) -> Iterator[Check]:
    """What a running server says of itself."""
    if not owner.url:
        return
    reply = _ask(owner.url, "/health/ready")
    if reply is None:
        yield Check(
            "server",
            "fail",
            f"process {owner.pid} does not answer at {owner.url}.",
            "Look at its log; if it hangs, end it and start it again.",
        )
    elif isinstance(missing := reply.get("missing"), dict):
        told = ", ".join(f"{part}: {why}" for part, why in missing.items())
        yield Check("server", "fail", f"it is not ready ({told}).", "Its log says more.")
    else:
        yield Check("server", "ok", f"process {owner.pid} is ready at {owner.url}")


def _ask(url: str, path: str) -> dict[str, object] | None:
    """The JSON that an llmchat answers; None if there is none, or something else answers."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=SECONDS)
    try:
        connection.request("GET", address.path + path)
        reply = connection.getresponse()
        body = json.loads(reply.read(65536))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    ours = reply.headers.get("Server") == "llmchat" and isinstance(body, dict)
    return body if ours else None


def _next(number: int) -> int:
    return min(number + 1, 65535)
