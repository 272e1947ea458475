"""Writes the list of materials of a build, as CycloneDX 1.6: the same for the same parts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from llmchat import __version__
from scripts.bundled import Bundled

NAME = "llmchat.cdx.json"
_KINDS = {
    "program": ComponentType.PLATFORM,
    "python": ComponentType.LIBRARY,
    "browser": ComponentType.LIBRARY,
    "library": ComponentType.LIBRARY,
    "model": ComponentType.MACHINE_LEARNING_MODEL,
}
_OF_FILES = "The SHA-256 of the sorted lines '<hash> <path>' of the wheel's files in RECORD"
_OF_LIBRARY = "The SHA-256 of each library as it was before its symbols were stripped"


def write(parts: Iterable[Bundled], folder: Path, built: int) -> Path:
    """Write it. `built` is the time, in seconds: of the source, not of the clock."""
    path = folder / NAME
    path.write_text(document(parts, built), encoding="utf-8")
    return path


def document(parts: Iterable[Bundled], built: int) -> str:
    """The list as JSON."""
    bom = Bom()
    program = Component(
        name="llmchat",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=f"llmchat@{__version__}",
        purl=PackageURL.from_string(f"pkg:generic/llmchat@{__version__}"),
    )
    components = [_component(one) for one in parts]
    bom.components.update(components)
    bom.metadata.component = program
    bom.metadata.timestamp = datetime.fromtimestamp(built, UTC)
    bom.register_dependency(program, components)
    content = "\n".join(sorted(f"{one.bom_ref.value} {one.hashes}" for one in components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"llmchat {__version__} {built} {content}")
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _component(one: Bundled) -> Component:
    part = one.part
    home = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part.home))]
    note = {"python": _OF_FILES, "library": _OF_LIBRARY}.get(part.kind)
    return Component(
        name=part.name,
        version=part.version,
        type=_KINDS[part.kind],
        bom_ref=one.purl,
        purl=PackageURL.from_string(one.purl),
        hashes=[HashType(alg=HashAlgorithm(name), content=value) for name, value in one.hashes],
        licenses=[LicenseFactory().make_from_string(part.license)],
        external_references=home if part.home else [],
        properties=[Property(name="llmchat:hash", value=note)] if note and one.hashes else [],
        components=[_inner(one.purl, inner) for inner in one.inside],
    )


def _inner(outer: str, inner: dict[str, str]) -> Component:
    return Component(
        name=inner["name"],
        version=inner["version"] or None,
        type=ComponentType.LIBRARY,
        bom_ref=f"{outer}#{inner['purl']}",
        purl=PackageURL.from_string(inner["purl"]),
    )
