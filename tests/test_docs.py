"""The documentation says what the program does: settings, routes, flags, codes, links."""

from __future__ import annotations

import re
from pathlib import Path

from llmchat import __version__
from llmchat.cli import COMMANDS, make_parser
from llmchat.config import setting_fields
from llmchat.domain.errors import JOB_ERRORS, REASONS
from llmchat.server.problems import PROBLEMS
from llmchat.server.routes import ROUTES
from scripts import reference

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RENEW = "run: python scripts/reference.py"
INTERNAL_ROUTES = {"/s/{hash}/{path:.+}"}  # the parts of the page


def test_the_example_of_an_env_file_is_that_of_the_settings() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == reference.env_example(), RENEW


def test_the_settings_table_is_that_of_the_settings() -> None:
    assert reference.readme_with_table(README) == README, RENEW


def test_the_table_of_errors_is_that_of_the_code() -> None:
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == reference.errors_page(), RENEW


def test_every_setting_has_a_name_of_its_own_and_a_help_text() -> None:
    names = [one.metadata["env"] for one in setting_fields()]
    assert len(set(names)) == len(names)
    assert all(one.metadata["help"].endswith(".") for one in setting_fields())


def test_every_route_is_in_the_readme() -> None:
    table = set(re.findall(r"^\| `(\w+ \S+)` \|", README, re.MULTILINE))
    routes = {
        f"{route.method} {re.sub(r'(?<=[a-z]):[^}]*(?=})', '', route.path)}"
        for route in ROUTES
        if route.path not in INTERNAL_ROUTES
    }
    assert routes == table


def test_every_flag_is_in_the_readme() -> None:
    flags = {
        flag
        for command in COMMANDS
        for action in make_parser(command)._actions
        for flag in action.option_strings
    }
    assert {flag for flag in flags - {"-h"} if f"`{flag}" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    assert {name for name in COMMANDS if f"`llmchat {name}" not in README} == set()


def test_every_code_that_a_job_can_end_with_is_documented() -> None:
    source = "".join(path.read_text() for path in (ROOT / "llmchat").rglob("*.py"))
    used = set(re.findall(r'"((?:upstream|job|model)-[a-z0-9-]+|no-such-endpoint)"', source))
    used |= set(re.findall(r'Failed\(\s*"([a-z-]+)"', source))
    others = {"job-events", "model-file"} | set(REASONS) | set(PROBLEMS)
    assert used - others == set(JOB_ERRORS) - set(PROBLEMS)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", text, re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_every_row_of_the_faults_names_tests_that_exist() -> None:
    source = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", source))
    rows = re.findall(
        r"^\| (?!fault|-)(.+)", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) > 50
    for row in rows:
        named = set(re.findall(r"`(test_\w+)`", row))
        assert named, row
        assert named <= there, named - there


def test_every_row_of_the_compatibility_names_tests_that_exist() -> None:
    source = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", source))
    text = (ROOT / "docs/compatibility.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!server|program|-)(.+)", text, re.MULTILINE)
    kinds = {row.split(" |")[0] for row in rows}
    assert kinds > {"OpenAI", "Ollama", "llama.cpp", "vLLM", "LM Studio", "OpenRouter", "LiteLLM"}
    same = ("the same four tests", "as OpenAI")
    for row in rows:
        assert "`test_" in row or any(words in row for words in same), row
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named <= there, named - there


def test_files_that_the_documents_name_exist() -> None:
    missing = [
        f"{page.name}: {name}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
        for name in _named_files(page.read_text(encoding="utf-8"))
        if not (ROOT / name).exists() and not (page.parent / name).exists()
    ]
    assert missing == []


def _named_files(text: str) -> set[str]:
    """Targets of links, and code spans that look like a path of this repository."""
    links = set(re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text))
    paths = set(re.findall(r"`((?:llmchat|static|tests|scripts|docs)/[\w./-]+\.\w+)`", text))
    return {name for name in links | paths if not name.startswith(("http:", "https:"))}
