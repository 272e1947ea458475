"""A page on disk, and its assets."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmchat.server.assets import Assets
from tests.server.site import site_assets


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    return site_assets(tmp_path / "static")
