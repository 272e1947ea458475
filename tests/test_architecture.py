"""The shape of the program: who may import what, and what a page may load."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# prometheus_client is for the first `GET /metrics`, jsonschema for the first schema of a chat.
NOT_AT_START = (
    *("openai", "xllamacpp", "pydantic", "httpx2", "prometheus_client", "pypdf"),
    *("jsonschema", "mcp", "argon2", "jwt"),
)
MODULE_LINES = 400


def test_the_server_process_starts_without_what_it_may_never_need() -> None:
    script = (
        "import sys, llmchat.app, llmchat.server.app, llmchat.providers.openai_compat;"
        f"print([name for name in {NOT_AT_START} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "[]"


def test_a_spawned_process_imports_nothing_of_the_command_line() -> None:
    script = "import sys, llmchat.__main__; print(sorted(n for n in sys.modules if 'llmchat' in n))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.strip() == "['llmchat', 'llmchat.__main__']"


def test_no_file_of_ours_has_grown_too_long() -> None:
    ours = [
        path
        for folder, pattern in (("llmchat", "*.py"), ("static", "*.js"), ("static", "*.css"))
        for path in (ROOT / folder).rglob(pattern)
        # A catalogue of words has a line for each, and is no module to be split.
        if not {"vendor", "words"} & set(path.parts)
    ]
    assert len(ours) > 50
    long = {str(p): n for p in ours if (n := len(p.read_text().splitlines())) > MODULE_LINES}
    assert long == {}


def test_only_lib_modules_of_the_page_import_its_libraries() -> None:
    importers = {
        path.relative_to(ROOT / "static" / "js").parts[0]
        for path in (ROOT / "static" / "js").rglob("*.js")
        if re.search(r"""(from|import\()\s*["'`][./]*vendor/""", path.read_text())
    }
    assert importers == {"lib"}


def test_nothing_is_mocked() -> None:
    mocking = re.compile(r"^\s*(from|import) unittest\.mock|\bmock\.patch\(", re.MULTILINE)
    found = [str(p) for p in (ROOT / "tests").rglob("*.py") if mocking.search(p.read_text())]
    assert found == []
