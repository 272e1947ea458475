"""Writes what people read about the settings from the one place that defines them.

`python scripts/settings_docs.py` renews `.env.example` and the table in README.md;
`tests/test_docs.py` fails when it was forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path

from llmchat.config import default_text, setting_fields

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"

_EXAMPLES = """\
# Copy this file to `.env` beside it (a checkout), or to ~/.config/llmchat/.env, or name it with
# `llmchat --env-file FILE`. Then take the # off the lines that you need.
# Flags of the command line and variables of the environment win over this file.

# OpenAI
#OPENAI_API_KEY=sk-...
#DEFAULT_MODEL=gpt-4o-mini

# Ollama on this machine (found by itself when nothing is set)
#OPENAI_BASE_URL=http://localhost:11434/v1
#DEFAULT_MODEL=llama3.2

# llama.cpp's server on this machine (found by itself when nothing is set)
#OPENAI_BASE_URL=http://localhost:8080/v1

# All settings with their defaults
"""


def env_example() -> str:
    """The text of `.env.example`."""
    blocks = [
        f"\n# {one.metadata['help']}\n#{one.metadata['env']}={default_text(one)}\n"
        for one in setting_fields()
    ]
    return _EXAMPLES + "".join(blocks)


def settings_table() -> str:
    """The table of README.md."""
    rows = [
        f"| `{one.metadata['env']}` | {_code(one.metadata['flag'])} | {_code(default_text(one))}"
        f" | {one.metadata['help']} |"
        for one in setting_fields()
    ]
    return "\n".join(["| variable | flag | default | what |", "|---|---|---|---|", *rows])


def readme_with_table(readme: str) -> str:
    """README.md with the table renewed. Raises ValueError if its place is not marked."""
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(readme):
        raise ValueError("README.md has no place for the settings table")
    return pattern.sub(lambda _: f"{BEGIN}\n{settings_table()}\n{END}", readme)


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(readme_with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
