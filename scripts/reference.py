"""Writes the reference parts of the documentation from the code that defines them.

`python scripts/reference.py` renews `.env.example`, the settings table in README.md and
docs/errors.md; `tests/test_docs.py` fails when it was forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path

from llmchat.config import default_text, setting_fields
from llmchat.domain.errors import JOB_ERRORS, REASONS, TOOL_ERRORS
from llmchat.domain.trial import TRIALS
from llmchat.server.problems import PROBLEMS
from llmchat.server.v1.errors import CODES, JOB_STATUSES

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


def errors_page() -> str:
    """The text of docs/errors.md."""
    problems = [f"| `{code}` | {one.status} | {one.title}. |" for code, one in PROBLEMS.items()]
    errors = [f"| `{code}` | {meaning} |" for code, meaning in JOB_ERRORS.items()]
    trials = [f"| `{code}` | {meaning} |" for code, meaning in TRIALS.items()]
    tools = [f"| `{code}` | {meaning} |" for code, meaning in TOOL_ERRORS.items()]
    reasons = [f"| `{code}` | {meaning} |" for code, meaning in REASONS.items()]
    return "\n".join(
        [
            "# Errors",
            "",
            "Codes are stable: programs may rely on them. The texts beside them may change.",
            "",
            "## Of a request",
            "",
            "The body is `application/problem+json` (RFC 9457) with `type`"
            " (`urn:llmchat:problem:<code>`), `title`, `status`, `code` and, where they help,"
            " `detail`, `errors` (a list of `pointer` and `detail`), `limit` and, for a mistake of"
            " llmchat itself, the `reference` that is in its log. 503 comes with `Retry-After`.",
            "",
            "| code | status | what |",
            "|---|---|---|",
            *problems,
            "",
            "## Of an answer",
            "",
            "The final `error` event of a stream has `code`, `message` (what happened and what to"
            " do next) and `retryable`. Text that came before it is kept.",
            "",
            "| code | what |",
            "|---|---|",
            *errors,
            "",
            "## Of a trial",
            "",
            "`POST /api/endpoints/test` tells what came of trying an endpoint by one of these.",
            "",
            "| code | said when |",
            "|---|---|",
            *trials,
            "",
            "## Of a tool",
            "",
            "A call of a tool that gave nothing has the `code` in its `tool` event and in the"
            " `tool_calls` of its message; what went wrong is its `result`. The answer goes on.",
            "",
            "| code | why |",
            "|---|---|",
            *tools,
            "",
            "## Of a state",
            "",
            "A `status` event that has a `reason` names it by `code`, as `GET /models` does what it"
            " says of the default (`reason_code`), of an endpoint and in its notices: those codes,"
            " or the ones above.",
            "",
            "| code | said when |",
            "|---|---|",
            *reasons,
            "",
            "## Of the API for programs",
            "",
            'Below `/v1/` an error is what OpenAI sends: `{"error": {"message", "type", "param",'
            ' "code"}}`. Its `code` is one of the above with `_` for `-`, but for the ones below. A'
            " value that is not allowed is 400, a model that nobody has 404, no model at all 503."
            " An answer that fails before anything of it was sent has the status below, else 502;"
            " `X-Should-Retry: false` says that it is no use to repeat it. When a stream has begun,"
            " if only by a comment after 15 s, the error is its last event, and no `[DONE]` comes.",
            "",
            *(f"- `{code}` is `{name}`" for code, name in CODES.items()),
            "",
            "| status | of an answer |",
            "|---|---|",
            *(f"| {status} | `{code}` |" for code, status in JOB_STATUSES.items()),
            "",
        ]
    )


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    (ROOT / "docs" / "errors.md").write_text(errors_page(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(readme_with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")
