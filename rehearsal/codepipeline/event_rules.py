"""Who is told what of an execution and its builds: by rules on their events, and by an approval itself.

The events are those of "CodePipeline events" in the CodePipeline User Guide and of "Build notifications input format
reference" in CodeBuild's, as far as this pipeline's rules may ask for them; a pattern is matched as EventBridge matches
lists of values, and nothing else of its language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.plan.alarm import addresses
from rehearsal.fargate.plan.lookup import Found, Lookup
from rehearsal.fargate.plan.schedule import RULE, enabled, event_pattern
from rehearsal.fargate.stand.topic_messages import send
from rehearsal.values.exits import ActionFailed
from rehearsal.values.rehearsed_time import now
from rehearsal.values.stack import Stack, World

TOPIC = "AWS::SNS::Topic"
_PIPELINE, _BUILD = "aws.codepipeline", "aws.codebuild"
_TARGET = frozenset({"Arn", "Id", "Input", "InputTransformer"})
_PLACE = re.compile(r"<([\w-]+)>")
# A path to one value of an event.
_PATH = re.compile(r"\$(?:\.[\w-]+)+")
# What services and people wrote: it may hold quotes, and lines.
_FREE = frozenset({"$.detail.execution-result.external-execution-summary"})


def check(stack: Stack) -> None:
    """Raise ``ActionFailed`` at what a rule on those events asks for and a rehearsal cannot carry out."""
    for found in _rules(stack):
        for fault in _faults(found):
            raise ActionFailed(f"{found.where}: {fault}")


@dataclass(frozen=True)
class Messages:
    """What one execution of the pipeline in ``stack`` tells; ``folder`` is the rehearsal's own."""

    stack: Stack
    pipeline: str
    execution: str
    number: int
    folder: Path

    def failure(self, stage: str, action: str, kind: str, reason: str) -> None:
        """Tell that an action has failed; ``kind`` is its category and provider."""
        category, _, provider = kind.partition("/")
        self._tell(
            "CodePipeline Action Execution State Change",
            {
                "stage": stage,
                "action": action,
                "state": "FAILED",
                "type": {"owner": "AWS", "category": category, "provider": provider, "version": "1"},
                "execution-result": {"external-execution-summary": reason, "error-code": "JobFailed"},
            },
        )

    def rollback(self, state: str) -> None:
        """Tell that the rollback of a stage has started, or how it has ended."""
        self._tell(
            "CodePipeline Pipeline Execution State Change",
            {"state": state, "execution-trigger": {"trigger-type": "AutomatedRollback"}},
        )

    def approval(self, stage: str, action: str, configuration: Mapping[str, str]) -> None:
        """Tell the topic of an approval that it waits."""
        if arn := configuration.get("NotificationArn"):
            _send(
                self.stack,
                str(arn),
                f"APPROVAL NEEDED: AWS CodePipeline {self.pipeline} for action {action}",
                f"The approval {stage} / {action} of the pipeline {self.pipeline} waits.\n\n"
                f"{configuration.get('CustomData', '')}\n\n{configuration.get('ExternalEntityLink', '')}\n",
                number=self.number,
                folder=self.folder,
            )

    def _tell(self, kind: str, detail: Mapping[str, Any]) -> None:
        account, region = self.stack.account, self.stack.region
        event = {
            "source": _PIPELINE,
            "detail-type": kind,
            "account": account,
            "region": region,
            "resources": [f"arn:aws:codepipeline:{region}:{account}:{self.pipeline}"],
            "detail": {"pipeline": self.pipeline, "execution-id": self.execution, "region": region, **detail},
        }
        _tell(self.stack, event, self.number, self.folder)


def build_ended(stack: Stack, project: str, status: str, log: Path, *, number: int, folder: Path) -> None:
    """Tell how a build of a project in ``stack`` has ended: SUCCEEDED, FAILED, or STOPPED.

    ``number`` is the execution's, ``folder`` the rehearsal's own; the log's address is that of the file.
    """
    account, region = stack.account, stack.region
    identity = f"arn:aws:codebuild:{region}:{account}:build/{project}:{number}"
    event = {
        "source": _BUILD,
        "detail-type": "CodeBuild Build State Change",
        "account": account,
        "region": region,
        "resources": [identity],
        "detail": {
            "build-status": status,
            "project-name": project,
            "build-id": identity,
            "additional-information": {"logs": {"deep-link": log.absolute().as_uri()}},
        },
    }
    _tell(stack, event, number, folder)


def _tell(stack: Stack, event: Mapping[str, Any], number: int, folder: Path) -> None:
    for found in _rules(stack):
        if matches(_pattern(found), event):
            for target in found.properties.get("Targets", ()):
                text = f"{_text(target, event)}\n"
                _send(stack, str(target["Arn"]), "AWS Notification Message", text, number=number, folder=folder)


def _send(stack: Stack, arn: str, subject: str, text: str, *, number: int, folder: Path) -> None:
    lookup = Lookup(World((stack,)), stack)
    topic = lookup.find(arn, TOPIC)
    if topic is None:
        raise ActionFailed(f"a message of the pipeline is for {arn}, and its stack has no such topic")
    to = list(dict.fromkeys(addresses(topic, lookup)))
    send(folder, f"pipeline-{number}", subject=subject, to=to, text=text, at=now(folder))


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether an event has, for each key of a pattern, one of the values listed there."""
    for key, wanted in pattern.items():
        found = event.get(key)
        if isinstance(wanted, Mapping):
            if not isinstance(found, Mapping) or not matches(wanted, found):
                return False
        elif not set(wanted).intersection(found if isinstance(found, list) else [found]):
            return False
    return True


def _rules(stack: Stack) -> Iterator[Found]:
    for rule in stack.of_type(RULE):
        found = Found(stack, rule)
        pattern = _pattern(found)
        if {_PIPELINE, _BUILD}.intersection(pattern.get("source", ())) and enabled(found):
            yield found


def _pattern(found: Found) -> Mapping[str, Any]:
    try:
        return event_pattern(found)
    except PlanError as error:
        raise ActionFailed(error.message) from None


def _faults(found: Found) -> Iterator[str]:
    yield from _odd(_pattern(found))
    topics = {name for topic in found.stack.of_type(TOPIC) for name in Found(found.stack, topic).names()}
    for target in found.properties.get("Targets", ()):
        if unknown := set(target) - _TARGET:
            yield f"{', '.join(sorted(unknown))} of a target is not rehearsed"
        if str(target["Arn"]) not in topics:
            yield f"its target {target['Arn']} is no topic of its stack; only those are rehearsed"
        paths = target.get("InputTransformer", {}).get("InputPathsMap", {})
        for path in paths.values():
            if not _PATH.fullmatch(str(path)):
                yield f"the path {path} of a target's input leads to no single value"
            if path in _FREE:
                yield (
                    f"{path} is a text that somebody wrote, and EventBridge fills it in as it is: a quote or a line "
                    "break in it ends the text around it. Tell names and states, and where the text is"
                )


def _odd(pattern: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            yield from _odd(wanted)
        elif not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
            yield f"{key} of its event pattern is {json.dumps(wanted)}, and only lists of texts are rehearsed"


def _text(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Return what a target is given of an event."""
    if "Input" in target:
        return _unquoted(str(target["Input"]))
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    values = {name: _at(str(path), event) for name, path in transformer.get("InputPathsMap", {}).items()}
    # From "Common issues with transforming input": values are not escaped, and one that is not there gives nothing.
    return _unquoted(_PLACE.sub(lambda each: values.get(each[1], each[0]), str(transformer["InputTemplate"])))


def _unquoted(text: str) -> str:
    try:
        read = json.loads(text)
    except ValueError:
        return text
    return read if isinstance(read, str) else text


def _at(path: str, event: Mapping[str, Any]) -> str:
    value: Any = event
    for step in path.split(".")[1:]:
        value = value.get(step, "") if isinstance(value, Mapping) else ""
    return str(value)
