"""Patterns of the pipeline's own rules: a mapping, or the same as a text of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.codepipeline import event_rules
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource, Stack

TOPIC = "arn:aws:sns:eu-central-1:111111111111:told"
PATTERN = {"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"]}}


def stack(pattern: Any, **target: Any) -> Stack:
    rule = {"EventPattern": pattern, "Targets": [{"Id": "Target0", "Arn": TOPIC, **target}]}
    resources = {
        "Rule": Resource("Rule", "AWS::Events::Rule", "rule", rule, {}),
        "Topic": Resource("Topic", "AWS::SNS::Topic", TOPIC, {}, {}),
    }
    return Stack("pipeline", "111111111111", "eu-central-1", resources, {})


@pytest.mark.parametrize("pattern", [PATTERN, json.dumps(PATTERN)], ids=["a mapping", "a text"])
def test_a_pattern_is_read_however_it_is_written(pattern: Any) -> None:
    event_rules.check(stack(pattern))
    [found] = event_rules._rules(stack(pattern))
    assert event_rules._pattern(found) == PATTERN


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        pytest.param('{"source"', r"\(AWS::Events::Rule\): its EventPattern is no JSON", id="no JSON"),
        pytest.param('["aws.codepipeline"]', "a mapping is wanted", id="a list"),
        pytest.param(
            json.dumps(PATTERN | {"detail": {"state": [{"prefix": "F"}]}}), "only lists of texts", id="an operator"
        ),
    ],
)
def test_a_pattern_that_cannot_be_read_is_told_in_words(pattern: str, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        event_rules.check(stack(pattern))


def test_a_text_that_somebody_wrote_is_not_filled_into_a_message() -> None:
    paths = {"stage": "$.detail.stage", "why": "$.detail.execution-result.external-execution-summary"}
    transformer = {"InputPathsMap": paths, "InputTemplate": '"<stage> has failed: <why>"'}
    with pytest.raises(ActionFailed, match=r"external-execution-summary is a text that somebody wrote"):
        event_rules.check(stack(PATTERN, InputTransformer=transformer))
