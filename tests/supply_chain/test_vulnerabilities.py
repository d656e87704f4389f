"""A known vulnerability of a locked package fails, unless it is allowed for now; a service's silence fails nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from supply_chain import vulnerabilities
from supply_chain.__main__ import main
from supply_chain.allowed import Exemption
from supply_chain.vulnerabilities import Answer, Silence, Vulnerability, judge
from tests.supply_chain.services import services

NOBODY = "http://127.0.0.1:9"
FOUND = Vulnerability("jinja2", "2.10", ("PYSEC-2019-217", "CVE-2019-10906"), "2.10.1", "Sandbox escape")
LIVED_WITH = Exemption("jinja2", "CVE-2019-10906", date(2027, 1, 31), "only our own templates")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with services() as address:
        yield address


@pytest.fixture
def no_pypi(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyPI's address is fixed in pip-audit: a proxy that is not there keeps it away."""
    monkeypatch.setenv("HTTPS_PROXY", NOBODY)


def project(folder: Path, *, jinja2: str = "3.1.6", minimist: str = "1.2.8", allowed: str = "") -> list[str]:
    """Write locks with these versions and an allow-list, and return the options of the check."""
    lock = folder / "all.txt"
    lock.write_text(f"jinja2=={jinja2} \\\n    --hash=sha256:{'0' * 64}\n")
    packages = {"": {"dependencies": {"minimist": minimist}}, "node_modules/minimist": {"version": minimist}}
    (folder / "package-lock.json").write_text(
        json.dumps({"name": "fixture", "lockfileVersion": 3, "requires": True, "packages": packages})
    )
    (folder / "package.json").write_text(json.dumps({"name": "fixture", "dependencies": {"minimist": minimist}}))
    (folder / "allowed.toml").write_text(allowed)
    return ["--lock", str(lock), "--node", str(folder), "--allowed", str(folder / "allowed.toml")]


@pytest.fixture(scope="module")
def sound_node(service: str, tmp_path_factory: pytest.TempPathFactory) -> Answer | Silence:
    """What ``npm audit`` says of a lock without vulnerabilities: for what is about Python it is asked once."""
    folder = tmp_path_factory.mktemp("node")
    project(folder)
    return vulnerabilities.ask_npm(folder, service)


@pytest.fixture
def about_python(sound_node: Answer | Silence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vulnerabilities, "ask_npm", lambda *_: sound_node)


@pytest.fixture(scope="module")
def vulnerable_python(service: str, tmp_path_factory: pytest.TempPathFactory) -> Answer | Silence:
    """What pip-audit says of a lock with a vulnerable package, asked once for what is made of it."""
    folder = tmp_path_factory.mktemp("python")
    project(folder, jinja2="2.10")
    return vulnerabilities.ask_python([folder / "all.txt"], f"{service}/v1/query")


@pytest.fixture
def about_one_vulnerability(vulnerable_python: Answer | Silence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vulnerabilities, "ask_python", lambda *_: vulnerable_python)


def check(options: list[str], service: str) -> int:
    return main(["vulnerabilities", *options, "--osv", f"{service}/v1/query", "--npm-registry", service])


def test_versions_without_known_vulnerabilities_pass(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(project(tmp_path), service) == 0
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "known vulnerabilities of Node packages: 0 in 1, says the npm registry",
        "known vulnerabilities of Python packages: 0 in 1, says osv",
    ]
    assert output.err == ""


def test_vulnerable_version_of_a_node_package_fails_with_what_mends_it(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(project(tmp_path, minimist="0.0.8"), service) == 1
    [finding, advice] = capsys.readouterr().err.splitlines()
    assert finding.startswith(
        "supply_chain: minimist 0.0.8: GHSA-vh95-rmgr-6w4m: Prototype Pollution in minimist (mended in "
    )
    assert "allowed.toml" in advice


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        pytest.param("dev", "NODE_ENV=production", id="a tool where this is production"),
        pytest.param("dev", "npm_config_omit=dev", id="a tool that npm is told to omit"),
        pytest.param("optional", "npm_config_omit=optional", id="a platform's package that npm is told to omit"),
        pytest.param("peer", "npm_config_omit=peer", id="a peer that npm is told to omit"),
    ],
)
def test_what_npm_would_not_install_here_is_looked_at_too(
    kind: str, variable: str, service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, minimist="0.0.8")
    file = tmp_path / "package-lock.json"
    lock = json.loads(file.read_text())
    lock["packages"]["node_modules/minimist"][kind] = True
    wanted = lock["packages"][""]
    wanted[f"{kind}Dependencies"] = wanted.pop("dependencies")
    file.write_text(json.dumps(lock))
    (tmp_path / "package.json").write_text(json.dumps({"name": "fixture", **wanted}))
    monkeypatch.setenv(*variable.split("="))
    answer = vulnerabilities.ask_npm(tmp_path, service)
    assert isinstance(answer, Answer)
    assert [each.package for each in answer.vulnerabilities] == ["minimist"]


@pytest.mark.usefixtures("about_python")
def test_vulnerable_version_of_a_python_package_fails_with_what_mends_it(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(project(tmp_path, jinja2="2.10"), service) == 1
    [finding, advice] = capsys.readouterr().err.splitlines()
    assert finding.startswith(
        "supply_chain: jinja2 2.10: PYSEC-2019-217 = CVE-2019-10906 = GHSA-462w-v97r-4m45: "
        "Sandbox escape via str.format_map (mended in 2.10.1)"
    )
    assert "allowed.toml" in advice


@pytest.mark.usefixtures("about_python")
@pytest.mark.parametrize(
    "marker",
    [
        pytest.param("python_full_version < '3.4'", id="another Python"),
        pytest.param("sys_platform == 'plan9'", id="another system"),
    ],
)
def test_what_is_locked_for_others_is_looked_at_too(
    marker: str, service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """pip-audit itself passes over what is not for the Python and the system that it runs on."""
    options = project(tmp_path)
    lock = tmp_path / "all.txt"
    lock.write_text(f"{lock.read_text()}jinja2==2.10 ; {marker} \\\n    --hash=sha256:{'1' * 64}\n    # via nobody\n")
    assert check(options, service) == 1
    output = capsys.readouterr()
    assert "known vulnerabilities of Python packages: 1 in 2, says osv" in output.out
    assert output.err.startswith("supply_chain: jinja2 2.10: PYSEC-2019-217")


@pytest.mark.usefixtures("about_python", "about_one_vulnerability")
@pytest.mark.parametrize(
    ("until", "code"), [pytest.param("2999-01-01", 0, id="still allowed"), pytest.param("2020-01-01", 1, id="expired")]
)
def test_allowance_ends_with_its_day(
    until: str, code: int, service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = f'package = "jinja2"\nid = "CVE-2019-10906"\nuntil = {until}\nreason = "only our own templates"\n'
    assert check(project(tmp_path, jinja2="2.10", allowed=f"[[vulnerability]]\n{entry}"), service) == code
    output = capsys.readouterr()
    assert f"allowed until {until}" in (output.err if code else output.out)


@pytest.mark.parametrize(
    ("exemption", "today", "part"),
    [
        pytest.param(LIVED_WITH, date(2027, 1, 31), "tolerated", id="on its last day"),
        pytest.param(LIVED_WITH, date(2027, 2, 1), "expired", id="the day after"),
        pytest.param(replace(LIVED_WITH, identifier="PYSEC-2019-217"), date(2027, 1, 1), "tolerated", id="by its id"),
        pytest.param(replace(LIVED_WITH, identifier="CVE-2016-10745"), date(2027, 1, 1), "refused", id="another one"),
        pytest.param(replace(LIVED_WITH, package="markupsafe"), date(2027, 1, 1), "refused", id="another package's"),
    ],
)
def test_exemption_is_of_one_vulnerability_of_one_package(exemption: Exemption, today: date, part: str) -> None:
    verdict = judge([FOUND], [exemption], today)
    parts = {"refused": verdict.refused, "expired": verdict.expired, "tolerated": verdict.tolerated}
    assert [name for name, found in parts.items() if found] == [part]


@pytest.mark.usefixtures("no_pypi")
def test_silence_of_all_services_is_said_and_fails_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(project(tmp_path, jinja2="2.10", minimist="0.0.8"), NOBODY) == 0
    output = capsys.readouterr()
    assert output.err == ""
    [node, python] = output.out.splitlines()
    assert python.startswith(
        "known vulnerabilities of Python packages: not looked at, OSV and PyPI did not answer: osv: "
    )
    assert node.startswith("known vulnerabilities of Node packages: not looked at, the npm registry did not answer: ")


@pytest.mark.usefixtures("about_python")
def test_mirror_of_files_alone_is_not_asked_for_each_package(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vulnerabilities, "PYPI", f"{service}/nothing/pip/25.0/json")
    monkeypatch.setattr(vulnerabilities, "_pip_audit", lambda *_: pytest.fail("pip-audit has asked"))
    options = project(tmp_path, jinja2="2.10")
    assert main(["vulnerabilities", *options, "--osv", NOBODY, "--npm-registry", service]) == 0
    [_, python] = capsys.readouterr().out.splitlines()
    assert python.endswith(f"{service}/nothing/pip/25.0/json is not found: a mirror without vulnerabilities")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("all.txt", "jinja2>=2\n", "no locked packages with hashes", id="a lock without versions"),
        pytest.param("package-lock.json", "{}", "no lock of npm's", id="no lock of npm's"),
        pytest.param("allowed.toml", "[[vulnerability", "cannot be read", id="an allow-list that is no TOML"),
        pytest.param("allowed.toml", "[[secrets]]\n", "secrets: not known", id="a word that means nothing"),
        pytest.param(
            "allowed.toml", '[[secret]]\nsha1 = "0"\n', "allowed: sha1, reason", id="an entry without a reason"
        ),
        pytest.param("allowed.toml", '[[secret]]\nsha1 = "0"\nreason = " "\n', "not empty", id="an empty reason"),
        pytest.param(
            "allowed.toml",
            '[[vulnerability]]\npackage = "a"\nid = "b"\nuntil = "soon"\nreason = "c"\n',
            "allowed: a date such as",
            id="an end that is no date",
        ),
    ],
)
@pytest.mark.usefixtures("no_pypi")
def test_wrong_file_is_no_pass(
    name: str, content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = project(tmp_path)
    (tmp_path / name).write_text(content)
    assert check(options, NOBODY) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert name in line and message in line
