"""Every threat that has been written down has its test, and docs/security.md names both."""

from __future__ import annotations

import ast
import re

from tests.security.program import ROOT

# The names of SECURITY.md, sections 1 and 2.
THREATS = frozenset(
    (
        *("ALIAS", "AUTHMATRIX", "BOMB", "BOOT", "CSRF", "FETCH", "FROZEN", "FUZZ", "GGUF", "HOST"),
        *(
            "IDOR",
            "KEYBIND",
            "LIMITS",
            "LOCK",
            "MCP",
            "PARAM",
            "PATH",
            "REBIND",
            "REDIRECT",
            "RESUME",
        ),
        *("REVOKE", "ROUTES", "SECRET", "SHARE", "SIZE", "SQLI", "SSRF", "UPSTREAM", "XSS"),
    )
)
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")


def rows() -> dict[str, str]:
    """What stands beside each threat in its table."""
    found = re.findall(r"^\| T-([A-Z]+) \|(.*)\|$", PAGE, re.MULTILINE)
    assert len(dict(found)) == len(found)
    return dict(found)


def test_every_threat_has_a_row_and_every_row_a_test() -> None:
    assert set(rows()) == THREATS
    for name, row in rows().items():
        assert re.search(r"`tests/[\w/.-]+(::\w+)?`", row), name


def test_every_test_that_is_named_is_there() -> None:
    for path, name in re.findall(r"`(tests/[\w/.-]+\.(?:py|js))(?:::(\w+))?`", PAGE):
        text = (ROOT / path).read_text(encoding="utf-8")
        if name:
            assert name in {getattr(one, "name", "") for one in ast.parse(text).body}, (path, name)
