"""What a build says that it is made of: in itself, and in the list of materials beside it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from tests.packaging.test_executable import DIST, address, both_builds, get, running

pytestmark = [
    pytest.mark.skipif(not DIST, reason="nothing is built here: `.ci/run build` does and tests it"),
    pytest.mark.timeout(120),
]


def _folder() -> Path:
    return Path(DIST or "").resolve()


def test_each_part_has_a_version_a_licence_a_hash_and_a_text() -> None:
    text = (_folder() / "llmchat.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = {one["name"]: one for one in json.loads(text)["components"]}
    inside = json.loads((_folder() / "llmchat-dir/_internal/licenses.json").read_text("utf-8"))
    assert {part["name"] for part in inside} == set(listed)
    for part in inside:
        assert part["texts"], part["name"]
        assert all(len(words) > 60 for _, words in part["texts"]), part["name"]
        one = listed[part["name"]]
        assert one["version"] == part["version"]
        assert one["licenses"]
        assert one.get("hashes") or one["name"] == "llama.cpp"


def test_every_package_and_library_in_the_folder_is_listed() -> None:
    inner = _folder() / "llmchat-dir/_internal"
    text = (_folder() / "llmchat.cdx.json").read_text(encoding="utf-8")
    names = {one["name"].lower().replace("-", "_") for one in json.loads(text)["components"]}
    for path in inner.glob("*.dist-info"):
        assert path.name.rpartition("-")[0].partition("-")[0].lower() in names, path
    assert names >= {"cpython", "xllamacpp", "llama.cpp", "smollm2_135m_instruct", "pyinstaller"}
    assert names >= {"markdown_it", "temml", "aiohttp", "openai", "cryptography"}
    if (inner / "libssl.so.3").exists() and Path("/etc/debian_version").exists():
        assert names >= {"libssl3", "libsqlite3_0", "zlib1g"}


def test_no_package_comes_in_that_is_not_locked_for_running() -> None:
    lock = (Path(__file__).resolve().parents[2] / "requirements.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    text = (_folder() / "llmchat.cdx.json").read_text(encoding="utf-8")
    purls = [one["purl"] for one in json.loads(text)["components"]]
    python = {canonicalize_name(one[9:].partition("@")[0]) for one in purls if "pypi" in one}
    # The program that starts the build is a part of it, and its hooks.
    assert python - locked == {"pyinstaller", "pyinstaller-hooks-contrib"}


@both_builds
def test_a_build_shows_its_licences(program: str, tmp_path: Path) -> None:
    inside = json.loads((_folder() / "llmchat-dir/_internal/licenses.json").read_text("utf-8"))
    with running(program, tmp_path) as process:
        page = get(f"{address(process)}/licenses").decode()
        process.kill()
        process.wait()
    assert page.count("<details>") == len(inside)
    printed = subprocess.run(
        [_folder() / program, "licenses"],
        env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"from these {len(inside)} parts" in printed
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in printed


@both_builds
def test_a_build_can_say_how_closed_it_is(program: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [_folder() / program, "doctor", "--security", "--json"],
        env={"HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    states = {one["name"]: one["state"] for one in json.loads(result.stdout)["checks"]}
    assert (result.returncode, states["versions"]) == (0, "ok")
