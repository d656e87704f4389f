"""What the pipeline tells a storm by variables is what the storm's own options read."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from loadtest.crowd import profiles
from loadtest.record.exit_codes import BadInput
from loadtest.request.options import OPTIONS, Options, add_arguments, collect
from tests.templates.pipeline_checks import environment, nightly
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, FLEET, Changes, variant
from tests.templates.world import World, text

# What CloudFormation and CodePipeline put in the place of a reference.
REFERENCES = {
    r"^#\{[^}]*SiteUrl[^}]*\}$": "https://dev.example.org",
    r"^#\{[^}]*RoleArn[^}]*\}$": "arn:aws:iam::222222222222:role/storm",
    r"^#\{[^}]*StormService[^}]*\}$": "service/dev/site",
    r"^#\{[^}]*SecretArn[^}]*\}$": "arn:aws:secretsmanager:eu-central-1:222222222222:secret:storm-Ab1",
    r"^#\{[^}]*CommitId[^}]*\}$": "0123456789abcdef0123456789abcdef01234567",
    r"<[^>]*Topic[^>]*>": "arn:aws:sns:eu-central-1:111111111111:notices",
    r"cluster=<[^>]*>": "cluster=arn:aws:ecs:eu-central-1:111111111111:cluster/storm",
    r"task=<[^>]*>": "task=arn:aws:ecs:eu-central-1:111111111111:task-definition/storm:1",
    r"<[^>]*Subnet[^>]*>": "subnet-0123456789abcdef0",
    r"<[^>]*Group[^>]*>": "sg-0123456789abcdef0",
    r"<[^>]*>": "something",
}


def settled(value: str) -> str:
    """Return a variable as a build has it."""
    for pattern, actual in REFERENCES.items():
        value = re.sub(pattern, actual, value)
    return value


def variables_of(world: World, build: str) -> dict[str, str]:
    """Return all variables that a build is started with."""
    if build == "gate":
        return environment(world, "Dev.LoadTest")
    return {each["Name"]: text(each["Value"]) for each in nightly(world)["Environment"]["EnvironmentVariables"]}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the people files that the settings name, as a build's folder has them."""
    for name in ("loadtest", "ours"):
        (tmp_path / name).mkdir()
        shutil.copy(profiles.DEFAULT, tmp_path / name / "people.toml")
    monkeypatch.chdir(tmp_path)


def read(variables: Mapping[str, str]) -> Options:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return collect(parser.parse_args([]), variables)


@pytest.mark.parametrize("build", ["gate", "night"])
@pytest.mark.parametrize("changes", [(), (FLEET,), ALL_AT_ONCE], ids=["as it is", "with a fleet", "all else"])
@pytest.mark.usefixtures("checkout")
def test_every_variable_is_an_option_and_is_read(make: Make, changes: Sequence[Changes], build: str) -> None:
    world = make(variant(*changes))
    variables = {name: settled(value) for name, value in variables_of(world, build).items()}
    storms = {name: value for name, value in variables.items() if name.startswith(("STORM_", "SITE_"))}
    assert storms
    assert set(storms) <= {option.variable for option in OPTIONS}
    options, storm = read(storms), world.settings.storm
    assert (options.people, options.seats, options.workers) == (storm.people, storm.seats, storm.workers)
    assert options.phases.lengths() == {
        "warm-up": storm.warm_up,
        "before": storm.before,
        "opening": storm.opening,
        "open": storm.open,
        "recovery": storm.recovery,
    }
    assert (options.fleet is not None) == (storm.workers > 1)
    assert options.kill_task == storm.kill_task
    for name in storms:
        assert changes_something(storms, name, options), f"{name} is read by nobody"


def changes_something(variables: Mapping[str, str], name: str, options: Options) -> bool:
    """Return whether another value of a variable is refused, or makes another storm."""
    try:
        return read({**variables, name: "another"}) != options
    except BadInput:
        return True
