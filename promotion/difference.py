"""What a person is told of a change: data first, then what goes, then settings, images and packages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rehearsal.values.changes import Action, Change, Text, between

# Each deployment makes a new revision of it, if only for the commit's name: that is no replacement to speak of.
_REVISION = "AWS::ECS::TaskDefinition"
_COMMIT = "FLOODGATE_COMMIT"
# CodePipeline's question has 1,000 characters, for this and the storm's figures.
LONGEST_SUMMARY = 330
_LONGEST_VALUE = 80
# Tasks are told apart by the names of their containers, other lists of named things by the names of these.
_NAMES = ("Name", "Key", "Id")


@dataclass(frozen=True)
class StackChange:
    """What becomes of one stack: ``changes`` is None for one that is not there yet."""

    name: str
    changes: Sequence[Change] | None
    settings: Sequence[str] = ()
    images: Sequence[str] = ()


@dataclass(frozen=True)
class Difference:
    """All that a commit changes; ``packages`` is None where nobody can say, and ``allowed`` what may lose its data.

    ``unread`` is the role by which nobody may read what stands, where that is so: then nothing is compared.
    """

    stacks: Sequence[StackChange]
    packages: Sequence[str] | None = None
    allowed: frozenset[str] = field(default_factory=frozenset)
    unread: str = ""

    @property
    def losing(self) -> list[tuple[str, Change]]:
        """What holds data and does not serve it any more afterwards, or not if AWS chooses so."""
        return [
            (stack, change)
            for stack, change in self._changes()
            if change.holds_data and (change.goes or change.perhaps or change.dynamic)
        ]

    @property
    def refused(self) -> list[tuple[str, Change]]:
        """What of it the commit does not name."""
        return [(stack, change) for stack, change in self.losing if change.logical_id not in self.allowed]

    @property
    def idle(self) -> list[str]:
        """Names that the commit allows to lose data and that lose none."""
        return sorted(self.allowed - {change.logical_id for _, change in self.losing})

    @property
    def going(self) -> list[tuple[str, Change]]:
        """What else is replaced or removed."""
        return [
            (stack, change)
            for stack, change in self._changes()
            if change.goes and not change.holds_data and change.resource_type != _REVISION
        ]

    def summary(self) -> str:
        """Say it in a few sentences, the gravest first."""
        if self.unread:
            return (
                f"NOT COMPARED with prod: {self.unread.rpartition('/')[2]} cannot be assumed. Before prod's first "
                "deployment that is as it should be; later, reject, and find out why."
            )
        parts = [f"DATA: {change}." for _, change in self.losing]
        new = [stack.name for stack in self.stacks if stack.changes is None]
        parts += [f"New: {', '.join(new)}."] if new else []
        if len(new) == len(self.stacks):
            return _short(parts)
        going = [f"{change.logical_id} ({change.action})" for _, change in self.going]
        parts += [f"Goes: {', '.join(going)}."] if going else []
        settings = sum(len(stack.settings) for stack in self.stacks)
        added = sum(change.action is Action.ADD for _, change in self._changes())
        images = list(dict.fromkeys(image.partition(":")[0] for stack in self.stacks for image in stack.images))
        counts = [(settings, "setting", "changed"), (added, "resource", "added")]
        happened = [f"{_counted(number, noun)} {verb}" for number, noun, verb in counts if number]
        parts += [f"{', '.join(happened) or 'Same settings'}."]
        parts += [f"New images: {', '.join(images)}." if images else "Same images."]
        if self.packages is not None and images:
            verb = "differs" if len(self.packages) == 1 else "differ"
            parts.append(f"{_counted(len(self.packages), 'package')} {verb}." if self.packages else "Same packages.")
        return _short(parts)

    def page(self) -> str:
        """Return the same as Markdown, all of it."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# What approving changes in prod"
        yield ""
        yield self.summary()
        titles = {stack.name: stack for stack in self.stacks}
        yield from _section("Data", [f"- **{stack}**: {change}" for stack, change in self.losing])
        yield from _section("Replaced or removed", [f"- {stack}: {change}" for stack, change in self.going])
        yield from _section("New stacks", [f"- {name}" for name, stack in titles.items() if stack.changes is None])
        added = [(stack, each) for stack, each in self._changes() if each.action is Action.ADD]
        yield from _section("Settings", [f"- {stack.name}: {line}" for stack in self.stacks for line in stack.settings])
        yield from _section("Added", [f"- {stack}: {each.logical_id} {each.resource_type}" for stack, each in added])
        yield from _section("Images", [f"- {stack.name}: {line}" for stack in self.stacks for line in stack.images])
        known = [f"- {line}" for line in self.packages or ()]
        unknown = ["- not known: the bill of materials of what prod runs is not among the evidence"]
        yield from _section("Packages", known if self.packages is not None else unknown)
        idle = [f"- {name}: named as one that may lose its data, and loses none; take it out" for name in self.idle]
        yield from _section("To tidy up", idle)

    def _changes(self) -> Iterator[tuple[str, Change]]:
        for stack in self.stacks:
            for change in stack.changes or ():
                yield stack.name, change


def stack_change(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> StackChange:
    """Compare the template that a stack has with the one that it will have; None: the stack is not there yet."""
    if before is None:
        return StackChange(name, None)
    old, new = Text(before, {}), Text(after, {})
    changes = between(old, new)
    settings, images = list[str](), list[str]()
    was, becomes = old.resources(), new.resources()
    for change in changes:
        if change.logical_id not in was or change.logical_id not in becomes:
            continue
        pair = (was[change.logical_id]["Properties"], becomes[change.logical_id]["Properties"])
        for path, left, right in _leaves(*pair, ()):
            line = f"{change.logical_id} {'.'.join(path)}: {_shown(left)} -> {_shown(right)}"
            if path[-1] == "Image":
                images.append(f"{path[-2]}: {_tag(left)} -> {_tag(right)}")
            elif _COMMIT not in path:
                settings.append(line)
    return StackChange(name, changes, settings, list(dict.fromkeys(images)))


def package_lines(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what differs between the packages of images: ``image -> package -> version`` of each commit."""
    lines = []
    for image in sorted({*before, *after}):
        old, new = before.get(image, {}), after.get(image, {})
        for package in sorted({*old, *new}):
            if old.get(package) != new.get(package):
                lines.append(f"{image} {package}: {old.get(package, 'none')} -> {new.get(package, 'none')}")
    return lines


def _short(sentences: Sequence[str]) -> str:
    text = "Changes in prod: " + " ".join(sentences)
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"## {title}"
        yield ""
        yield from lines


def _leaves(left: Any, right: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield the innermost places at which two values differ."""
    if left == right:
        return
    pair = _by_name(left), _by_name(right)
    if all(isinstance(side, Mapping) and not _is_function(side) for side in pair):
        old, new = pair
        for key in dict.fromkeys([*old, *new]):
            yield from _leaves(old.get(key), new.get(key), (*path, str(key)))
    else:
        yield path or ("it",), left, right


def _by_name(value: Any) -> Any:
    """Return a list of named things as a mapping by their names."""
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        for key in _NAMES:
            names = [each.get(key) for each in value]
            if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
                return dict(zip(names, value, strict=True))
    return value


def _is_function(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _shown(value: Any) -> str:
    text = "none" if value is None else _written(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _written(value: Any) -> str:
    """Write a value as a person reads it: what only a deployment knows is its name in angle brackets."""
    if isinstance(value, Mapping) and _is_function(value):
        [(name, argument)] = value.items()
        if name == "Ref":
            return f"<{argument}>"
        if name == "Fn::GetAtt":
            return f"<{'.'.join(map(str, argument)) if isinstance(argument, list) else argument}>"
        if name == "Fn::Join":
            delimiter, parts = argument
            return str(delimiter).join(map(_written, parts))
        if name == "Fn::Sub":
            return _written(argument[0] if isinstance(argument, list) else argument)
    if isinstance(value, Mapping) and {"Name"} < set(value) <= {"Name", "Value", "ValueFrom"}:
        return _written(value.get("Value", value.get("ValueFrom")))
    return value if isinstance(value, str) else json.dumps(value)


def _tag(value: Any) -> str:
    """Return the end of an image's address: the digest of what it was built from, as far as a person compares it."""
    text = str(value.get("Fn::Sub", value)) if isinstance(value, Mapping) else str(value)
    return text.rpartition(":")[2].strip("'\"[]{}, ")[:12]
