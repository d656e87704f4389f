"""Variables of an execution: ``#{Namespace.Name}`` in an action's configuration, filled from what ran before it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rehearsal.values.exits import ActionFailed

_REFERENCE = re.compile(r"#\{(?P<namespace>[\w@-]+)\.(?P<name>[\w@-]+)\}")


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
    """Resolve every value of a configuration."""
    return {name: resolve(text, known) for name, text in configuration.items()}
