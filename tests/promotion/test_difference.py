"""What an approver is told of ordinary edits, and what no approver is asked about."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from promotion.difference import LONGEST_SUMMARY, Difference, package_lines, stack_change
from tests.templates.faults import find
from tests.templates.synthesis import Make
from tests.templates.variants import WINDOWS, Changes, domain, variant
from tests.templates.world import Template, World, name_of

SITE = "FloodgatePipeline/Prod/WordPress"
NAME = "floodgate-prod-wordpress"
CLUSTER, FILES = "RDS::DBCluster", "EFS::FileSystem"


@pytest.fixture(scope="module")
def reference(make: Make) -> World:
    """What prod runs."""
    return make(variant())


def difference(before: Template, after: Template, **more: Any) -> Difference:
    return Difference([stack_change(NAME, before, after)], **more)


def edited(template: Template, change: Callable[[Template], object]) -> Template:
    after = copy.deepcopy(template)
    change(after)
    return after


def renamed(kind: str) -> Callable[[Template], object]:
    """Give a resource another logical id, as a construct that is renamed or moved gets one."""

    def change(template: Template) -> None:
        name = name_of(template, kind)
        text = json.dumps(template).replace(f'"{name}', '"Renamed')
        template.clear()
        template.update(json.loads(text))

    return change


def sets(where: str, **properties: Any) -> Callable[[Template], object]:
    return lambda template: find(template, where).update(properties)


def builds_anew(template: Template) -> None:
    """Give the image of WordPress the address of another digest."""
    image = find(template, "container/wordpress")["Image"]
    old = json.dumps(image)
    tag = old.rpartition(":")[2].rpartition('"')[0].partition('"')[0]
    text = json.dumps(template).replace(tag, "c0ffee" * 8)
    template.clear()
    template.update(json.loads(text))


def adds_a_variable(template: Template) -> None:
    find(template, "container/wordpress")["Environment"].append({"Name": "PLUGIN_KEY", "Value": "blue"})


# An edit; the words of its summary; lines of its page; what holds data and would be lost.
EDITS: list[Any] = [
    pytest.param(lambda _: None, ["Same settings. Same images."], [], None, id="nothing but another commit"),
    pytest.param(
        builds_anew, ["Same settings.", "New images: install, wordpress, cron."], ["wordpress: "], None, id="an image"
    ),
    pytest.param(
        adds_a_variable, ["1 setting changed."], ["Environment.PLUGIN_KEY: none -> blue"], None, id="a variable"
    ),
    pytest.param(
        sets(CLUSTER, EngineVersion="8.0.mysql_aurora.3.99.0"),
        ["1 setting changed."],
        ["EngineVersion: ", "-> 8.0.mysql_aurora.3.99.0"],
        None,
        id="an engine's version",
    ),
    pytest.param(
        sets(CLUSTER, StorageEncrypted=False), ["DATA: replaced"], ["StorageEncrypted"], CLUSTER, id="encryption"
    ),
    pytest.param(
        sets(CLUSTER, MasterUsername="another"),
        ["DATA: changed", "AWS may replace it for MasterUsername"],
        ["MasterUsername"],
        CLUSTER,
        id="another user",
    ),
    pytest.param(
        sets(CLUSTER, DatabaseName="another"), ["DATA: replaced"], ["DatabaseName"], CLUSTER, id="another database"
    ),
    pytest.param(sets(FILES, Encrypted=False), ["DATA: replaced"], ["Encrypted"], FILES, id="unencrypted files"),
    pytest.param(
        sets(FILES, ThroughputMode="bursting"), ["1 setting changed."], ["ThroughputMode"], None, id="throughput"
    ),
    pytest.param(renamed(CLUSTER), ["DATA: removed"], ["AWS::RDS::DBCluster"], CLUSTER, id="a renamed cluster"),
    pytest.param(renamed(FILES), ["DATA: removed"], ["AWS::EFS::FileSystem"], FILES, id="renamed files"),
    pytest.param(
        sets("ElasticLoadBalancingV2::TargetGroup", Port=8081),
        ["Goes: EdgeTargetGroup"],
        ["Port"],
        None,
        id="another port of the targets",
    ),
]


@pytest.mark.parametrize(("change", "summary", "lines", "loses"), EDITS)
def test_an_edit_of_the_code(
    reference: World, change: Callable[[Template], object], summary: list[str], lines: list[str], loses: str | None
) -> None:
    before = reference.templates[SITE]
    after = edited(before, change)
    found = difference(before, edited(after, commits))
    assert all(words in found.summary() for words in summary), found.summary()
    assert all(words in found.page() for words in lines), found.page()
    lost = [change.resource_type for _, change in found.losing]
    assert lost == ([f"AWS::{loses}"] if loses else [])
    assert found.refused == found.losing


def commits(template: Template) -> None:
    """Deploy another commit: what every deployment changes, and nobody has to be told of."""
    text = json.dumps(template).replace("0123456789abcdef0123456789abcdef01234567", "f" * 40)
    template.clear()
    template.update(json.loads(text))


@pytest.mark.parametrize(
    ("changes", "summary", "lines"),
    [
        pytest.param(
            {"prod": {"task": {"max": 30}, "database": {"max_acu": 32}}},
            ["settings changed."],
            ["MaxCapacity: 20 -> 30", "MaxCapacity: 16 -> 32"],
            id="a size",
        ),
        pytest.param(
            {"prod": {"task": {"cpu": 2048, "memory": 4096, "max": 10}}},
            ["settings changed."],
            ["Cpu: 1024 -> 2048", "Memory: 2048 -> 4096"],
            id="larger tasks",
        ),
        pytest.param(WINDOWS, ["resources added"], ["AWS::Scheduler::Schedule"], id="a window"),
        pytest.param(
            {"prod": {"insecure": False, "domain": domain("www.example.com")}},
            ["resources added"],
            ["SITE_URL", "AWS::CertificateManager::Certificate"],
            id="a domain",
        ),
    ],
)
def test_an_edit_of_the_settings(
    make: Make, reference: World, changes: Changes, summary: list[str], lines: list[str]
) -> None:
    found = difference(reference.templates[SITE], make(variant(changes)).templates[SITE])
    assert all(words in found.summary() for words in summary), found.summary()
    assert all(words in found.page() for words in lines), found.page()
    assert found.losing == []


def test_what_the_commit_names_may_lose_its_data(reference: World) -> None:
    before = reference.templates[SITE]
    after = edited(before, sets(FILES, Encrypted=False))
    name = name_of(before, FILES)
    found = difference(before, after, allowed=frozenset({name, "Another"}))
    assert found.refused == []
    assert f"DATA: replaced {name} AWS::EFS::FileSystem" in found.summary()
    assert "begins EMPTY" in found.page()
    assert found.idle == ["Another"]
    assert "Another: named as one that may lose its data, and loses none" in found.page()


def test_the_gravest_comes_first_and_fits_into_the_question(reference: World) -> None:
    before = reference.templates[SITE]
    found = difference(before, make_all_worse(before))
    assert found.summary().startswith("Changes in prod: DATA: ")
    assert len(found.summary()) <= LONGEST_SUMMARY
    titles = [line for line in found.page().splitlines() if line.startswith("## ")]
    assert titles[:2] == ["## Data", "## Replaced or removed"]


def make_all_worse(template: Template) -> Template:
    after = edited(template, sets(CLUSTER, StorageEncrypted=False, DatabaseName="another"))
    after = edited(after, sets(FILES, Encrypted=False))
    return edited(after, sets("ElasticLoadBalancingV2::TargetGroup", Port=8081))


def test_a_new_stack_is_said_to_be_new(reference: World) -> None:
    found = Difference([stack_change(NAME, None, reference.templates[SITE])])
    assert found.summary() == f"Changes in prod: New: {NAME}."
    assert found.refused == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"Fn::Join": ["", [{"Ref": "Secret"}, ":username::"]]}, "<Secret>:username::", id="a field"),
        pytest.param({"Fn::GetAtt": ["Bucket", "Arn"]}, "<Bucket.Arn>", id="an attribute"),
        pytest.param({"Fn::Sub": "${AWS::Region}.example.com"}, "${AWS::Region}.example.com", id="a text with names"),
        pytest.param(["a", 1], '["a", 1]', id="a list"),
        pytest.param(False, "false", id="no"),
    ],
)
def test_values_are_written_as_people_read_them(value: Any, text: str) -> None:
    before = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}}}}
    after = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value}}}}
    assert stack_change(NAME, before, after).settings == [f"Topic DisplayName: one -> {text}"]


PACKAGES: Mapping[str, Mapping[str, str]] = {"nginx": {"nginx": "1.26.3-3", "openssl": "3.5.1-1"}}


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        pytest.param(PACKAGES, [], id="the same"),
        pytest.param(
            {"nginx": {"nginx": "1.26.3-4", "openssl": "3.5.1-1"}}, ["nginx nginx: 1.26.3-3 -> 1.26.3-4"], id="newer"
        ),
        pytest.param({"nginx": {"nginx": "1.26.3-3"}}, ["nginx openssl: 3.5.1-1 -> none"], id="gone"),
        pytest.param(
            {**PACKAGES, "wordpress": {"php8.4-fpm": "8.4.11"}}, ["wordpress php8.4-fpm: none -> 8.4.11"], id="an image"
        ),
    ],
)
def test_packages_that_differ_are_named(after: Mapping[str, Mapping[str, str]], lines: list[str]) -> None:
    assert package_lines(PACKAGES, after) == lines
