"""What llmchat consists of that others made, and the terms of each: all of it can be read.

A build brings the list of what is really in it (`licenses.json`, by build.spec). Where there is no
such file, in an installation by pip and in a checkout, it is gathered from what is installed.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from llmchat import resources
from llmchat.domain.errors import ConfigError

FILE_NAME = "licenses.json"
_TEXT = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_LONGEST = 60  # a licence's name; some packages have the whole text in its place

# What these say of themselves is no expression of SPDX, or not that of the part that is in a build.
_STATED = {
    "aiohttp-sse": "Apache-2.0",
    "aiosignal": "Apache-2.0",
    "backports.tarfile": "MIT",
    "jaraco.classes": "MIT",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "pyinstaller-hooks-contrib": "Apache-2.0",
}
_LLAMA_CPP = """\
llama.cpp and ggml are a part of the xllamacpp package, compiled into its library.

MIT License

Copyright (c) 2023-2026 The ggml authors

The text of the licence is that of xllamacpp, which see; the source is at
https://github.com/ggml-org/llama.cpp
"""
_PYTHON = """\
Python is under the Python Software Foundation License, version 2. It stands, with the licences of
the software that Python incorporates, at https://docs.python.org/3/license.html
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that others made. `kind` is program, python, browser, model or library; `texts` are
    the names and contents of the files that hold its terms.
    """

    name: str
    version: str
    license: str
    kind: str
    home: str
    texts: tuple[tuple[str, str], ...]


def parts() -> list[Part]:
    """All of them: of the build that runs, else of what is installed."""
    found = resources.find(FILE_NAME)
    if found is None:
        return gather(needed("llmchat"))
    return [_part(one) for one in json.loads(found.read_text(encoding="utf-8"))]


def _part(values: dict[str, Any]) -> Part:
    texts = tuple((name, text) for name, text in values.pop("texts"))
    return Part(**values, texts=texts)


def dumped(found: Iterable[Part]) -> str:
    """What `parts` reads, the same for the same parts."""
    return json.dumps([asdict(part) for part in found], indent=1, ensure_ascii=False)


def gather(distributions: Iterable[Distribution], libraries: Iterable[Part] = ()) -> list[Part]:
    """The list of a program with those Python packages, and libraries of the system."""
    python = [of_distribution(one) for one in distributions]
    found = [of_python(), *_engine(python), *_browser(), *_model(), *python, *libraries]
    return sorted(found, key=lambda part: (part.name.lower(), part.name, part.kind))


def needed(name: str) -> list[Distribution]:
    """The packages that the installed one needs, in turn, and that are installed; not itself."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        try:
            one = distribution(waiting.pop())
        except PackageNotFoundError:
            continue  # for another system
        if one.name not in found:
            found[one.name] = one
            requires = [text for text in one.requires or [] if "extra ==" not in text]
            waiting += [match[0] for text in requires if (match := _NAME.match(text))]
    found.pop(name, None)
    return list(found.values())


def of_distribution(one: Distribution) -> Part:
    """What the package says of itself, with the files of its terms."""
    files = [file for file in one.files or [] if ".dist-info" in str(file)]
    texts = [(file.name, _read(Path(str(file.locate())))) for file in files if _is_text(file.name)]
    return Part(one.name, one.version, _license(one), "python", _home(one), _sorted(texts))


def _is_text(name: str) -> bool:
    return _TEXT.match(name) is not None


def _license(one: Distribution) -> str:
    stated = _STATED.get(one.name) or one.metadata["License-Expression"] or ""
    short = next(iter((one.metadata["License"] or "").splitlines()), "")
    classes = [
        text.rpartition(" :: ")[2]
        for text in one.metadata.get_all("Classifier", [])
        if text.startswith("License :: ")
    ]
    return stated or (short if len(short) <= _LONGEST else "") or ", ".join(classes)


def _home(one: Distribution) -> str:
    links = [text.partition(", ") for text in one.metadata.get_all("Project-URL", [])]
    named = {name.lower(): url for name, _, url in links}
    usual = ("homepage", "source", "source code", "repository", "github")
    return one.metadata["Home-page"] or next((named[n] for n in usual if n in named), "")


def of_python() -> Part:
    """The interpreter and its standard library."""
    version = platform.python_version()
    short = f"{sys.version_info[0]}.{sys.version_info[1]}"
    places = (
        Path(sysconfig.get_path("stdlib"), "LICENSE.txt"),
        Path(sys.base_prefix, "LICENSE.txt"),
        Path(f"/usr/share/doc/python{short}/copyright"),  # Debian's package
    )
    text = next((_read(place) for place in places if place.is_file()), _PYTHON)
    home = "https://www.python.org"
    return Part("CPython", version, "PSF-2.0", "program", home, (("LICENSE.txt", text),))


def _engine(python: Iterable[Part]) -> Iterator[Part]:
    """llama.cpp: the last number of its binding's version is the build that is in it."""
    for part in python:
        if part.name == "xllamacpp":
            build = f"b{part.version.rpartition('.')[2]}"
            home = "https://github.com/ggml-org/llama.cpp"
            texts = (("LICENSE", _LLAMA_CPP), *part.texts)
            yield Part("llama.cpp", build, "MIT", "library", home, texts)


def _browser() -> Iterator[Part]:
    try:
        folder = resources.static_dir() / "vendor"
        listed = json.loads((folder / "libraries.json").read_text(encoding="utf-8"))
    except (ConfigError, OSError):
        return
    for one in listed:
        names = [name for name in one["files"] if name.endswith(".LICENSE")]
        texts = [(name, _read(folder / name)) for name in names]
        terms = _sorted(texts)
        yield Part(one["name"], one["version"], one["license"], "browser", one["home"], terms)


def _model() -> Iterator[Part]:
    model = resources.embedded_model()
    if model is None:
        return
    home = "https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"
    terms = (("LICENSE", _read(model.with_name("LICENSE"))),)
    yield Part("SmolLM2-135M-Instruct", "Q4_1", "Apache-2.0", "model", home, terms)
    notice = model.with_name("libgomp.NOTICE")
    if notice.is_file():
        texts = [("NOTICE", _read(notice)), *of_debian("gcc-12-base"), *_common("GPL-3")]
        license_id = "GPL-3.0-or-later WITH GCC-exception-3.1"
        home = "https://gcc.gnu.org"
        yield Part("libgomp", "pykdtree 1.4.3", license_id, "library", home, tuple(texts))


def of_debian(package: str) -> list[tuple[str, str]]:
    """The terms of a package of Debian, and of the licences that they only name; else none."""
    path = Path("/usr/share/doc", package, "copyright")
    return [("copyright", _read(path))] if path.is_file() else []


def _common(name: str) -> list[tuple[str, str]]:
    path = Path("/usr/share/common-licenses", name)
    return [(name, _read(path))] if path.is_file() else []


def _sorted(texts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(texts))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
