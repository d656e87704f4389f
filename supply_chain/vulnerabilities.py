"""Known vulnerabilities of the locked packages: Python's by pip-audit, Node's by ``npm audit``.

Both ask services of the outside. One that does not answer leaves its packages unjudged, which is said and fails
nothing: what is judged is the commit, not the network.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from supply_chain.allowed import Exemption
from supply_chain.errors import BadInput

OSV = "https://api.osv.dev/v1/query"
# How pip-audit asks PyPI, here for a version that PyPI has; it has no option for another address.
PYPI = "https://pypi.org/pypi/pip/25.0/json"
# The longest wait for a service's first word.
_FIRST_WORD = 5
# The longest that one audit may take.
_SECONDS = 300


@dataclass(frozen=True)
class Vulnerability:
    """A known vulnerability of a locked package; ``fixed`` says in which version it is mended, where that is known."""

    package: str
    version: str
    identifiers: tuple[str, ...]
    fixed: str
    title: str


@dataclass(frozen=True)
class Answer:
    """What a service says of the packages that it was asked for, and those that it does not know."""

    service: str
    packages: int
    vulnerabilities: tuple[Vulnerability, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Silence:
    """A service that does not answer, or not as it should, and why."""

    service: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The vulnerabilities that nobody allowed, those that are allowed no longer, and those that are."""

    refused: tuple[Vulnerability, ...]
    expired: tuple[tuple[Vulnerability, Exemption], ...]
    tolerated: tuple[tuple[Vulnerability, Exemption], ...]


def judge(found: Iterable[Vulnerability], exemptions: Iterable[Exemption], today: date) -> Verdict:
    """Hold what was found against the allow-list; an exemption holds to the end of its last day."""
    lists: dict[str, list[Any]] = {"refused": [], "expired": [], "tolerated": []}
    exemptions = list(exemptions)
    for each in found:
        fitting = [e for e in exemptions if e.package == each.package and e.identifier in each.identifiers]
        if not fitting:
            lists["refused"].append(each)
            continue
        last = max(fitting, key=lambda exemption: exemption.until)
        lists["tolerated" if today <= last.until else "expired"].append((each, last))
    return Verdict(tuple(lists["refused"]), tuple(lists["expired"]), tuple(lists["tolerated"]))


def ask_python(locks: Sequence[Path], osv: str) -> Answer | Silence:
    """Ask OSV for the packages of ``locks``, and PyPI where OSV does not answer. Raise ``BadInput`` for a bad lock."""
    silences = []
    with tempfile.TemporaryDirectory() as folder:
        lists = _whole(locks, Path(folder))
        for service, address, options in (("osv", osv, ["--osv-url", osv]), ("pypi", PYPI, [])):
            answer = _unreachable(service, address) or _all(_pip_audit([file], service, options) for file in lists)
            if isinstance(answer, Answer):
                return answer
            silences.append(answer)
    _check_locks(locks)
    return Silence("OSV and PyPI", "; ".join(f"{each.service}: {each.reason}" for each in silences))


def ask_npm(folder: Path, registry: str | None) -> Answer | Silence:
    """Ask the npm registry for the packages of ``folder``'s package-lock.json. Raise ``BadInput`` for a bad lock."""
    locked = _npm_versions(folder / "package-lock.json")
    options = ["--package-lock-only", "--json", "--fetch-retries=0", "--fetch-timeout=10000"]
    # All that is locked: where NODE_ENV is "production", or a configuration omits a kind, npm asks for the rest alone,
    # and what is left out counts as sound (findings/npm-audits-no-tools-in-production.sh).
    options += [f"--include={kind}" for kind in ("dev", "optional", "peer")]
    where = ["--registry", registry] if registry else []
    npm = Path(sys.prefix) / "bin" / "npm"
    report, complaint = _json([str(npm), "audit", *options, *where], folder)
    if "auditReportVersion" not in report:
        error = report.get("message") or report.get("error", {}).get("summary") or complaint
        return Silence("the npm registry", str(error))
    return Answer("the npm registry", len(locked), tuple(npm_findings(report, locked)))


def npm_findings(report: Mapping[str, Any], locked: Mapping[str, str]) -> list[Vulnerability]:
    """Return the advisories of an ``npm audit --json`` report, without packages affected only through another."""
    found = []
    for name, entry in sorted(report["vulnerabilities"].items()):
        versions = sorted({locked[node] for node in entry["nodes"] if node in locked})
        for advisory in entry["via"]:
            if isinstance(advisory, str):
                continue
            identifier = str(advisory.get("url", advisory["source"])).rpartition("/")[2]
            fix = entry.get("fixAvailable")
            fixed = f"{fix['name']} {fix['version']}" if isinstance(fix, Mapping) else f"any but {advisory['range']}"
            found.append(Vulnerability(name, ", ".join(versions), (identifier,), fixed, advisory["title"]))
    return found


def _unreachable(service: str, address: str) -> Silence | None:
    """Return the silence of a service that cannot be asked, before pip-audit asks it for each package.

    No connection reaches it, or it is a mirror of PyPI's files alone.
    """
    import requests  # noqa: PLC0415 - the step that writes bills has not its packages

    try:
        answer = requests.get(address, timeout=_FIRST_WORD)
    except requests.RequestException as error:
        return Silence(service, _last(str(error)))
    if address == PYPI and answer.status_code == requests.codes.not_found:
        return Silence(service, f"{PYPI} is not found: a mirror without vulnerabilities")
    return None


def _whole(locks: Iterable[Path], folder: Path) -> list[Path]:
    """Write what is locked, for any Python and any system, as files in a folder that pip-audit reads to their ends.

    It passes over a line that is for another Python or system than the one that it runs on, and refuses a second
    version of a package: in each file, no line says whom it is for, and each package has one version. Raise
    ``BadInput`` for a lock that cannot be read.
    """
    lists: list[dict[str, tuple[str, str]]] = [{}]
    for lock in locks:
        try:
            text = lock.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{lock}: cannot be read ({error}); make it anew: make lock") from None
        for line in text.replace("\\\n", " ").splitlines():
            words, dash, hashes = line.partition(" --hash=")
            locked = words.partition(";")[0].strip()
            if locked.startswith("#") or not locked:
                continue
            name = locked.partition("==")[0].lower()
            if not any(each.get(name, ("",))[0] == locked for each in lists):
                fitting = next((each for each in lists if name not in each), None)
                if fitting is None:
                    lists.append(fitting := {})
                fitting[name] = (locked, f"{locked}{dash}{hashes}\n")
    files = [folder / f"{number}.txt" for number, _ in enumerate(lists)]
    for file, packages in zip(files, lists, strict=True):
        file.write_text("".join(line for _, line in packages.values()), encoding="utf-8")
    return files


def _all(answers: Iterable[Answer | Silence]) -> Answer | Silence:
    """Return what a service says to several questions as one answer; a silence, if one of them was met by it."""
    parts: list[Answer] = []
    for answer in answers:
        if isinstance(answer, Silence):
            return answer
        parts.append(answer)
    return Answer(
        parts[0].service,
        sum(part.packages for part in parts),
        tuple(each for part in parts for each in part.vulnerabilities),
        tuple(each for part in parts for each in part.unknown),
    )


def _pip_audit(locks: Sequence[Path], service: str, options: Sequence[str]) -> Answer | Silence:
    report, complaint = _json([*_command(locks), "--format=json", "--vulnerability-service", service, *options], None)
    entries = report.get("dependencies", [])
    known = [entry for entry in entries if "skip_reason" not in entry]
    if not known:
        # pip-audit takes "not found", which is also what a mirror without vulnerabilities says, for a package to skip.
        return Silence(service, complaint or next((entry["skip_reason"] for entry in entries), "no answer"))
    return Answer(
        service,
        len(known),
        tuple(
            Vulnerability(
                entry["name"],
                entry["version"],
                (each["id"], *sorted(each["aliases"])),
                ", ".join(each["fix_versions"]) or "no version yet",
                each["description"],
            )
            for entry in known
            for each in entry["vulns"]
        ),
        tuple(entry["name"] for entry in entries if "skip_reason" in entry),
    )


def _command(locks: Sequence[Path]) -> list[str]:
    names = [word for lock in locks for word in ("--requirement", str(lock))]
    quiet = ["--progress-spinner=off", "--timeout=5", "--aliases=on", "--desc=on"]
    return [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", *quiet, *names]


def _check_locks(locks: Sequence[Path]) -> None:
    """Refuse a lock that nobody could have been asked for: that nobody answered must not be its fault."""
    done = subprocess.run([*_command(locks), "--dry-run"], capture_output=True, text=True, check=False)
    if done.returncode:
        names = ", ".join(map(str, locks))
        raise BadInput(f"{names}: no locked packages with hashes: {_last(done.stderr)}; make them anew: make lock")


def _npm_versions(lock: Path) -> dict[str, str]:
    try:
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        return {place: entry["version"] for place, entry in packages.items() if place}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{lock}: no lock of npm's ({error!r}); make it anew: npm install --package-lock-only") from None


def _json(command: Sequence[str], folder: Path | None) -> tuple[dict[str, Any], str]:
    """Return what a command prints as JSON, nothing where it prints none, and the last line of its complaints."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return {}, f"no answer in {_SECONDS} s"
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return {}, _last(done.stderr)
    return (report, "") if isinstance(report, dict) else ({}, _last(done.stderr))


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    # What requests says of a host that is not there goes on with the address and its own nested errors.
    return lines[-1].strip().partition(" with url: ")[0][:160] if lines else "no word"
