"""Lines of the log: one for each thing, whatever is in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

NASTY = "a\nINFO b: c\r\x1b[31m\x00\u2028\u202e\x85"
PROGRAM = """
import logging
from llmchat import logs
logs.configure("info", {form!r}, "worker")
log = logging.getLogger("x")
log.info("said %s", {nasty!r})
log.info(logs.Fields(name={nasty!r}, n=1))
log.debug("not shown")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broken")
"""


def _run(form: str) -> list[str]:
    program = PROGRAM.format(form=form, nasty=NASTY)
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return result.stderr.split("\n")


def test_a_line_of_text_has_its_time_and_no_control_characters() -> None:
    said, fields, broken, *trace = _run("text")
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z worker (INFO|ERROR) x: .*"
    assert all(re.fullmatch(pattern, line) for line in (said, fields, broken))
    assert all(line.isprintable() for line in (said, fields, broken))
    assert json.loads(fields.split(" x: ")[1]) == {"name": NASTY, "n": 1}
    assert trace[0].startswith("Traceback")


def test_a_line_of_json_has_its_fields_as_members_and_its_traceback_inside() -> None:
    lines = [json.loads(line) for line in _run("json") if line]
    said, fields, broken = lines
    assert (said["level"], said["process"], said["message"]) == ("info", "worker", f"said {NASTY}")
    assert (fields["name"], fields["n"], fields["logger"]) == (NASTY, 1, "x")
    assert "ZeroDivisionError" in broken["traceback"]
