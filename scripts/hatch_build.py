"""Builds wheels that hold all of llmchat: the page with its libraries, and the embedded model.

`pip install .` runs it in an environment of its own, whose pip does the downloads. An editable
install takes the folders of the checkout as they are, and `make setup` fills those.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompleteWheel(BuildHookInterface[Any]):
    """Fetches what git does not hold, and puts it into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        for name in ("browser_libraries", "model"):
            _load(root / "scripts" / f"{name}.py").install(root)
        build_data["force_include"] |= {
            str(root / folder): f"llmchat/{folder}" for folder in ("static", "model")
        }


def _load(path: Path) -> ModuleType:
    # The scripts are no package: while a wheel is built, their folder is not on the import path.
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
