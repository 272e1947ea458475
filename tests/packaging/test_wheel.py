"""What `pip install .` installs: a wheel that needs no checkout, no npm and no network later."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(
    "LLMCHAT_TEST_DIST" not in os.environ,
    reason="takes half a minute and the registry: `.ci/run build` does it",
)
@pytest.mark.timeout(300)
def test_a_wheel_holds_the_page_its_libraries_and_the_model(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(tmp_path), str(ROOT)], check=True)

    (wheel,) = tmp_path.glob("llmchat-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= {
        "llmchat/__main__.py",
        "llmchat/static/index.html",
        "llmchat/static/vendor/markdown-it.js",
        "llmchat/static/vendor/markdown-it.LICENSE",
        "llmchat/model/SmolLM2-135M-Instruct.gguf",
        "llmchat/model/LICENSE",
    }
    assert not [name for name in names if name.startswith(("tests/", "scripts/", "static/"))]
