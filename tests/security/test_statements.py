"""Each statement on what accounts have says whose it is about, or there is a reason not to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from llmchat.storage.migrations import MIGRATIONS
from tests.security.statements import ALLOWED

LLMCHAT = Path(__file__).resolve().parents[2] / "llmchat"
_MADE = re.compile(r"create (?:virtual )?table (\w+)")
_TABLE = r"\b(?:from|join|into|update)\s+(\w+)"
_VERB = re.compile(
    r"\s*(?:with|select|insert|update|delete|replace)\b.*\b(?:from|into|set|as)\b", re.S
)
_SAYS = re.compile(r"\baccount\s*=\s*(?:\?|:account\b)")
_GIVES = re.compile(r"\binto\s+\w+\s*\(\s*(?:id, )?account\b")


class Statement(NamedTuple):
    """Where it stands, by file and the name or function that it belongs to."""

    place: str
    text: str


def statements(path: Path, root: Path = LLMCHAT) -> Iterator[Statement]:
    """All texts of a module that are SQL, or begin to be."""
    module = path.relative_to(root).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts: dict[str, str] = {}

    def visit(node: ast.AST, name: str) -> Iterator[Statement]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{name}.{node.name}" if name else node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not name:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = ast.unparse(target)
        text = _text(node, parts)
        if text is not None and "." not in name:
            parts[name] = text
        if text is None:
            for child in ast.iter_child_nodes(node):
                yield from visit(child, name)
        elif id(node) not in documentation and _VERB.match(text):
            yield Statement(f"{module}:{name}", text)

    yield from visit(tree, "")


def _text(node: ast.AST, parts: Mapping[str, str]) -> str | None:
    """A text, with the `parts` that it is put together from."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(one.value) if isinstance(one, ast.Constant) else _part(one, parts)
            for one in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _part(node: ast.AST, parts: Mapping[str, str]) -> str:
    name = ast.unparse(node.value) if isinstance(node, ast.FormattedValue) else ast.unparse(node)
    return parts.get(name, f"{{{name}}}")


def tables() -> frozenset[str]:
    """Those that the migrations have made: in all of them is something that an account has."""
    made = [_MADE.findall(statement) for version in MIGRATIONS for statement in version]
    return frozenset(name for names in made for name in names)


def unsaid() -> Iterator[Statement]:
    """The statements on a table of ours that name no account."""
    ours = tables()
    for path in sorted(LLMCHAT.rglob("*.py")):
        for one in statements(path):
            named = set(re.findall(_TABLE, one.text))
            if named & ours and not _SAYS.search(one.text) and not _GIVES.search(one.text):
                yield one


def test_each_statement_names_the_account_or_has_a_reason() -> None:
    found = list(unsaid())
    without = [one for one in found if one.place not in ALLOWED]
    assert not without, "\n".join(f"{one.place}\n    {one.text.strip()}" for one in without)
    # What has gone, or names its account by now, needs no reason any more.
    assert set(ALLOWED) == {one.place for one in found}


def test_a_statement_is_found_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        '"""select * from message."""\n_COLUMNS = "a, b"\n'
        '_ALL = f"select {_COLUMNS} from message"\n'
        'def f(c):\n    """Docs."""\n    c.execute(f"{_ALL} where number = ?" + "")\n'
        '    return c.execute("delete from prompt where account = ?")\n'
    )
    assert list(statements(tmp_path / "one.py", tmp_path)) == [
        ("one.py:_ALL", "select a, b from message"),
        ("one.py:f", "select a, b from message where number = ?"),
        ("one.py:f", "delete from prompt where account = ?"),
    ]
    assert {"message", "message_file", "file_holder", "message_text"} <= tables()
