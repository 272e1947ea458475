"""`llmchat doctor --security`: each weakness of an installation is found, with what to do."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmchat import floors
from llmchat.config import Settings
from llmchat.doctor import reach
from llmchat.doctor.report import Check

ROOT = Path(__file__).resolve().parents[2]
CANARY = "sk-canary-5ec0rity"


@dataclass
class Findings:
    code: int
    checks: list[dict[str, str]]
    output: str

    def of(self, name: str, state: str) -> str:
        """Messages and hints of the checks like that, empty if there is none."""
        found = [one for one in self.checks if (one["name"], one["state"]) == (name, state)]
        return "\n".join(f"{one['message']} {one['hint']}" for one in found)


def doctor(data: Path, *, umask: int = 0o077, core: int = 0, **environment: str) -> Findings:
    def before() -> None:
        os.umask(umask)
        resource.setrlimit(
            resource.RLIMIT_CORE, (core, resource.getrlimit(resource.RLIMIT_CORE)[1])
        )

    command = [sys.executable, "-m", "llmchat", "doctor", "--security", "--json"]
    result = subprocess.run(
        [*command, "--data-dir", str(data)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(data.parent),
            "LLMCHAT_KEY_STORE": "file",
            "LLMCHAT_ENV_FILE": os.devnull,
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
    )
    assert result.stderr == ""
    checks = json.loads(result.stdout)["checks"]
    return Findings(result.returncode, checks, result.stdout)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as llmchat makes it, with a file that holds keys."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "keys.json").write_text("{}")
    (folder / "keys.json").chmod(0o600)
    return folder


def test_a_closed_installation_has_no_problem(data: Path) -> None:
    found = doctor(data)
    assert found.code == 0
    assert [one for one in found.checks if one["state"] == "fail"] == []
    for name in ("umask", "core dumps", "data folder", "files", "keys", "address", "hosts"):
        assert found.of(name, "ok"), name
        assert not found.of(name, "warn"), name
    assert "no other machine is asked" in found.of("endpoints", "ok")
    assert "at least 3.14.3" in found.of("versions", "ok")
    assert found.of("account", "warn" if os.geteuid() == 0 else "ok")


def test_open_files_and_an_open_folder_are_problems(data: Path) -> None:
    data.chmod(0o755)
    for name, text in (("mcp.json", '{"mcpServers": {}}'), ("endpoints.json", "{}")):
        (data / name).write_text(text)
        (data / name).chmod(0o644)
    before = {path: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}
    found = doctor(data)
    assert found.code == 1
    assert f"chmod 700 {data}" in found.of("data folder", "fail")
    for name in ("mcp.json", "endpoints.json"):
        assert f"chmod 600 {data / name}" in found.of("files", "fail")
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_a_problem(data: Path) -> None:
    os.chown(data, 65534, -1)
    assert "belongs to user 65534" in doctor(data).of("data folder", "fail")


def test_an_open_process_is_named(data: Path) -> None:
    found = doctor(data, umask=0o002, core=1)
    assert "umask 002" in found.of("umask", "warn")
    assert "LimitCORE=0" in found.of("core dumps", "warn")


def test_a_key_in_the_environment_and_in_an_open_env_file_is_named(data: Path) -> None:
    env_file = data.parent / "settings.env"
    env_file.write_text(f"OPENAI_API_KEY={CANARY}\n")
    env_file.chmod(0o644)
    found = doctor(data, OPENAI_API_KEY=CANARY, LLMCHAT_ENV_FILE=str(env_file))
    assert "OPENAI_API_KEY is in the environment" in found.of("keys", "warn")
    assert f"chmod 600 {env_file}" in found.of("env file", "warn")
    assert CANARY not in found.output


def test_what_goes_over_the_network_in_the_clear_is_named(data: Path) -> None:
    urls = "http://127.0.0.1:11434/v1,http://192.168.1.9/v1,http://llm.example.org/v1"
    servers: dict[str, Any] = {
        "search": {"url": "http://tools.example.org/mcp"},
        "files": {"command": "mcp-files"},
    }
    own = {"entry": {"id": "a", "name": "The lab", "base_url": "http://10.0.0.7/v1"}}
    (data / "endpoints.json").write_text(json.dumps({"endpoints": [own]}))
    (data / "endpoints.json").chmod(0o600)
    (data / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    (data / "mcp.json").chmod(0o600)
    found = doctor(data, OPENAI_BASE_URL=f"https://api.example.org/v1,{urls}")
    assert found.code == 1
    assert "The lab is another machine" in found.of("endpoints", "warn")
    assert "192.168.1.9" in found.of("endpoints", "warn")
    assert "llm.example.org" in found.of("endpoints", "fail")
    assert "api.example.org" not in found.of("endpoints", "fail")
    assert "127.0.0.1" not in found.of("endpoints", "fail")
    assert "search is a machine on the internet" in found.of("tools", "fail")
    assert "files run with the rights of this user" in found.of("tools", "ok")


@dataclass
class OpenSettings:
    """Those that say who gets in, as `Settings` has them."""

    host: str = ""
    auth: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("settings", "name", "state", "told"),
    [
        (OpenSettings(), "sign-in", "warn", "every user of this machine"),
        (OpenSettings(auth="auto"), "sign-in", "ok", "--auth auto"),
        (OpenSettings("0.0.0.0", "none"), "sign-in", "fail", "everybody"),
        (OpenSettings("0.0.0.0", "password"), "address", "warn", "has no TLS"),
        (OpenSettings("::1", "none"), "address", "ok", "this machine"),
        (OpenSettings(auth="proxy"), "proxies", "fail", "LLMCHAT_TRUSTED_PROXIES"),
        (OpenSettings(auth="proxy", trusted_proxies=("10.1.2.3/32",)), "proxies", "ok", "10.1.2.3"),
        (OpenSettings(auth="proxy", trusted_proxies=("0.0.0.0/0",)), "proxies", "fail", "0.0.0.0"),
        (OpenSettings(allowed_hosts=("chat.lan",)), "hosts", "ok", "chat.lan"),
    ],
)
def test_who_gets_in_is_told(settings: Any, name: str, state: str, told: str) -> None:
    [check] = [one for one in reach.address(settings) if one.name == name]
    assert check.state == state
    assert told in f"{check.message} {check.hint}"


def test_the_settings_of_access_are_read_where_they_are() -> None:
    checks = list(reach.address(Settings()))
    assert [one.state for one in checks if one.name == "address"] == ["ok"]
    assert all(isinstance(one, Check) for one in checks)


@pytest.mark.parametrize(
    ("version", "below"),
    [("3.14.2", True), ("3.9.99", True), ("3.14.3", False), ("3.14.10", False), ("4.0", False)],
)
def test_a_version_is_compared_by_its_numbers(version: str, below: bool) -> None:
    assert floors.is_below(version, floors.AIOHTTP) is below


def test_the_start_refuses_an_aiohttp_with_known_flaws(tmp_path: Path) -> None:
    script = (
        "import sys, aiohttp; aiohttp.__version__ = '3.14.2'; from llmchat.cli import main;"
        f"sys.exit(main(['--port', '0', '--no-browser', '--data-dir', {str(tmp_path)!r}]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 78
    assert "aiohttp 3.14.2 has known flaws" in result.stderr
    assert result.stderr.count("\n") == 1
