"""The program as its users start it, spoken to by hand over sockets, with either HTTP parser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.raw_http import Reply, exchange, request_bytes

ROOT = Path(__file__).parents[2]
PARSERS = ("c", "py")
FORM = "multipart/form-data; boundary=x"


@dataclass
class Target:
    """A running llmchat. `replies` are all answers that it gave to `send`."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    log: Path
    replies: list[Reply] = field(default_factory=list, repr=False)

    def send(self, request: bytes, *, until_closed: bool = False) -> Reply:
        """Send bytes, and read the answer."""
        reply = exchange(self.port, request, until_closed=until_closed)
        self.replies.append(reply)
        return reply

    def call(self, method: str, target: str, body: object = None, **headers: str) -> Reply:
        """Send JSON, or nothing."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(
            request_bytes(method, target, port=self.port, headers=fields, body=content)
        )

    def upload(self, name: str, content: bytes, target: str = "/api/files") -> Reply:
        """Send a file in a form."""
        quoted = name.replace("\\", "\\\\").replace('"', "%22")
        head = f'--x\r\nContent-Disposition: form-data; name="f"; filename="{quoted}"\r\n\r\n'
        body = head.encode() + content + b"\r\n--x--\r\n"
        return self.call("POST", target, body, Content_Type=FORM)

    def json(self, method: str, target: str, body: object = None, **headers: str) -> Any:
        """The JSON of an answer that must be good."""
        reply = self.call(method, target, body, **headers)
        assert reply.status < 300, reply
        return reply.json() if reply.body else None

    def check(self, *, but: int = 0) -> None:
        """It is the process that was started, it answers, and has told of no mistake; `but` is a
        status that is right where something was broken.
        """
        assert self.process.poll() is None
        assert self.call("GET", "/health/live").status == 200
        assert [one for one in self.replies if one.status >= 500 and one.status != but] == []
        assert "Traceback" not in self.log.read_text()


@contextmanager
def run(folder: Path, *, parser: str = "c", **environment: str) -> Iterator[Target]:
    """Start llmchat on a free port with its data in `folder`; what it says is kept beside that."""
    log = folder.parent / f"{folder.name}.log"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    settings = {
        "LLMCHAT_DISCOVER": "0",
        "LLMCHAT_KEY_STORE": "file",
        "LLMCHAT_LOG_LEVEL": "debug",
        "XDG_CONFIG_HOME": str(folder),
        "AIOHTTP_NO_EXTENSIONS": "1" if parser == "py" else "",
    }
    with log.open("w") as errors:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "llmchat", "--port", "0", "--no-browser"),
                *("--data-dir", str(folder)),
            ],
            env={**inherited, **settings, **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            text=True,
        )
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        port = re.search(r"http://[^ ]*:(\d+)", first)
        assert port is not None, log.read_text()
        try:
            compiled = "/_http_parser." in Path(f"/proc/{process.pid}/maps").read_text()
            assert compiled == (parser == "c")
            yield Target(process, int(port[1]), folder, log)
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def upstream() -> Iterator[str]:
    """The fake endpoint in a process of its own; gives its base URL."""
    with subprocess.Popen(
        [sys.executable, "tests/fake_openai.py", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate()
