"""What is wrong in PHP code: syntax, file by file, and all that ``checker`` looks at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from tree_sitter import Node

from lint.php.checker import Checker
from lint.php.symbols import PARSER, Symbols, declared, text
from lint.php.world import World


def syntax(root: Node) -> Iterator[str]:
    """Say where the code is no PHP."""
    if not root.has_error:
        return
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            yield f"{node.start_point[0] + 1}: a {node.type} is missing"
            return
        if node.is_error:
            first = text(node).strip().splitlines()
            yield f"{node.start_point[0] + 1}: this is no PHP: {first[0][:60] if first else ''}"
            return
        waiting.extend(reversed([part for part in node.children if part.has_error or part.is_missing]))


def faults(files: Mapping[str, bytes], outside: Symbols, autoloaded: Iterable[str]) -> tuple[list[str], World]:
    """Check files, given by their path; what is wrong, as ``path:line: sentence``, and what of the outside is used.

    ``autoloaded`` are the folders whose files are named like their class, below the namespace Floodgate.
    """
    roots = {path: PARSER.parse(source).root_node for path, source in files.items()}
    world = World(Symbols(), outside)
    sentences = []
    owners: dict[str, str] = {}
    for path, root in roots.items():
        found = declared(root)
        world.project.classes |= found.classes
        world.project.functions |= found.functions
        world.project.constants |= found.constants
        for name in found.classes:
            short = name.rsplit("\\", 1)[-1]
            if short in owners:
                sentences.append(f"{path}:1: a second class {short}: {owners[short]} has one of that name")
            owners[short] = path
            for folder in autoloaded:
                wanted = f"{folder}/{name.removeprefix('Floodgate' + chr(92)).replace(chr(92), '/')}.php"
                if PurePath(path).is_relative_to(folder) and path != wanted:
                    sentences.append(f"{path}:1: {name} is looked for in {wanted}")
    for path, root in roots.items():
        wrong = list(syntax(root)) or Checker(world, root).faults
        sentences += [f"{path}:{one}" for one in wrong]
    return sentences, world
