"""Licences: each part that others made is named, with the text of its terms."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from llmchat import licenses, resources

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> list[licenses.Part]:
    return licenses.parts()


def test_every_part_has_its_terms_and_where_it_is_from(found: list[licenses.Part]) -> None:
    for part in found:
        assert part.version, part.name
        assert part.license, part.name
        assert part.texts, part.name
        assert all(len(text) > 100 for _, text in part.texts), part.name
        assert part.home.startswith("https://") or part.name == "lazy-importer"


def test_every_package_that_set_up_installs_here_is_named(found: list[licenses.Part]) -> None:
    named = {canonicalize_name(part.name) for part in found if part.kind == "python"}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [Requirement(line.rstrip(" \\")) for line in re.findall(r"^\w.*==.*", lock, re.M)]
    here = {canonicalize_name(one.name) for one in lines if not one.marker or one.marker.evaluate()}
    assert len(here) > 40
    assert here - named == set()


def test_every_file_of_the_browser_libraries_belongs_to_a_named_package(
    found: list[licenses.Part],
) -> None:
    vendor = resources.static_dir() / "vendor"
    listed = json.loads((vendor / "libraries.json").read_text(encoding="utf-8"))
    named = {part.name: part for part in found if part.kind == "browser"}
    assert {one["name"] for one in listed} == set(named)
    files = {file for one in listed for file in one["files"]}
    there = {path.name for path in vendor.iterdir() if path.is_file()}
    ours = {name for name in there if name.endswith(".d.ts")} | {".stamp", "libraries.json"}
    assert there - ours == files


def test_python_the_model_and_its_engine_are_named(found: list[licenses.Part]) -> None:
    kinds = {part.name: part.kind for part in found}
    assert kinds["CPython"] == "program"
    assert kinds["llama.cpp"] == "library"
    assert kinds["SmolLM2-135M-Instruct"] == "model"


def test_a_build_reads_back_what_was_written(found: list[licenses.Part]) -> None:
    written = licenses.dumped(found)
    again = [licenses._part(one) for one in json.loads(written)]
    assert again == found
    assert licenses.dumped(again) == written


def test_the_command_prints_the_list_and_the_terms(found: list[licenses.Part]) -> None:
    command = [sys.executable, "-m", "llmchat", "licenses"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert f"from these {len(found)} parts" in printed
    for part in found:
        assert f"{part.name} {part.version}" in printed
        assert all(text in printed for _, text in part.texts)
    whole = subprocess.run(
        f"{sys.executable} -m llmchat licenses | head -1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (whole.stderr, whole.stdout.count("\n")) == ("", 1)
