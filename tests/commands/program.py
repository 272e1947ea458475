"""The commands as a person gives them."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path


def llmchat(
    *arguments: str,
    data_dir: Path,
    most_bytes: int = resource.RLIM_INFINITY,
    typed: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """`most_bytes`: of a file, as on a disk that has no room for more. `typed` comes by a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "llmchat", *arguments, "--data-dir", str(data_dir)],
        env={**os.environ, "XDG_CONFIG_HOME": str(data_dir)},
        capture_output=True,
        input=typed,
        text=True,
        timeout=25,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
    )


def assert_refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line on stderr with these words, and that exit code."""
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("llmchat: ")
    for word in words:
        assert word in result.stderr
