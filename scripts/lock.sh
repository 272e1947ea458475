#!/usr/bin/env bash
# Writes every requirements*.txt and scripts/downloads/*.txt anew: `make lock` runs it. A version that
# fits stays; for newer ones: make lock ARGS="--upgrade", or ARGS="--upgrade-package aiohttp".
set -euo pipefail
cd "$(dirname "$0")/.."

# For every system and every Python that runs llmchat; and no address of a registry in any file.
lock() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" >/dev/null
}

lock pyproject.toml -o requirements.txt "$@"
# pip comes with Python itself: the one that installs is not replaced while it does.
lock requirements-dev.in -c requirements.txt --no-emit-package pip -o requirements-dev.txt "$@"
lock requirements-build.in -c requirements-dev.txt -o requirements-build.txt "$@"
for file in scripts/downloads/*.in; do
  lock --no-deps "$file" -o "${file%.in}.txt" "$@"
done
