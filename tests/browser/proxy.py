"""Debian's nginx with Debian's settings in front of an llmchat."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from scripts.nginx import find

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = Path("/etc/nginx/nginx.conf")
BARE = "location /chat/ {\n    proxy_pass http://127.0.0.1:8000;\n}"


def documented() -> str:
    """What README.md says to put into the configuration."""
    found = re.search(r"```nginx\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextlib.asynccontextmanager
async def nginx(folder: Path, location: str, port: int) -> AsyncIterator[int]:
    """Run it with a location that leads to `port`; gives the port of its own."""
    own = _free_port()
    location = location.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    site = folder / "site.conf"
    folders = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    site.write_text(f"{folders}server {{\nlisten 127.0.0.1:{own};\n{location}\n}}\n")
    configuration = folder / "nginx.conf"
    configuration.write_text(_debians(folder, site))
    program = find()
    assert program is not None, "install the package nginx-light"
    command = (program, "-p", str(folder), "-c", str(configuration), "-e", "stderr")
    process = await asyncio.create_subprocess_exec(*command, "-g", "daemon off;")
    try:
        await _listening(own, process)
        yield own
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _debians(folder: Path, site: Path) -> str:
    """Its nginx.conf, with our own user, files and site."""
    text = CONFIGURATION.read_text()
    user = "user root;" if os.geteuid() == 0 else ""
    text = re.sub(r"^user .*;$", user, text, flags=re.M)
    text = re.sub(r"^\s*pid .*;$", f"pid {folder / 'pid'};", text, flags=re.M)
    text = re.sub(r"/var/log/nginx/", f"{folder}/", text)
    text = re.sub(r"^\s*include /etc/nginx/(conf\.d|modules-enabled)/.*;$", "", text, flags=re.M)
    text, count = re.subn(r"include /etc/nginx/sites-enabled/\*;", f"include {site};", text)
    assert count == 1
    return text


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    while True:
        assert process.returncode is None
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
