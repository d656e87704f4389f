"""Each command of AWS's CLI that a page gives exists, with these arguments: at night nobody looks for others."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.house.documents import ROOT

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape
    from botocore.session import Session

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
_COMMAND = re.compile(r"`(aws [a-z][^`]*)`|^[ ]*(aws [a-z][^`\n]*)$", re.MULTILINE)
# What stands for a value that the reader has to fill in.
_TO_FILL_IN = re.compile(r"…|[A-Z-]+|.*\$.*")


@pytest.fixture(scope="module")
def session() -> Session:
    """What knows the services' operations, as the CLI does."""
    # Not when tests are collected: it takes its time.
    import botocore.session

    return botocore.session.get_session()


def commands(text: str) -> list[str]:
    """Return the commands of AWS's CLI in a page."""
    return [" ".join((inline or block).split()) for inline, block in _COMMAND.findall(text)]


def mistakes(command: str, session: Session) -> list[str]:
    """Return what AWS's CLI would not take of a command."""
    from botocore import xform_name

    _, service, *words = shlex.split(command)
    if service not in session.get_available_services():
        return [f"no service {service}"]
    model = session.get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if not words:
        return []
    if words[0] not in operations:
        return [f"{service} has no {words[0]}"]
    # Without arguments it is spoken of.
    options = _arguments(words[1:])
    return _wrong(options, model.operation_model(operations[words[0]])) if options else []


def _arguments(words: list[str]) -> dict[str, str]:
    """Return the options with what stands after each; nothing after a flag."""
    found = dict[str, str]()
    for word in words:
        if word.startswith("--"):
            found[name := word.removeprefix("--")] = ""
        elif found:
            found[name] = f"{found[name]} {word}".strip()
    return found


def _wrong(options: dict[str, str], operation: OperationModel) -> list[str]:
    from botocore import xform_name

    if (taken := operation.input_shape) is None:
        return [f"no option --{name}" for name in options]
    members = {xform_name(name, "-"): shape for name, shape in taken.members.items()}
    flags = {f"no-{name}" for name, shape in members.items() if shape.type_name == "boolean"}
    found = [f"no option --{name}" for name in options if name not in members and name not in flags]
    required = {xform_name(name, "-") for name in taken.required_members}
    found += [f"no --{name}" for name in sorted(required - set(options))]
    for name, value in options.items():
        if name in members and not _takes(members[name], value):
            found.append(f"--{name} does not take {value!r}")
    return found


def _takes(shape: Shape, value: str) -> bool:
    from botocore.model import StructureShape

    if shape.type_name == "boolean":
        return not value
    if not value:
        return False
    if isinstance(shape, StructureShape):
        return {pair.partition("=")[0] for pair in value.split(",")} <= set(shape.members)
    allowed = getattr(shape, "enum", ())
    return not allowed or value in allowed or _TO_FILL_IN.fullmatch(value) is not None


def test_pages_give_commands() -> None:
    assert sum(len(commands(page.read_text(encoding="utf-8"))) for page in PAGES) > 10


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_each_command_of_aws_exists_with_its_arguments(page: Path, session: Session) -> None:
    wrong = {
        command: found
        for command in commands(page.read_text(encoding="utf-8"))
        if (found := mistakes(command, session))
    }
    assert not wrong


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("aws sms put-parameter --name X --value 1", "no service sms", id="no such service"),
        pytest.param("aws ssm put-parameters --name X", "ssm has no put-parameters", id="no such command"),
        pytest.param("aws rds describe-db-instances --id X", "no option --id", id="no such option"),
        pytest.param("aws ssm put-parameter --name X", "no --value", id="an option too few"),
        pytest.param(
            "aws ssm put-parameter --name X --value 1 --type Text", "--type does not take 'Text'", id="no such value"
        ),
        pytest.param(
            "aws rds modify-db-cluster --db-cluster-identifier X --serverless-v2-scaling-configuration Most=1",
            "--serverless-v2-scaling-configuration does not take 'Most=1'",
            id="no such part of a value",
        ),
        pytest.param(
            "aws rds delete-db-instance --db-instance-identifier",
            "--db-instance-identifier does not take ''",
            id="a value too few",
        ),
    ],
)
def test_a_command_that_aws_does_not_take_is_found(command: str, expected: str, session: Session) -> None:
    (page,) = commands(f"Do `{command}`.")
    assert mistakes(page, session) == [expected]


def test_a_command_is_found_wherever_it_stands() -> None:
    text = (
        "Ask `aws rds describe-db-instances`.\n\n   ```sh\n   aws ssm put-parameter --name X\n   ```\nThe aws of old.\n"
    )
    assert commands(text) == ["aws rds describe-db-instances", "aws ssm put-parameter --name X"]
