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
    """All that code may name: the project's own, and what is outside. ``uses`` is what of the outside was needed."""

    project: Symbols
    outside: Symbols
    uses: set[str] = field(default_factory=set)

    def cls(self, name: str) -> Class | None:
        """Return the class of that full name."""
        if name in self.project.classes:
            return self.project.classes[name]
        found = self.outside.classes.get(name)
        if found is not None and name not in self.uses:
            self.uses.add(name)
            for parent in found.parents:
                self.cls(parent)
        return found

    def function(self, name: str, namespace: str) -> Function | None:
        """Find a function as code in ``namespace`` would find it."""
        for full in (f"{namespace}\\{name}", name) if not name.startswith("\\") else (name[1:],):
            if full in self.project.functions:
                return self.project.functions[full]
            if full in self.outside.functions:
                self.uses.add(full)
                return self.outside.functions[full]
        return None

    def constant(self, name: str, namespace: str) -> bool:
        """Tell whether there is such a constant."""
        for full in (f"{namespace}\\{name}", name.lstrip("\\")):
            if full in self.project.constants:
                return True
            if full in self.outside.constants:
                self.uses.add(full)
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

    def accepts(self, wanted: Types, offered: Types) -> bool:
        """Tell whether any of the given types can be one of the wanted."""
        if wanted is None or offered is None or wanted & {"mixed"} or offered & {"mixed"}:
            return True
        return any(self._accepts(one, other) for one in wanted for other in offered)

    def _accepts(self, wanted: str, offered: str) -> bool:
        if wanted == offered or offered in ACCEPTS.get(wanted, ()):
            return True
        if wanted in ACCEPTS or offered in ACCEPTS:
            return False
        return wanted == "object" or offered == "object" or wanted == "iterable" or self.is_a(offered, wanted)

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
