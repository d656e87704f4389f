"""The report against an AWS of this process: what stands is read by prod's role, and nothing is guessed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from promotion import __main__ as command
from promotion import cost as costs
from promotion.changes import Reader, Unreadable, compare, stacks_of

OLD, NEW = "c0ffee12" * 5, "3f9c1d2e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d"
ROLE = "arn:aws:iam::333333333333:role/site-prod-reader"
BILLS = "s3://evidence/gate"


def template(commit: str, **topic: Any) -> dict[str, Any]:
    variable = {"Name": "FLOODGATE_COMMIT", "Value": commit}
    return {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one", **topic}},
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "Family": "site",
                    "ContainerDefinitions": [
                        {"Name": "php", "Memory": 128, "Image": f"registry/php:{commit}", "Environment": [variable]}
                    ],
                },
            },
        }
    }


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import boto3

    from tests.emulated import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        made = boto3.session.Session(region_name="eu-central-1")
        made.client("s3").create_bucket(
            Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield made


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """Two stacks of prod, and one of dev."""
    folder = tmp_path / "assembly-Prod"
    folder.mkdir()
    (folder / "site.json").write_text(json.dumps(template(NEW, DisplayName="two")))
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "displayName": f"Pipeline/{stage}/{name}",
            "environment": "aws://333333333333/eu-central-1",
            "properties": {"templateFile": "site.json", "stackName": name},
        }
        for name, stage in (("site", "Prod"), ("other", "Prod"), ("try", "Dev"))
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {**artifacts, "x": {"type": "cdk:tree"}}}))
    nested = {"Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": folder.name}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": nested}))
    return tmp_path


def bill(session: Any, commit: str, version: str) -> None:
    for image in ("wordpress", "nginx"):
        parts = [{"type": "library", "name": "openssl", "version": version}, {"type": "operating-system", "name": "x"}]
        session.client("s3").put_object(
            Bucket="evidence", Key=f"gate/{commit}/sbom/{image}.cdx.json", Body=json.dumps({"components": parts})
        )


def stands(session: Any, more: dict[str, Any]) -> None:
    """Let prod run the old commit, in prod's own account, and ``more`` resources that the new one has not."""
    keys = session.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="deployment")["Credentials"]
    session.client(
        "cloudformation",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    ).create_stack(StackName="site", TemplateBody=json.dumps({"Resources": {**template(OLD)["Resources"], **more}}))


def test_a_stage_is_compared_with_what_it_runs(session: Any, assembly: Path) -> None:
    stands(session, {})
    bill(session, OLD, "3.5.1")
    bill(session, NEW, "3.5.2")
    reader = Reader(session, ROLE)
    found = compare(stacks_of(assembly, "Prod"), reader, bills=BILLS, commit=NEW, allowed=())
    assert found.summary() == ("Changes in prod: New: other. 1 setting changed. New images: php. 2 packages differ.")
    page = found.page()
    for line in (
        "- site: Topic DisplayName: one -> two",
        f"- site: php: {OLD[:12]} -> {NEW[:12]}",
        "- nginx openssl: 3.5.1 -> 3.5.2",
        "- other",
    ):
        assert line in page.splitlines()
    reader.keep({"changes.md": page}, f"{BILLS}/{NEW}")
    kept = session.client("s3").get_object(Bucket="evidence", Key=f"gate/{NEW}/changes.md")["Body"].read()
    assert kept.decode() == page


def test_before_the_first_deployment_all_is_new(session: Any, assembly: Path) -> None:
    found = compare(stacks_of(assembly, "Prod"), Reader(session, ROLE), bills=BILLS, commit=NEW, allowed=())
    assert "New: site, other." in found.summary()
    assert found.packages is None


def test_where_nobody_may_read_nothing_passes_for_new(session: Any, assembly: Path) -> None:
    from botocore.exceptions import ClientError

    class Denied:
        """A session whose role is not there, or lets nobody in."""

        def client(self, service: str, **_: Any) -> Any:
            assert service == "sts"
            return self

        def assume_role(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    found = compare(stacks_of(assembly, "Prod"), Reader(Denied(), ROLE), bills=BILLS, commit=NEW, allowed=())
    assert found.summary().startswith("NOT COMPARED with prod: site-prod-reader cannot be assumed.")
    assert "New:" not in found.summary()


def test_without_the_bill_of_what_runs_nobody_says_that_packages_are_the_same(session: Any, assembly: Path) -> None:
    stands(session, {})
    bill(session, NEW, "3.5.2")
    found = compare(stacks_of(assembly, "Prod"), Reader(session, ROLE), bills=BILLS, commit=NEW, allowed=())
    assert "packages" not in found.summary()
    assert "not known: the bill of materials of what prod runs is not among the evidence" in found.page()


def test_an_evidence_that_is_not_there_is_said(session: Any) -> None:
    with pytest.raises(Unreadable, match="s3://nowhere/gate cannot be written"):
        Reader(session, ROLE).keep({"changes.md": ""}, "s3://nowhere/gate")


def test_what_an_earlier_synthesis_left_behind_is_nothing(assembly: Path) -> None:
    """CDK clears no folder: what no manifest names is of a commit before."""
    shutil.copytree(assembly / "assembly-Prod", assembly / "assembly-Earlier")
    assert [stack.name for stack in stacks_of(assembly, "Prod")] == ["site", "other"]


@pytest.mark.parametrize("stage", ["Prod", "Staging"], ids=["no assembly", "no such stage"])
def test_an_assembly_that_says_nothing_ends_the_step(tmp_path: Path, assembly: Path, stage: str) -> None:
    folder = assembly if stage == "Staging" else tmp_path / "nothing"
    with pytest.raises(Unreadable):
        stacks_of(folder, stage)


FILES = {"Files": {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": True}}}


@pytest.fixture
def keeps_data(
    session: Any, assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[dict[str, Any], str, str], tuple[int, str]]:
    """Exit code and words of the command where prod has more than the commit, by a role and a line of settings."""

    def answer(more: dict[str, Any], role: str, line: str) -> tuple[int, str]:
        stands(session, more)
        text = (command.ROOT / "settings.toml").read_text()
        (tmp_path / "settings.toml").write_text(text.replace("\n[prod]\n", f"\n[prod]\n{line}\n", 1))
        monkeypatch.setattr(command, "ROOT", tmp_path)
        monkeypatch.setattr("sys.argv", ["promotion", "keeps-data", "--assembly", str(assembly), "--role", role])
        code = command.main()
        output = capsys.readouterr()
        return code, output.out + output.err

    return answer


@pytest.mark.parametrize(
    ("prod", "code", "words"),
    [
        pytest.param((FILES, ROLE, ""), 1, 'name it in settings.toml: loses_data = ["Files"]', id="not named"),
        pytest.param((FILES, ROLE, 'loses_data = ["Other"]'), 1, 'loses_data = ["Files"]', id="another one named"),
        pytest.param(
            (FILES, ROLE, 'loses_data = ["Files"]'), 0, "site: removed Files AWS::EFS::FileSystem", id="named"
        ),
        pytest.param((FILES, "", ""), 0, "not compared with what prod runs", id="on a person's machine"),
        pytest.param(({}, ROLE, ""), 0, "all that holds any stays", id="nothing lost"),
    ],
)
def test_what_holds_data_is_not_lost_without_a_word(
    keeps_data: Callable[[dict[str, Any], str, str], tuple[int, str]],
    prod: tuple[dict[str, Any], str, str],
    code: int,
    words: str,
) -> None:
    found, text = keeps_data(*prod)
    assert found == code
    assert words in text


@pytest.fixture
def evidence(
    session: Any, assembly: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str], str], dict[str, str]]:
    """The first lines of what the approver reads, by a history's files and the file of prices."""

    def lines(history: dict[str, str], prices: str) -> dict[str, str]:
        stands(session, {})
        folder, question = tmp_path / "history", tmp_path / "changes.env"
        folder.mkdir()
        for name, text in history.items():
            (folder / name).write_text(text)
        read = costs.prices
        monkeypatch.setattr(costs, "prices", lambda region: read(region, costs.PRICES.with_name(prices)))
        options: dict[str, object] = {"role": ROLE, "assembly": assembly, "commit": NEW, "evidence": BILLS}
        options |= {"history": folder, "into": question}
        monkeypatch.setattr("sys.argv", ["promotion", "changes", *(f"--{name}={options[name]}" for name in options)])
        assert command.main() == 0
        assert question.read_text().startswith("CHANGES_SUMMARY=")
        client = session.client("s3")
        keys = [f"gate/{NEW}/{name}.md" for name in ("changes", "cost", "capacity")]
        bodies = [client.get_object(Bucket="evidence", Key=key)["Body"].read().decode() for key in keys]
        return {Path(key).stem: body.partition("\n")[0] for key, body in zip(keys, bodies, strict=True)}

    return lines


@pytest.mark.parametrize(
    ("history", "prices", "starts"),
    [
        pytest.param({}, "prices.toml", {"cost": "# A month", "capacity": "# "}, id="no history yet"),
        pytest.param(
            {"one.json": "{"},
            "prices.toml",
            {"cost": "# A month", "capacity": "one.json is no summary"},
            id="a history of nonsense",
        ),
        pytest.param({}, "gone.toml", {"cost": "gone.toml: ", "capacity": "gone.toml: "}, id="no prices"),
    ],
)
def test_what_keeps_one_page_away_keeps_no_other_and_no_question(
    evidence: Callable[[dict[str, str], str], dict[str, str]],
    history: dict[str, str],
    prices: str,
    starts: dict[str, str],
) -> None:
    found = evidence(history, prices)
    for page, start in {"changes": "# What approving changes", **starts}.items():
        assert start in found[page]
