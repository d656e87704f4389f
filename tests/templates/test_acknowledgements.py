"""Each finding of cdk-nag that is let stand is one that cdk-nag has: version 3 takes any name without a word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from settings.settings import Settings
from tests.templates.synthesis import Keep, synthesize
from tests.templates.variants import ALL_AT_ONCE, FLEET, WINDOWS, Changes, variant

# A construct's path, and the name of a rule, with its finding where it has several.
Finding = tuple[str, str]


def without_a_finding(acknowledged: Iterable[Finding], found: Iterable[Finding]) -> list[Finding]:
    """Return what is acknowledged and found neither on its construct nor in it."""
    places = [(f"{path}/", rule) for path, rule in found]
    return [
        (path, rule)
        for path, rule in acknowledged
        if not any(place.startswith(f"{path}/") and rule == name for place, name in places)
    ]


def without_acknowledgements(settings: Settings, out: Path) -> None:
    """Synthesize so that nothing is acknowledged and everything is found, and write down what would have been."""
    import aws_cdk as cdk

    from stages import nag

    noted: list[Finding] = []

    def of(construct: Any) -> SimpleNamespace:
        return SimpleNamespace(acknowledge=lambda *each: noted.extend((construct.node.path, one.id) for one in each))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            nag, "cdk", SimpleNamespace(Validations=SimpleNamespace(of=of), Acknowledgment=cdk.Acknowledgment)
        )
        with pytest.raises(RuntimeError, match="ValidationFailed"):
            synthesize(settings, out)
    (out / "acknowledged.json").write_text(json.dumps(noted))


@pytest.mark.parametrize(
    "changes",
    [pytest.param((WINDOWS,), id="windows"), pytest.param((*ALL_AT_ONCE, FLEET), id="all of it at once")],
)
def test_each_acknowledgement_is_of_something(changes: tuple[Changes, ...], keep: Keep) -> None:
    out = keep(without_acknowledgements, variant(*changes), Path(__file__))
    noted = [(path, rule) for path, rule in json.loads((out / "acknowledged.json").read_text())]
    report = json.loads((out / "validation-report.json").read_text())
    found = [
        (construct["constructPath"], violation["ruleName"])
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
    # The CDK's own warnings, and its validation of templates, have the name of their source before their own.
    rules = [(path, rule) for path, rule in noted if "::" not in rule.partition("[")[0]]
    assert len(rules) > 40
    assert without_a_finding(rules, found) == []


@pytest.mark.parametrize(
    "stray",
    [
        pytest.param(("Site/Bucket", "Rule-1"), id="another rule"),
        pytest.param(("Site/Bucket", "Rule-2[Action::s3:Put*]"), id="another finding"),
        pytest.param(("Site/Buck", "Rule-2"), id="a construct whose name only begins so"),
        pytest.param(("Other/Bucket", "Rule-2"), id="another construct"),
    ],
)
def test_one_of_nothing_is_named(stray: Finding) -> None:
    found = [("Site/Bucket/Resource", "Rule-2"), ("Site/Bucket/Resource", "Rule-2[Action::s3:Get*]")]
    assert without_a_finding([("Site/Bucket", "Rule-2"), ("Site", "Rule-2[Action::s3:Get*]"), stray], found) == [stray]
