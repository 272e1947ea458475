"""T-LOCK, what is in a build: the list of materials is whole, valid, and the same each time."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pydantic_core
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import bundled, sbom

ROOT = Path(__file__).resolve().parents[2]
BUILT = 1_800_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What PyInstaller takes, in small: of packages, of Python, of the system, and of ours."""
    library = tmp_path_factory.mktemp("system") / "libof_a_test.so.1"
    shutil.copyfile(pydantic_core._pydantic_core.__file__, library)
    return [
        ("aiohttp", aiohttp.__file__),
        ("pydantic_core._pydantic_core", pydantic_core._pydantic_core.__file__),
        ("json", json.__file__),
        ("llmchat", str(ROOT / "llmchat/__init__.py")),
        ("static/index.html", str(ROOT / "static/index.html")),
        (library.name, str(library)),
    ]


@pytest.fixture(scope="module")
def parts(files: list[tuple[str, str]]) -> list[bundled.Bundled]:
    return bundled.of_build(files, ROOT)


@pytest.fixture(scope="module")
def document(parts: list[bundled.Bundled]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sbom.document(parts, BUILT))
    return found


def test_it_names_what_the_files_belong_to(document: dict[str, Any]) -> None:
    found = {one["name"]: one for one in document["components"]}
    expected = {"aiohttp", "pydantic_core", "CPython", "markdown-it", "temml", "pyinstaller"}
    assert expected <= set(found)
    assert found["aiohttp"]["purl"] == f"pkg:pypi/aiohttp@{aiohttp.__version__}"
    assert found["libof_a_test.so.1"]["licenses"] == [{"license": {"name": "see its terms"}}]
    assert "starlette" not in found  # it is installed, and not taken
    assert "llmchat" not in found
    for one in found.values():
        assert one["version"], one["name"]
        assert one["purl"].startswith("pkg:"), one["name"]
        assert one["licenses"], one["name"]
        assert one.get("hashes") or one["name"] == "llama.cpp", one["name"]
    bound = {one["ref"] for one in document["dependencies"]}
    assert bound >= {one["bom-ref"] for one in found.values()}


def test_it_names_what_is_compiled_into_a_package(document: dict[str, Any]) -> None:
    [core] = [one for one in document["components"] if one["name"] == "pydantic_core"]
    assert "pkg:cargo/" in " ".join(one["purl"] for one in core["components"])


def test_it_is_valid_by_the_schema(parts: list[bundled.Bundled]) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    text = sbom.document(parts, BUILT)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"type": "library"', '"type": "book"')) is not None


def test_it_is_the_same_for_the_same_build(
    files: list[tuple[str, str]], parts: list[bundled.Bundled], tmp_path: Path
) -> None:
    first = sbom.write(parts, tmp_path, BUILT).read_bytes()
    again = bundled.of_build(reversed(files), ROOT)
    assert sbom.write(again, tmp_path, BUILT).read_bytes() == first
    assert sbom.document(again, BUILT + 1).encode() != first


def test_a_file_of_unknown_origin_stops_the_build(
    files: list[tuple[str, str]], tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.py"
    stranger.write_text("")
    with pytest.raises(SystemExit, match=r"stranger\.py"):
        bundled.of_build([*files, ("stranger", str(stranger))], ROOT)


@pytest.mark.skipif(sys.platform != "linux", reason="libgomp comes with builds for Linux")
def test_the_model_and_its_runtime_have_their_hashes(document: dict[str, Any]) -> None:
    found = {one["name"]: one for one in document["components"]}
    assert found["SmolLM2-135M-Instruct"]["type"] == "machine-learning-model"
    for name in ("SmolLM2-135M-Instruct", "libgomp"):
        [digest] = found[name]["hashes"]
        assert (digest["alg"], len(digest["content"])) == ("SHA-256", 64)
