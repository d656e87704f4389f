"""Which module imports which, read from the source; and what of it breaks the rules."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

from tests.house.rooms import ONLY, ROOMS

TOP = {name.partition(".")[0] for name in ROOMS}


@dataclass(frozen=True)
class Import:
    """``file`` (from the root of the tree) imports ``module`` in its line ``line``."""

    file: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def modules(root: Path) -> list[PurePosixPath]:
    """Return every module below the rooms, from the root of the tree."""
    files = [*root.glob("*.py"), *(file for top in sorted(TOP) for file in (root / top).rglob("*.py"))]
    return [PurePosixPath(file.relative_to(root)) for file in sorted(files)]


def imports(root: Path) -> Iterator[Import]:
    """Yield all imports of the rooms' modules, those inside functions as well.

    Of the house, an import is the module that is meant.
    """
    files = modules(root)
    known = {_name(str(file)) for file in files}
    for file in files:
        for node in _statements((root / file).read_text(encoding="utf-8")):
            if isinstance(node, ast.Import):
                yield from (Import(str(file), node.lineno, alias.name) for alias in node.names)
            elif node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield Import(str(file), node.lineno, inner if inner in known else node.module)


def reached(root: Path, files: Iterable[Path]) -> set[Path]:
    """Return these modules and all of the tree that they import, at their tops or later; paths from its root."""
    found: set[Path] = set()
    left = list(files)
    while left:
        file = left.pop()
        if file in found:
            continue
        found.add(file)
        for node in _statements((root / file).read_text(encoding="utf-8")):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            left += (path for name in names for path in _files(root, name))
    return found


def _files(root: Path, module: str) -> Iterator[Path]:
    """Yield the file of a module, if it is of the tree, and those of the packages that it is in."""
    path = Path(*module.split("."))
    if (root / path.with_suffix(".py")).is_file():
        yield path.with_suffix(".py")
    for package in (path, *path.parents):
        if package.name and (root / package / "__init__.py").is_file():
            yield package / "__init__.py"


@cache
def _statements(source: str) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return a source's imports; the copies that faults are planted in differ from the house by a file."""
    nodes: list[ast.AST] = [ast.parse(source)]
    for node in nodes:
        if not isinstance(node, ast.expr):  # most of a module, and no statement stands in one
            nodes += ast.iter_child_nodes(node)
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def room(module: str) -> str:
    """Return the room in which a module stands."""
    while module not in ROOMS:
        module = module.rpartition(".")[0]
    return module


def broken_rules(found: list[Import]) -> list[str]:
    """Return a sentence for each import that a rule forbids: where it is, what it imports, what would be allowed."""
    sentences = []
    for each in found:
        package, own = each.module.partition(".")[0], room(_name(each.file))
        if package in TOP:
            other = room(each.module)
            if other != own and other not in ROOMS[own].imports:
                allowed = ", ".join(ROOMS[own].imports) or "nothing of the house"
                sentences.append(f"{each}: {own} may import {allowed}")
        elif package in ONLY and not f"{own}.".startswith(f"{ONLY[package]}."):
            sentences.append(f"{each}: only {ONLY[package]} may import {package}")
    return sentences


def circles(found: list[Import]) -> list[str]:
    """Return a sentence for each folder whose files and folders import each other in a circle, with the circle."""
    graphs: dict[str, dict[str, set[str]]] = {}
    for each in found:
        if each.module.partition(".")[0] not in TOP:
            continue
        ours, theirs = _name(each.file).split("."), each.module.split(".")
        depth = next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), None)
        if depth is not None:
            graph = graphs.setdefault("/".join(ours[:depth]) or ".", {})
            graph.setdefault(ours[depth], set()).add(theirs[depth])
    return [f"{folder}: {' -> '.join(circle)}" for folder, graph in graphs.items() for circle in _circle(graph)]


def _circle(graph: Mapping[str, set[str]]) -> list[list[str]]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [[str(name) for name in reversed(error.args[1])]]
    return []


def _name(file: str) -> str:
    path = PurePosixPath(file).with_suffix("")
    return ".".join(path.parts[:-1] if path.name == "__init__" else path.parts)
