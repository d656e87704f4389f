"""Variables of an execution: ``#{Namespace.Name}`` in an action's configuration, filled from what ran before it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from rehearsal.values.exits import ActionFailed

# What of an action's configuration is read as JSON once its variables are filled in.
JSON = frozenset({"EnvironmentVariables", "ParameterOverrides"})
_REFERENCE = re.compile(r"#\{(?P<namespace>[\w@-]+)\.(?P<name>[\w@-]+)\}")


def namespaces(configuration: Mapping[str, str]) -> set[str]:
    """Return the namespaces whose variables a configuration names."""
    return {found["namespace"] for text in configuration.values() for found in _REFERENCE.finditer(text)}


def resolve(text: str, known: Mapping[str, Mapping[str, str]]) -> str:
    """Return ``text`` with every reference replaced; ``known`` are values by namespace and name.

    Raise ``ActionFailed`` for a namespace that no action has filled yet, or a name that it did not give.
    """

    def value(found: re.Match[str]) -> str:
        namespace, name = found["namespace"], found["name"]
        if namespace not in known:
            raise ActionFailed(f"{found[0]}: no action before this one has the namespace {namespace}")
        if name not in known[namespace]:
            names = ", ".join(sorted(known[namespace])) or "nothing"
            raise ActionFailed(f"{found[0]}: the namespace {namespace} has no {name}, it has {names}")
        return known[namespace][name]

    return _REFERENCE.sub(value, text)


def resolve_all(configuration: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Resolve every value of a configuration.

    Raise ``ActionFailed`` where a value that is to be JSON is none any more, as the action fails in AWS: CodePipeline
    fills a text in as it is, so a quote or a line break of a commit's message ends the JSON around it.
    """
    resolved = {name: resolve(text, known) for name, text in configuration.items()}
    for name in JSON.intersection(resolved):
        try:
            json.loads(resolved[name])
        except ValueError as error:
            raise ActionFailed(f"{name} is no JSON: {error}{_broken_by(configuration[name], known)}") from None
    return resolved


def _broken_by(text: str, known: Mapping[str, Mapping[str, str]]) -> str:
    """Say which of the variables in ``text`` holds what JSON cannot."""
    for found in _REFERENCE.finditer(text):
        value = known[found["namespace"]][found["name"]]
        if json.dumps(value, ensure_ascii=False) != f'"{value}"':
            return f"; {found[0]} holds a quote, a backslash or a line break, which CodePipeline fills in as it is"
    return ""
