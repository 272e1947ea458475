"""What is measured: each target is started as a program of its own, and spoken to by HTTP."""

from __future__ import annotations

import contextlib
import json
import shlex
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import processes, tools

SLOTS = "4000"  # more answers at once than any scenario asks for


@dataclass(frozen=True, slots=True)
class Setup:
    """What a target needs to know: a folder of its own, the upstream, and which llmchat to run."""

    folder: Path
    upstream: int
    llmchat: str
    root: Path
    models: Sequence[str] = ()
    slots: str = SLOTS


@dataclass(frozen=True, slots=True)
class Running:
    """A target that answers. `pid` is 0 where there is no process but the upstream."""

    name: str
    port: int
    protocol: str
    pid: int = 0
    live_seconds: float = 0.0
    ready_seconds: float = 0.0
    path: str | None = None
    token: str | None = None

    def load(self, model: str, **options: float) -> tools.Load:
        """Run the load generator against it."""
        return tools.load(self.port, self.protocol, model, **self._options(), **options)

    def start_load(self, model: str, **options: float) -> subprocess.Popen[str]:
        """The same without waiting."""
        return tools.start_load(self.port, self.protocol, model, **self._options(), **options)

    def _options(self) -> dict[str, str | None]:
        return {"path": self.path, "token": self.token}


@contextlib.contextmanager
def direct(setup: Setup) -> Iterator[Running]:
    """The upstream itself: what the two native tools cost."""
    yield Running("direct", setup.upstream, "openai")


NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors;
worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    tcp_nodelay on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream mock {{ server 127.0.0.1:{upstream}; keepalive 2048; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://mock;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 600s;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(setup: Setup) -> Iterator[Running]:
    """Debian's nginx without buffering: one worker process, as one core is left for it."""
    program = tools.install("nginx", "nginx-light")
    port = free_port()
    config = setup.folder / "nginx.conf"
    config.write_text(NGINX.format(folder=setup.folder, upstream=setup.upstream, port=port))
    command = [program, "-e", str(setup.folder / "errors"), "-c", str(config)]
    with _started("nginx", setup, Program(command, port, "/v1/models")) as target:
        yield target


@contextlib.contextmanager
def llmchat(setup: Setup) -> Iterator[Running]:
    """This program as its users start it, everything stored as always."""
    environment = {
        "LLMCHAT_DISCOVER": "0",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{setup.upstream}/v1",
        "LLMCHAT_ENDPOINT_SLOTS": setup.slots,
        "LLMCHAT_MAX_CONNECTIONS": SLOTS,
        "LLMCHAT_MAX_QUEUED": "20000",
    }
    port = free_port()
    flags = ["--port", str(port), "--no-browser", "--data-dir", str(setup.folder / "data")]
    command = [*shlex.split(setup.llmchat), *flags]
    program = Program(command, port, "/health/live", "/health/ready", "jobs", environment)
    with _started("llmchat", setup, program) as target:
        yield target


@contextlib.contextmanager
def seed(setup: Setup) -> Iterator[Running]:
    """The baseline (bench/seed_design.py)."""
    port = free_port()
    command = [tools.python_of("seed"), str(tools.ROOT / "bench/seed_design.py"), str(port)]
    environment = {"OPENAI_BASE_URL": f"http://127.0.0.1:{setup.upstream}/v1"}
    program = Program(command, port, "/health", protocol="jobs", environment=environment)
    with _started("seed", setup, program) as target:
        yield target


@contextlib.contextmanager
def litellm(setup: Setup) -> Iterator[Running]:
    """LiteLLM's proxy: one worker process as by default, no database, no logging of requests."""
    port = free_port()
    base = f"http://127.0.0.1:{setup.upstream}/v1"
    config = {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {"model": f"openai/{name}", "api_base": base, "api_key": "none"},
            }
            for name in setup.models
        ]
    }
    path = setup.folder / "config.yaml"
    path.write_text(json.dumps(config))  # which is YAML too
    python = tools.python_of("litellm")
    command = [str(Path(python).with_name("litellm")), "--config", str(path), "--port", str(port)]
    environment = {
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network for prices
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # no check is the fastest
    }
    flags = ["--host", "127.0.0.1", "--telemetry", "False"]
    live = "/health/liveliness"
    program = Program([*command, *flags], port, live, environment=environment)
    with _started("litellm", setup, program) as target:
        yield target


@contextlib.contextmanager
def open_webui(setup: Setup) -> Iterator[Running]:
    """Open WebUI by its API, as its only user; what would fetch models of its own is off."""
    port = free_port()
    python = tools.python_of("open-webui")
    command = [str(Path(python).with_name("open-webui")), "serve", "--host", "127.0.0.1"]
    environment = {
        "DATA_DIR": str(setup.folder),
        "WEBUI_AUTH": "False",
        "WEBUI_SECRET_KEY": "bench",
        "OPENAI_API_BASE_URL": f"http://127.0.0.1:{setup.upstream}/v1",
        "OPENAI_API_KEY": "none",
        "ENABLE_OLLAMA_API": "False",
        "RAG_EMBEDDING_ENGINE": "openai",
        "OFFLINE_MODE": "True",
    }
    program = Program([*command, "--port", str(port)], port, "/health", environment=environment)
    with _started("open-webui", setup, program) as target:
        headers = {"Content-Type": "application/json"}
        url = f"http://127.0.0.1:{port}/api"
        body = b'{"email": "", "password": ""}'
        asking = urllib.request.Request(f"{url}/v1/auths/signin", body, headers)
        with urllib.request.urlopen(asking, timeout=60) as reply:
            token = json.load(reply)["token"]
        asking = urllib.request.Request(
            f"{url}/models", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(asking, timeout=60) as reply:
            reply.read()  # it looks for models when it is asked for them
        yield replace(target, path="/api/chat/completions", token=token)


@dataclass(frozen=True, slots=True)
class Program:
    """How to start a target, and how to see that it answers (`live`) and is ready (`ready`)."""

    command: Sequence[str]
    port: int
    live: str
    ready: str = ""
    protocol: str = "openai"
    environment: Mapping[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def _started(name: str, setup: Setup, program: Program) -> Iterator[Running]:
    started = time.monotonic()
    log = setup.folder / f"{name}.log"
    environment = {"HOME": str(setup.folder), **program.environment}
    with processes.running(program.command, environment, setup.root, log) as process:
        moments: list[float] = []
        for path in (program.live, program.ready or program.live):
            while not _answers(f"http://127.0.0.1:{program.port}{path}"):
                if process.poll() is not None or time.monotonic() > started + 180:
                    raise RuntimeError(f"{name} did not start: {log.read_text()[-2000:]}")
                time.sleep(0.005)
            moments.append(time.monotonic() - started)
        live, ready = moments
        yield Running(name, program.port, program.protocol, process.pid, live, ready)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return int(reply.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


TARGETS: dict[str, Callable[[Setup], contextlib.AbstractContextManager[Running]]] = {
    "direct": direct,
    "nginx": nginx,
    "seed": seed,
    "litellm": litellm,
    "open-webui": open_webui,
    "llmchat": llmchat,
}
