"""Builds, run for real: their shells, environment, caches, artifacts, reports and ends."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rehearsal.codebuild import build_image
from rehearsal.codebuild.build import Result, Sources, build_spec, run
from rehearsal.codebuild.project import Project, Variable, overrides, read, variables
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource

PERSONAL = {"SECRET_OF_A_PERSON": "1", "AWS_PROFILE": "own", "VIRTUAL_ENV": "/own"}
ROOT = Path(__file__).parents[3]
Build = Callable[..., Result]
STORED = {"name": "from the store", "arn:aws:secretsmanager:eu-central-1:1:secret:s-ab": '{"password": "p"}'}


def project(**changes: Any) -> Project:
    values: dict[str, Any] = {
        "name": "demo",
        "arn": "arn:aws:codebuild:eu-central-1:111111111111:project/demo",
        "account": "111111111111",
        "region": "eu-central-1",
        "role": "arn:aws:iam::111111111111:role/demo",
        "image": "aws/codebuild/standard:7.0",
        "key": "arn:aws:kms:eu-central-1:111111111111:alias/aws/s3",
        "source": {"Type": "CODEPIPELINE"},
        "source_version": None,
        "variables": (),
        "privileged": False,
        "cached": True,
        "timeout": 1.0,
    }
    return Project(**{**values, **changes})


@pytest.fixture
def build(tmp_path: Path) -> Build:
    source = tmp_path / "source"
    source.mkdir()
    (source / "file.txt").write_text("of the commit")

    def start(
        spec: Mapping[str, Any],
        *,
        outputs: Mapping[str, Path] | None = None,
        hosts: Path | None = None,
        **changes: Any,
    ) -> Result:
        configured = project(
            **{**changes, "source": {"Type": "CODEPIPELINE", "BuildSpec": json.dumps({"version": "0.2", **spec})}}
        )
        home, parsed = tmp_path / "home", build_spec(configured, source)
        own = variables(parsed, (), (), parameter=STORED.__getitem__, secret=STORED.__getitem__)
        return run(
            configured, parsed, Sources(source, {}, {}),
            home=home,
            environment={**build_image.environment({**os.environ, **PERSONAL}, home, tmp_path / "tools"), **own},
            log=tmp_path / "log",
            reports=tmp_path / "reports",
            outputs=outputs or {},
            number=1,
            checkout=tmp_path / "checkout",
            hosts=hosts,
        )  # fmt: skip

    return start


def phases(**commands: list[str]) -> dict[str, Any]:
    return {"phases": {phase: {"commands": lines} for phase, lines in commands.items()}}


def test_commands_share_variables_and_directory(build: Build) -> None:
    result = build({
        "env": {"exported-variables": ["SUM"], "variables": {"LEFT": "1"}},
        **phases(
            install=["RIGHT='2 3'", "mkdir deep && cd deep"],
            build=["SUM=\"$LEFT $RIGHT $(basename $PWD)\"", "exit 0"],
        ),
    })  # fmt: skip
    assert result.exported == {"SUM": "1 2 3 deep"}


def test_a_secret_of_the_project_is_exported_to_nobody(build: Build, tmp_path: Path) -> None:
    stored = Variable("TOKEN", "token", "SECRETS_MANAGER")
    spec = {
        "env": {"exported-variables": ["TOKEN", "AWS_REGION", "SUM"]},
        **phases(build=["TOKEN=1; AWS_REGION=2; SUM=3"]),
    }
    assert build(spec, variables=(stored, Variable("SUM", "0"))).exported == {"SUM": "3"}
    assert "TOKEN is not exported: it is a secret" in (tmp_path / "log").read_text()


def test_a_failing_command_ends_its_phase_and_names_itself(build: Build, tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="phase build: the command `false` ended with exit status 1"):
        build(phases(build=["false", "touch never"], post_build=["echo succeeding=$CODEBUILD_BUILD_SUCCEEDING"]))
    assert not (tmp_path / "home" / "src" / "never").exists()
    assert "succeeding=0" in (tmp_path / "log").read_text()


def test_a_failed_build_says_what_it_exported(build: Build) -> None:
    spec = {
        "env": {"exported-variables": ["VERDICT", "STORM_SUMMARY"]},
        **phases(build=["exit 1"], post_build=["VERDICT=FAIL; STORM_SUMMARY='p95 9 s, limit 1 s'"]),
    }
    with pytest.raises(ActionFailed, match="exit status 1: p95 9 s, limit 1 s"):
        build(spec)


def test_finally_runs_after_a_failure(build: Build, tmp_path: Path) -> None:
    spec = {"phases": {"install": {"commands": ["exit 7"], "finally": ["echo cleaned up"]}}}
    with pytest.raises(ActionFailed, match="exit status 7"):
        build(spec)
    assert "\ncleaned up\n" in (tmp_path / "log").read_text()


def test_the_default_shell_is_not_bash_and_bash_can_be_chosen(build: Build) -> None:
    bashism = phases(build=["[[ a == a ]]"])
    build({"env": {"shell": "bash"}, **bashism})
    with pytest.raises(ActionFailed):
        build(bashism)


def test_what_a_build_makes_others_may_read_whatever_the_person_lets_them(build: Build, tmp_path: Path) -> None:
    """Images get the modes of the files that they are built from, and run as other users."""
    before = os.umask(0o077)
    try:
        build(phases(build=["mkdir made && touch made/file && stat -c %a made made/file > ../modes"]))
    finally:
        os.umask(before)
    assert (tmp_path / "home/modes").read_text() == "755\n644\n"


def test_nothing_of_the_persons_environment_reaches_a_build(build: Build, tmp_path: Path) -> None:
    build(phases(build=["env > ../env.txt"]))
    variables = (tmp_path / "home" / "env.txt").read_text()
    assert not [name for name in PERSONAL if name in variables]
    assert f"CODEBUILD_SRC_DIR={tmp_path}/home/src" in variables


# From the page "Environment variables in build environments" of CodeBuild's user guide, but for those of batches, of
# public builds and of webhooks; the region's are credentials of the action's role, the source's are the pipeline's.
OF_EVERY_BUILD = """
    CODEBUILD_BUILD_ARN CODEBUILD_BUILD_ID CODEBUILD_BUILD_IMAGE CODEBUILD_BUILD_NUMBER CODEBUILD_BUILD_SUCCEEDING
    CODEBUILD_KMS_KEY_ID CODEBUILD_PROJECT_ARN CODEBUILD_SRC_DIR CODEBUILD_START_TIME
"""


def test_a_build_has_the_variables_that_codebuild_gives(build: Build, tmp_path: Path) -> None:
    build(phases(build=["env > ../env.txt"]))
    lines = (tmp_path / "home" / "env.txt").read_text().splitlines()
    values = dict(line.partition("=")[::2] for line in lines)
    assert {name for name in OF_EVERY_BUILD.split() if not values.get(name)} == set()
    assert values["CODEBUILD_BUILD_IMAGE"] == "aws/codebuild/standard:7.0"
    assert values["CODEBUILD_KMS_KEY_ID"].endswith("alias/aws/s3")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        pytest.param("/usr/bin:/bin", ["/usr/bin", "/bin"], id="system alone"),
        pytest.param("VENV/bin:/usr/bin", ["/usr/bin"], id="virtual environment"),
        pytest.param("/project/node_modules/.bin:/bin", ["/bin"], id="folder of the project"),
        pytest.param("", ["/usr/local/bin", "/usr/bin", "/bin"], id="empty"),
        pytest.param(f"/{'x' * 300}/bin:/bin", [f"/{'x' * 300}/bin", "/bin"], id="what cannot be looked into"),
    ],
)
def test_the_search_path_knows_no_virtual_environment(tmp_path: Path, path: str, kept: list[str]) -> None:
    (tmp_path / "pyvenv.cfg").touch()
    assert build_image.search_path(path.replace("VENV", str(tmp_path))) == kept


def test_only_caches_outlast_a_build(build: Build, tmp_path: Path) -> None:
    spec = {
        "cache": {"paths": [".venv/**/*", "deep/er/**/*", "/root/.npm/**/*"]},
        **phases(build=["mkdir -p .venv deep/er deep/other && touch left .venv/kept deep/er/kept deep/other/gone"]),
    }
    build(spec)
    build({**spec, **phases(build=["ls -A . deep deep/* > ../seen"])})
    words = (tmp_path / "home" / "seen").read_text().split()
    assert "kept" in words
    assert {"left", "other", "gone"}.isdisjoint(words)
    build({**spec, **phases(build=["ls -A > ../seen"])}, cached=False)
    assert ".venv" not in (tmp_path / "home" / "seen").read_text()


def test_a_cache_path_without_a_folder_is_an_error(build: Build) -> None:
    with pytest.raises(ActionFailed, match=r"cache.paths has \*\*/node_modules"):
        build({"cache": {"paths": ["**/node_modules"]}, **phases(build=["true"])})


@pytest.mark.parametrize("left_out", ["skip/**/*", "skip/**", "skip"], ids=["files", "folders", "one folder"])
def test_artifacts_are_the_files_under_the_base_directory(build: Build, tmp_path: Path, left_out: str) -> None:
    spec = {
        "artifacts": {"base-directory": "out", "files": ["**/*"], "exclude-paths": [left_out]},
        **phases(build=["mkdir -p out/deep out/skip && touch out/a out/deep/.b out/skip/c"]),
    }
    build(spec, outputs={"Out": tmp_path / "Out"})
    assert sorted(str(p.relative_to(tmp_path / "Out")) for p in (tmp_path / "Out").rglob("*") if p.is_file()) == [
        "a",
        "deep/.b",
    ]


@pytest.mark.parametrize(
    ("artifacts", "message"),
    [
        pytest.param(
            {"base-directory": "none", "files": ["**/*"]},
            "no matching base directory path found for artifacts: none",
            id="missing base directory",
        ),
        pytest.param({"files": ["none/*"]}, "no matching artifact paths found", id="missing files"),
        pytest.param({"base-directory": "*", "files": ["**/*"]}, "without a pattern", id="pattern for a folder"),
        pytest.param(None, "expects the artifact Out", id="not declared"),
        pytest.param({"files": ["../home/**/*"]}, "leaves the base directory", id="pattern that leaves its folder"),
        pytest.param({"files": ["**.html"]}, r"\*\*.html: write \*\*/ before", id="any folder and a name in one"),
        pytest.param({"files": ["out/**"]}, r"out/\*\*: write .* as in \*\*/\*$", id="any folder, and nothing in it"),
        pytest.param({"files": ["/etc/hostname"]}, "/etc/hostname, which is outside of", id="absolute file elsewhere"),
    ],
)
def test_missing_artifacts_fail_the_build(
    build: Build, tmp_path: Path, artifacts: dict[str, Any] | None, message: str
) -> None:
    spec = {**({"artifacts": artifacts} if artifacts else {}), **phases(build=["true"])}
    with pytest.raises(ActionFailed, match=message):
        build(spec, outputs={"Out": tmp_path / "Out"})


@pytest.mark.parametrize(
    "artifacts",
    [
        pytest.param({"base-directory": "$CODEBUILD_SRC_DIR", "files": ["out/a"]}, id="source's folder"),
        pytest.param({"base-directory": "${CODEBUILD_SRC_DIR}/$WHERE", "files": ["a"]}, id="folder of the build's own"),
        pytest.param({"files": ["$CODEBUILD_SRC_DIR/out/*"]}, id="absolute pattern inside"),
        pytest.param({"files": ["**/*"], "exclude-paths": ["$NOTHING"]}, id="variable without a value"),
    ],
)
def test_variables_stand_in_the_paths_of_artifacts(build: Build, tmp_path: Path, artifacts: dict[str, Any]) -> None:
    spec = {"artifacts": artifacts, **phases(build=["export WHERE=out", "mkdir out && touch out/a"])}
    build(spec, outputs={"Out": tmp_path / "Out"})
    assert [path.name for path in (tmp_path / "Out").rglob("a")] == ["a"]


def test_a_group_of_reports_without_files_fails_the_build(build: Build) -> None:
    spec = {"reports": {"unit": {"files": ["$WHERE/*.xml"]}}, **phases(build=["WHERE=out"])}
    with pytest.raises(ActionFailed, match=r"report files not found in build: \$WHERE/\*\.xml of reports\.unit"):
        build(spec)


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param('tests="1" failures="2"', id="more failures than tests"),
        pytest.param('tests="-1"', id="less than none"),
        pytest.param('tests="many"', id="no number"),
    ],
)
def test_a_report_that_cannot_be_true_fails_the_build(build: Build, counts: str) -> None:
    write = f"echo '<testsuite {counts}><testcase name=\"a\"/></testsuite>' > a.xml"
    spec = {"reports": {"unit": {"files": ["a.xml"]}}, **phases(build=[write])}
    with pytest.raises(ActionFailed, match=r"a\.xml counts what cannot be"):
        build(spec)


def test_several_outputs_take_the_secondary_artifacts(build: Build, tmp_path: Path) -> None:
    spec = {
        "artifacts": {"files": ["a"], "secondary-artifacts": {"One": {"files": ["a"]}, "Two": {"files": ["b"]}}},
        **phases(build=["touch a b"]),
    }
    build(spec, outputs={"One": tmp_path / "One", "Two": tmp_path / "Two"})
    assert (tmp_path / "One" / "a").exists()
    assert (tmp_path / "Two" / "b").exists()


def test_reports_are_kept_of_a_failed_build_too(build: Build, tmp_path: Path) -> None:
    junit = "<testsuite><testcase/><testcase><failure/></testcase></testsuite>"
    spec = {"reports": {"storm": {"files": ["junit.xml"]}}, **phases(build=[f"echo '{junit}' > junit.xml"])}
    assert build(spec).tests == "2 tests, 1 failed"
    (tmp_path / "reports" / "storm" / "junit.xml").unlink()
    with pytest.raises(ActionFailed):
        build({**spec, **phases(build=[f"echo '{junit}' > junit.xml; false"])})
    assert (tmp_path / "reports" / "storm" / "junit.xml").exists()


def test_a_build_spec_that_the_source_lacks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match=r"build spec night\.yml is not in the source"):
        build_spec(project(source={"Type": "GITHUB", "BuildSpec": "night.yml"}), tmp_path)


@pytest.mark.parametrize("kernel", ["of today", "before 5.3"])
def test_a_build_that_takes_too_long_times_out(build: Build, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_process: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    if kernel == "before 5.3":
        monkeypatch.setattr(os, "pidfd_open", unknown)
    with pytest.raises(ActionFailed, match="exit status 3"):
        build(phases(build=["exit 3"]))
    with pytest.raises(ActionFailed, match="timed out in the phase build"):
        build(phases(build=["sleep 60"]), timeout=0.005)


def test_nothing_that_a_build_started_outlives_it(build: Build, tmp_path: Path) -> None:
    build(phases(build=["sleep 61 & echo $! > ../pid"]))
    until(lambda: not alive(int((tmp_path / "home" / "pid").read_text())))


KILLED = """
import sys, time
from pathlib import Path
from rehearsal.codebuild.shell import Shell
home = Path(sys.argv[1])
environment = {"PATH": "/usr/bin:/bin"}
with Shell(program="/bin/sh", environment=environment, directory=home, scratch=home, log=sys.stdout.buffer) as shell:
    shell.run("echo $$ > pid.new; mv pid.new pid; sleep 62", time.monotonic() + 60)
"""


def test_nothing_outlives_a_rehearsal_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT) as process:
        until((tmp_path / "pid").exists)
        process.send_signal(signal.SIGKILL)
    until(lambda: not alive(int((tmp_path / "pid").read_text())))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_actions_variables_win_over_the_projects_over_the_build_specs(tmp_path: Path) -> None:
    spec = build_spec(
        project(
            source={
                "BuildSpec": json.dumps(
                    {
                        "version": "0.2",
                        "env": {"variables": {"A": "spec", "B": "spec", "C": "spec"}},
                        **phases(build=["true"]),
                    }
                )
            }
        ),
        tmp_path,
    )
    action = overrides('[{"name": "C", "type": "PLAINTEXT", "value": "action"}]')
    known = variables(
        spec,
        (Variable("B", "project"), Variable("C", "project")),
        action,
        parameter=STORED.__getitem__,
        secret=STORED.__getitem__,
    )
    assert known == {"A": "spec", "B": "project", "C": "action"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param(Variable("V", "name", "PARAMETER_STORE"), "from the store", id="parameter"),
        pytest.param(Variable("V", "name", "SECRETS_MANAGER"), "from the store", id="secret by name"),
        pytest.param(
            Variable("V", "arn:aws:secretsmanager:eu-central-1:1:secret:s-ab:password", "SECRETS_MANAGER"),
            "p",
            id="field of a secret",
        ),
        pytest.param(
            Variable("V", "arn:aws:secretsmanager:eu-central-1:1:secret:s-ab:password::", "SECRETS_MANAGER"),
            "p",
            id="field of a secret with empty stage",
        ),
    ],
)
def test_stored_variables_are_resolved(tmp_path: Path, variable: Variable, value: str) -> None:
    spec = build_spec(project(source={"BuildSpec": json.dumps({"version": "0.2", **phases(build=["true"])})}), tmp_path)
    assert variables(spec, (variable,), (), parameter=STORED.__getitem__, secret=STORED.__getitem__) == {"V": value}


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        pytest.param(
            Variable("V", "none", "PARAMETER_STORE"), "the variable V .* there is no 'none'", id="missing parameter"
        ),
        pytest.param(
            Variable("V", "arn:aws:secretsmanager:eu-central-1:1:secret:s-ab:user", "SECRETS_MANAGER"),
            "there is no 'user'",
            id="missing field of a secret",
        ),
        pytest.param(Variable("V", "x", "OTHER"), "has the type OTHER", id="unknown type"),
        pytest.param(
            Variable("V", "name:password:AWSPREVIOUS", "SECRETS_MANAGER"),
            "only a secret's current version",
            id="previous version of a secret",
        ),
    ],
)
def test_a_variable_that_cannot_be_resolved_is_an_error(tmp_path: Path, variable: Variable, message: str) -> None:
    spec = build_spec(project(source={"BuildSpec": json.dumps({"version": "0.2", **phases(build=["true"])})}), tmp_path)
    with pytest.raises(ActionFailed, match=message):
        variables(spec, (variable,), (), parameter=STORED.__getitem__, secret=STORED.__getitem__)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"A": "1"}', "a list of name, value and type is wanted", id="mapping"),
        pytest.param('[{"Name": "A", "Value": "1"}]', "a list of name, value and type is wanted", id="capital letters"),
        pytest.param('[{"name": "A"}]', "a list of name, value and type is wanted", id="no value"),
        pytest.param('["A=1"]', "a list of name, value and type is wanted", id="texts"),
        pytest.param('[{"name": "A", "value": "1", "type": "TEXT"}]', "A is of the type TEXT; known are", id="type"),
    ],
)
def test_an_actions_variables_of_another_form_are_named(text: str, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        overrides(text)


FOLDERS = {"Type": "LOCAL", "Modes": ["LOCAL_CUSTOM_CACHE", "LOCAL_SOURCE_CACHE"]}
IN_VPC = {"VpcConfig": {"VpcId": "vpc-1", "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


@pytest.mark.parametrize(
    ("properties", "cached"),
    [
        pytest.param({"Cache": FOLDERS}, True, id="folders"),
        pytest.param({"Cache": FOLDERS, **IN_VPC}, False, id="folders of a build in a VPC"),
        pytest.param({"Cache": {"Type": "LOCAL", "Modes": ["LOCAL_DOCKER_LAYER_CACHE"]}}, False, id="layers alone"),
        pytest.param({"Cache": {"Type": "S3", "Location": "caches/builds"}}, True, id="bucket"),
        pytest.param({"Cache": {"Type": "S3", "Location": "caches/builds"}, **IN_VPC}, True, id="bucket, in a VPC"),
        pytest.param({"Cache": {"Type": "NO_CACHE"}}, False, id="none"),
        pytest.param({}, False, id="not said"),
    ],
)
def test_a_project_keeps_the_folders_that_its_cache_is_for(properties: dict[str, Any], cached: bool) -> None:
    assert read(demo(**properties), "111111111111", "eu-central-1").cached == cached


def test_a_first_build_finds_the_tools_of_the_checkout_in_its_cache(build: Build, tmp_path: Path) -> None:
    tool = tmp_path / "checkout" / "tools" / "tool"
    tool.parent.mkdir(parents=True)
    tool.write_text("of the checkout")
    spec = {
        "cache": {"paths": ["tools/**/*", "nothing/**/*"]},
        "env": {"exported-variables": ["FOUND"]},
        **phases(build=["FOUND=$(cat tools/tool)", "test ! -e nothing", "rm tools/tool && echo own > tools/tool"]),
    }
    first = build(spec)
    assert (first.exported["FOUND"], first.caches) == ("of the checkout", "tools reused")
    assert build(spec).exported["FOUND"] == "own"
    assert tool.read_text() == "of the checkout"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SecondarySources", []),
        ("SecondarySourceVersions", []),
        ("FileSystemLocations", []),
        ("BuildBatchConfig", {}),
    ],
    ids=["sources", "versions of sources", "file systems", "batches"],
)
def test_what_a_project_has_and_no_build_here_would_get_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ActionFailed, match=f"the project demo: the rehearsal does not know how to honour {name}"):
        read(demo(**{name: value}), "111111111111", "eu-central-1")


def demo(**properties: Any) -> Resource:
    known = {
        "ServiceRole": "arn:aws:iam::111111111111:role/demo",
        "Source": {"Type": "CODEPIPELINE"},
        "Artifacts": {"Type": "CODEPIPELINE"},
        "Environment": {"Type": "LINUX_CONTAINER", "Image": "standard", "ComputeType": "SMALL"},
    }
    return Resource("Demo", "AWS::CodeBuild::Project", "demo", known | properties, {})


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        pytest.param({"Odd": 1}, "Odd: CloudFormation knows no Odd there", id="unknown key"),
        pytest.param(
            {"Environment": {"Type": "ARM_CONTAINER", "Image": "standard", "ComputeType": "SMALL"}},
            "Environment.Type is 'ARM_CONTAINER'; the rehearsal honours LINUX_CONTAINER",
            id="another processor",
        ),
        pytest.param({"Artifacts": {"Type": "S3"}}, "Artifacts.Type is 'S3'", id="artifacts of its own"),
        pytest.param({"Source": {"Type": "S3"}}, "Source.Type is 'S3'", id="source in a bucket"),
        pytest.param({"Cache": {"Type": "S3"}}, "Cache has no Location", id="cache in no bucket"),
    ],
)
def test_a_project_that_no_build_here_is_like_is_refused_by_name(properties: dict[str, Any], fault: str) -> None:
    assert read(demo(), "111111111111", "eu-central-1").name == "demo"
    with pytest.raises(ActionFailed) as refused:
        read(demo(**properties), "111111111111", "eu-central-1")
    assert fault in str(refused.value)


def test_a_build_sees_its_own_names_of_hosts_and_nobody_else_does(build: Build, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("127.9.8.7 www.example.com\n127.0.0.1 localhost\n")
    spec = {
        "env": {"exported-variables": ["ADDRESS"]},
        **phases(build=["ADDRESS=$(getent hosts www.example.com | cut -d' ' -f1)"]),
    }
    assert build(spec, hosts=hosts).exported["ADDRESS"] == "127.9.8.7"
    assert "127.9.8.7" not in Path("/etc/hosts").read_text()


def test_what_is_no_utf_8_fails_the_build_and_is_named(build: Build, tmp_path: Path) -> None:
    with pytest.raises(ActionFailed, match="the exported variable NAME is no UTF-8"):
        build({"env": {"exported-variables": ["NAME"]}, **phases(build=["NAME=$(printf 'caf\\351')"])})
    (tmp_path / "source" / "odd.yml").write_bytes(b"version: 0.2 # caf\xe9\n")
    with pytest.raises(ActionFailed, match=r"the build spec odd\.yml is no UTF-8: .* at byte 18"):
        build_spec(project(source={"Type": "CODEPIPELINE", "BuildSpec": "odd.yml"}), tmp_path / "source")
