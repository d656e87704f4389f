"""A bill of materials of an image, in CycloneDX: its system, and every package of Debian's in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

_FIELDS = ("db:Status-Abbrev", "Package", "Version", "Architecture", "source:Package", "source:Version")
_SEPARATOR = "--"
_FORMAT = "|".join(f"${{{field}}}" for field in _FIELDS)
# Packages that were unpacked and not installed have a control file each in status.d, where distroless images have all.
# A source of another name is named there, with its version where that is another one: ``Source: openssl (3.5.4-1)``.
_UNPACKED = (
    "/^(Package|Version|Architecture|Source): / { field[$1] = $2 } "
    'END { split(field["Source"], source, /[ ()]+/); '
    'print "ii |" field["Package"] "|" field["Version"] "|" field["Architecture"] '
    '"|" (source[1] ? source[1] : field["Package"]) "|" (source[2] ? source[2] : field["Version"]) }'
)
# What a shell in the image is asked: its os-release, its installed packages, and those that were unpacked.
QUERY = f"""set -e
cat /etc/os-release
echo {_SEPARATOR}
dpkg-query --show --showformat='{_FORMAT}\\n'
for file in /var/lib/dpkg/status.d/*; do
    if [ -f "$file" ]; then awk -F ': ' '{_UNPACKED}' "$file"; fi
done"""


@dataclass(frozen=True, order=True)
class Package:
    """A package of Debian's in an image, in the words of dpkg, and what it was built from.

    Debian's security data go by the source: what is known of OpenSSL is known of ``openssl``, not of ``libssl3t64``.
    """

    name: str
    version: str
    architecture: str
    source: str
    source_version: str


@dataclass(frozen=True)
class Contents:
    """What an image holds: its ``os-release``, and its packages."""

    release: Mapping[str, str]
    packages: tuple[Package, ...]


def read(answer: str) -> Contents:
    """Read the answer to ``QUERY``. Raise ``ValueError`` where it names no system or no package."""
    release, _, packages = answer.partition(f"\n{_SEPARATOR}\n")
    fields = dict(line.split("=", 1) for line in release.splitlines() if "=" in line and not line.startswith("#"))
    lines = [line.split("|") for line in packages.splitlines()]
    if "ID" not in fields:
        raise ValueError("its os-release names no ID")
    if not lines or any(len(line) != len(_FIELDS) for line in lines):
        raise ValueError("dpkg lists no packages")
    return Contents(
        {name: " ".join(shlex.split(value)) for name, value in fields.items()},
        # The second letter is what is there, of whatever is wanted (a held package is "hi"): "n" is nothing, "c" the
        # settings that a removed one has left.
        tuple(sorted(Package(*rest) for status, *rest in lines if status[1:2] not in {"n", "c"})),
    )


def write(name: str, version: str, contents: Contents) -> str:
    """Write the bill of an image of this name and version (its tag), as JSON that holds to CycloneDX 1.6."""
    system = contents.release["ID"]
    distribution = "-".join(filter(None, (system, contents.release.get("VERSION_ID"))))
    bom = Bom()
    image = Component(type=ComponentType.CONTAINER, name=name, version=version, bom_ref=f"{name}@{version}")
    bom.metadata.component = image
    parts = [
        Component(
            type=ComponentType.OPERATING_SYSTEM,
            name=system,
            version=contents.release.get("VERSION_ID"),
            description=contents.release.get("PRETTY_NAME"),
            bom_ref=distribution,
        ),
        *(_component(package, system, distribution) for package in contents.packages),
    ]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(image, parts)
    text = str(JsonV1Dot6(bom).output_as_string(indent=1))
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of {name} is no CycloneDX: {wrong}")
    return text


def _component(package: Package, system: str, distribution: str) -> Component:
    qualifiers = {"arch": package.architecture, "distro": distribution}
    # As Syft writes it and Grype reads it.
    if package.source_version != package.version:
        qualifiers["upstream"] = f"{package.source}@{package.source_version}"
    elif package.source != package.name:
        qualifiers["upstream"] = package.source
    address = PackageURL("deb", system, package.name, package.version, qualifiers)
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=address,
        bom_ref=address.to_string(),
        properties=_source(package),
    )


def _source(package: Package) -> Iterator[Property]:
    """Yield the source in the words of Trivy, which reads nothing of it in an address, and takes the package for it."""
    epoch, _, rest = package.source_version.rpartition(":")
    version, dash, release = rest.rpartition("-")
    words = {"Name": package.source, "Version": version if dash else rest, "Epoch": epoch or "0"}
    for name, value in (words | ({"Release": release} if dash else {})).items():
        yield Property(name=f"aquasecurity:trivy:Src{name}", value=value)
