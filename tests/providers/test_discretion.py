"""No line of a log tells a key."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from llmchat.providers.discretion import DiscreetFormatter
from llmchat.providers.redaction import HIDDEN

KEY = 'sk-canary"0123/456'
ROOT = Path(__file__).resolve().parents[2]


def _line(formatter: DiscreetFormatter, message: str, *arguments: object) -> str:
    return formatter.format(
        logging.LogRecord("n", logging.INFO, "file", 1, message, arguments, None)
    )


def test_a_key_is_hidden_in_every_form_also_as_an_argument() -> None:
    formatter = DiscreetFormatter(logging.Formatter(), [KEY])
    for form in (KEY, json.dumps(KEY), repr(KEY), quote(KEY, safe="")):
        assert _line(formatter, "it was %s", form).replace(HIDDEN, "").strip("\"'") == "it was "


def test_a_key_that_comes_later_is_hidden_from_then_on() -> None:
    formatter = DiscreetFormatter(logging.Formatter())
    formatter.hide(KEY)
    formatter.hide("")  # an endpoint without a key
    formatter.hide("EMPTY")  # as people write it for one
    assert _line(formatter, f"EMPTY {KEY}") == f"EMPTY {HIDDEN}"


CRASH = """
import logging, sys
from llmchat import logs
from llmchat.providers.discretion import hide_keys
hide_keys(logs.configure("info"), [sys.argv[1]])
try:
    raise ValueError("Authorization: Bearer " + sys.argv[1])
except ValueError:
    logging.getLogger("any.library").exception("it broke")
"""


def test_tracebacks_and_other_libraries_tell_no_key_either() -> None:
    command = [sys.executable, "-c", CRASH, KEY]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "ERROR any.library: it broke" in done.stderr
    assert f"ValueError: Authorization: Bearer {HIDDEN}" in done.stderr
    assert KEY not in done.stderr
