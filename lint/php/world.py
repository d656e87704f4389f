"""All that PHP code may name, and which types go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lint.php.symbols import Class, Function, Member, Symbols, Types

# What else a type takes in a file of strict types.
ACCEPTS: Final = {
    "float": {"int"},
    "iterable": {"array"},
    "callable": {"string", "array", "Closure"},
    "bool": {"true", "false"},
    "int": set[str](),
    "string": set[str](),
    "array": set[str](),
    "null": set[str](),
    "true": {"bool"},
    "false": {"bool"},
    "void": {"null"},
}


@dataclass
class World:
    """All that code may name: the project's own, and what is outside. ``asked`` is what of the outside was needed."""

    project: Symbols
    outside: Symbols
    asked: set[str] = field(default_factory=set)

    def cls(self, name: str) -> Class | None:
        """Return the class of that full name."""
        if name in self.project.classes:
            return self.project.classes[name]
        found = self.outside.classes.get(name)
        if found is not None and name not in self.asked:
            self.asked.add(name)
            for parent in found.parents:
                self.cls(parent)
        return found

    def function(self, name: str, namespace: str) -> Function | None:
        """Find a function as code in ``namespace`` would find it."""
        for full in (f"{namespace}\\{name}", name) if not name.startswith("\\") else (name[1:],):
            if full in self.project.functions:
                return self.project.functions[full]
            if full in self.outside.functions:
                self.asked.add(full)
                return self.outside.functions[full]
        return None

    def constant(self, name: str, namespace: str) -> bool:
        """Tell whether there is such a constant."""
        for full in (f"{namespace}\\{name}", name.lstrip("\\")):
            if full in self.project.constants:
                return True
            if full in self.outside.constants:
                self.asked.add(full)
                return True
        return False

    def lineage(self, name: str) -> Iterator[Class | None]:
        """Yield the class and all that it inherits from; None where that is not known."""
        found = self.cls(name)
        yield found
        for parent in found.parents if found else []:
            yield from self.lineage(parent)

    def is_a(self, name: str, other: str) -> bool:
        """Tell whether the class is the other one, or may be."""
        return any(found is None or found.name == other for found in self.lineage(name))

    def accepts(self, wanted: Types, given: Types) -> bool:
        """Tell whether any of the given types can be one of the wanted."""
        if wanted is None or given is None or wanted & {"mixed"} or given & {"mixed"}:
            return True
        return any(self._accepts(one, other) for one in wanted for other in given)

    def _accepts(self, wanted: str, given: str) -> bool:
        if wanted == given or given in ACCEPTS.get(wanted, ()):
            return True
        if wanted in ACCEPTS or given in ACCEPTS:
            return False
        return wanted == "object" or given == "object" or wanted == "iterable" or self.is_a(given, wanted)

    def member(self, full: str, kind: str, name: str) -> tuple[Function | Member | None, bool]:
        """Find a class's member of that name, if there is one, and whether that is for sure."""
        sure = True
        for found in self.lineage(full):
            if found is None:
                sure = False
                continue
            members: Mapping[str, Function | Member] = getattr(found, kind)
            if name in members:
                return members[name], True
            if found.methods.keys() & {"methods": {"__call", "__callStatic"}, "properties": {"__get"}}.get(kind, set()):
                sure = False
        return None, sure and full != "stdClass"
