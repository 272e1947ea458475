"""T-SECRET: marked secrets, given in every way there is, are in no log, no file of the data folder,
no answer, no event and no process that does not need them, whatever goes wrong.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_faults import MODES
from tests.raw_http import Reply
from tests.security.conftest import Tell
from tests.security.program import ROOT, Target, run, upstream
from tests.system.program import alive, descendants
from tests.tools import hostile

MARK = "cAnArY7f3a"
ENVIRONMENT = f"sk-{MARK}-of-the-environment-0001"
PAGE = f"sk-{MARK}-of-the-page-0002"
HEADER = f"{MARK}-of-a-header-0003"
TOOL = f"{MARK}-of-a-tool-0004"
WEB_TOOL = f"{MARK}-of-a-tool-on-the-web-0005"
PROXY = f"{MARK}-of-a-proxy-0006"
WRONG = f"sk-{MARK}-of-nobody-0007"
# Where secrets belong: for the owner of the machine only.
KEPT = {"keys.json", "mcp.json"}
SLOW = {"upstream-stalled", "upstream-timeout", "upstream-too-large"}
LISTS = (
    *("/models", "/api/jobs?state=all", "/api/conversations", "/api/endpoints", "/api/settings"),
    *("/api/tools", "/api/keys", "/api/statistics?days=7", "/api/export", "/api/openapi.json"),
    *("/metrics", "/health/ready", "/health/live", "/api/search?q=cAnArY7f3a", "/"),
    *("/api/endpoints/discovered", "/api/prompts", "/api/presets"),
)


@pytest.fixture
def endpoint() -> Iterator[str]:
    with upstream() as url:
        yield url


def write_tools(folder: Path) -> None:
    """A server of tools that tells its secret, one that dies with it, and one on the web."""
    program = {"command": sys.executable, "env": {"EVIL_TOKEN": TOOL}}
    servers = {
        "evil": {**program, "args": [hostile.__file__, "deeds"]},
        "dead": {**program, "args": [hostile.__file__, "dies-at-once"]},
        "web": {"url": "http://127.0.0.1:9/mcp", "headers": {"Authorization": WEB_TOOL}},
    }
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    (folder / "mcp.json").chmod(0o600)


class Heard:
    """All that the server says, to whoever asks."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.streams: list[bytes] = []

    def ask(self, content: str, **members: object) -> str:
        """Ask, and read the stream to its end."""
        body = {"messages": [{"role": "user", "content": content}], **members}
        job = str(self.target.json("POST", "/chat", body)["job_id"])
        self.streams.append(self.stream(job))
        return job

    def stream(self, job: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.target.port, timeout=60)
        connection.request("GET", f"/stream/{job}")
        told = connection.getresponse().read()
        connection.close()
        return told

    def traces(self) -> list[str]:
        """Where a marked secret was said."""
        found = [
            f"{reply.status} {reply.body[:2000]!r}"
            for reply in self.target.replies
            if MARK in f"{reply.headers}{reply.body!r}"
        ]
        return found + [f"{one!r}"[-2000:] for one in self.streams if MARK.encode() in one]


def files_with(folder: Path, secret: bytes) -> set[str]:
    """The files below a folder that have it."""
    return {
        path.name for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()
    }


def processes_with(pids: list[int], secret: bytes) -> dict[str, list[int]]:
    """Those that have it in their environment or their arguments."""
    places = ("environ", "cmdline")
    found = {name: [p for p in pids if secret in read_process(p, name)] for name in places}
    return {name: with_it for name, with_it in found.items() if with_it}


def read_process(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return b""


@pytest.mark.timeout(180)
def test_no_secret_leaves_its_place_whatever_goes_wrong(
    tmp_path: Path, endpoint: str, tell: Tell
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    write_tools(folder)
    settings = {
        "OPENAI_BASE_URL": endpoint,
        "OPENAI_API_KEY": ENVIRONMENT,
        "DEFAULT_MODEL": "echo",
        "HTTPS_PROXY": f"http://user:{PROXY}@127.0.0.1:9",
    }
    with run(folder, **settings) as target:
        heard = Heard(target)
        add_endpoints(target, endpoint)
        own_key = target.json("POST", "/api/keys", {"name": "test"})["key"]
        target.replies.pop()  # the one answer that tells it
        secret = own_key.removeprefix("llmchat-")[:-4]

        errors = provoke(heard, endpoint)
        hear_tools(heard)
        kill_a_worker(heard)
        target.call("GET", "/v1/models", Authorization=f"Bearer {own_key}")
        target.call("GET", "/v1/models", Authorization=f"Bearer {own_key}x")
        target.call("GET", f"/stream/{WRONG}"[:-4], Authorization=f"Bearer {own_key}")
        for place in LISTS:
            read(target, place)
        server = target.process.pid
        children = descendants(server)
        pids = [server, *children]
        for given in (ENVIRONMENT, PAGE, HEADER, TOOL, WEB_TOOL, WRONG, secret):
            assert processes_with(children, given.encode()) == {}
        # What its user gave it stays in its own environment; a worker needs the proxy's, too.
        for given, places in ((ENVIRONMENT, {"environ"}), (PAGE, set()), (PROXY, {"environ"})):
            assert set(processes_with(pids, given.encode())) == places
        assert files_with(folder, MARK.encode()) == KEPT  # with the store as it is being written
        target.check(but=503)  # not ready, before the next worker is there
    assert heard.traces() == []
    assert [one for one in target.replies if secret in f"{one.headers}{one.body!r}"] == []
    assert [one for one in heard.streams if secret.encode() in one] == []
    assert files_with(tmp_path, MARK.encode()) == KEPT  # the log stands beside the folder
    assert files_with(tmp_path, secret.encode()) == set()
    for name in KEPT:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    told = examined(folder, settings)
    assert MARK not in told
    tell(
        f"7 marked secrets, {len(errors)} kinds of errors, {len(target.replies)} answers,"
        f" {len(heard.streams)} streams, {len(pids)} processes,"
        f" {sum(path.is_file() for path in tmp_path.rglob('*'))} files: 0 traces"
    )


def add_endpoints(target: Target, endpoint: str) -> None:
    """Endpoints with secrets of the page, and some that cannot be."""
    entry = {"base_url": endpoint, "key": PAGE, "headers": {"X-Team": HEADER}, "name": "page"}
    target.json("POST", "/api/endpoints", entry)
    target.call("POST", "/api/endpoints", {"base_url": f"http://user:{WRONG}@h/v1"})
    target.call("POST", "/api/endpoints", {"base_url": endpoint, "key": f"{WRONG} {WRONG}"})
    far = {"base_url": "https://1.1.1.1/v1", "key": WRONG, "name": "far"}  # by way of the proxy
    target.json("POST", "/api/endpoints", far)


def provoke(heard: Heard, endpoint: str) -> set[str]:
    """Every kind of error that an endpoint can have, and those of a key. Gives the codes."""
    by_code = {mode.code: name for name, mode in MODES.items() if mode.code not in SLOW}
    for name in by_code.values():
        order(endpoint, mode=name)
        heard.ask(f"mode {name}")
    order(endpoint, reset=True)
    for key in (PAGE, "of nobody"):  # it quotes the wrong one in its answer
        order(endpoint, key=key)
        heard.ask(f"hello with {len(key)}")
    order(endpoint, reset=True)
    for place in ("https://1.1.1.1/v1", "http://127.0.0.1:9/v1", endpoint):
        heard.target.call("POST", "/api/endpoints/test", {"base_url": place, "key": WRONG})
    return set(by_code)


def order(endpoint: str, **members: object) -> None:
    """Tell the endpoint what to do next."""
    request = urllib.request.Request(
        endpoint.removesuffix("/v1") + "/control",
        json.dumps(members).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:
        reply.read()


def hear_tools(heard: Heard) -> None:
    """Tools that tell their secret in a result, and as they die."""
    for name in ("injection", "dies", "environment"):
        body = {
            "content": f"evil__{name} {{}}",
            "model": "caller",
            "settings": {"tool_servers": ["evil", "dead", "web"]},
        }
        job = heard.target.json("POST", "/chat", body)["job_id"]
        connection = http.client.HTTPConnection("127.0.0.1", heard.target.port, timeout=60)
        connection.request("GET", f"/stream/{job}")
        told = connection.getresponse()
        lines = []
        for line in told:
            lines.append(line)
            if line.startswith(b"data: ") and b'"waiting"' in line:
                call = json.loads(line[6:])["id"]
                place = f"/chat/{job}/tools/{call}"
                assert heard.target.call("POST", place, {"decision": "once"}).status == 204
        connection.close()
        heard.streams.append(b"".join(lines))
        assert re.search(rb'"state":"(done|failed)"', heard.streams[-1]), heard.streams[-1].decode()


def kill_a_worker(heard: Heard) -> None:
    """A worker that dies while it holds the keys leaves nothing behind."""
    body = {"messages": [{"role": "user", "content": "hold"}], "model": "silent"}
    job = heard.target.json("POST", "/chat", body)["job_id"]
    children = descendants(heard.target.process.pid)
    for pid in children:
        os.kill(pid, signal.SIGSEGV)
    while any(map(alive, children)):
        pass
    heard.target.call("DELETE", f"/chat/{job}")
    heard.streams.append(heard.stream(job))


def read(target: Target, place: str) -> None:
    """Ask for a list; what comes in pieces is read, too."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    connection.request("GET", place)
    reply = connection.getresponse()
    target.replies.append(Reply(reply.status, dict(reply.getheaders()), reply.read()))
    connection.close()


def examined(folder: Path, settings: dict[str, str]) -> str:
    """What the doctor says, who looks at all of it."""
    environment = {"PATH": os.environ["PATH"], "LLMCHAT_DISCOVER": "0", "LLMCHAT_KEY_STORE": "file"}
    done = subprocess.run(
        [sys.executable, "-m", "llmchat", "doctor", "--data-dir", str(folder)],
        env={**environment, "XDG_CONFIG_HOME": str(folder), **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout
    return done.stdout + done.stderr
