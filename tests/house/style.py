"""What ruff's rules of docstrings do not see, and variables whose names are no nouns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.house.imports import modules

# Words with which a phrase begins that says what a function gives, not what it does. Ruff knows the articles.
_NO_VERB: Final = re.compile(
    r"(?:After|All|Another|As|At|Both|By|Each|Every(?:body|thing)?|From|How|Its|Less|Many|Most|No|Nothing|One|Only|Our"
    r"|Seconds|Some(?:body)?|Status|That|Their|Those|Three|Through|Two|Until|What(?:ever)?|When|Where|Whether|Which|Who"
    r"|Why|With|Without)\b"
)
# A local variable, a parameter or an attribute of these names does not say what it holds: an answer, a line, a project.
NO_NOUNS: Final = frozenset({"asked", "given", "here", "meant", "named", "of", "said", "seen", "told"})

_SINGLE_BACKTICKS: Final = re.compile(r"(?<!`)`(?!`)[^`]+(?<!`)`(?!`)")
# What such a decorator makes of a function is named by what it gives.
_NAMED_BY_WHAT_IT_GIVES: Final = re.compile(r"\b(\w*property|fixture|setter)\b")

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Documented = ast.Module | ast.ClassDef | _Function


def faults(root: Path) -> list[str]:
    """Return a sentence for each fault in the rooms' modules and in the tests: where it is, and what it should be."""
    files = sorted({*modules(root), *(file.relative_to(root) for file in (root / "tests").rglob("*.py"))})
    return [
        f"{file}:{sentence}"
        for file in files
        for sentence in faults_of(ast.parse((root / file).read_text(encoding="utf-8")))
    ]


def faults_of(module: ast.Module) -> Iterator[str]:
    """Yield a sentence for each fault of a module, after the number of its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstring(node)
            yield from _strings_below(node.body)
        elif (name := _variable(node)) in NO_NOUNS:
            yield f"{getattr(node, 'lineno', 0)}: {name} is no noun: name what the variable holds"


def _docstring(node: _Documented) -> Iterator[str]:
    text = ast.get_docstring(node)
    if text is None:
        return
    line = node.body[0].lineno
    if single := _SINGLE_BACKTICKS.search(text):
        yield f"{line}: {single[0]!r} in a docstring has double backticks"
    if isinstance(node, _Function) and not _is_named_by_what_it_gives(node) and _NO_VERB.match(text):
        yield f"{line}: a docstring says what {node.name} does (Return, Check, Make), and begins with {text.split()[0]}"


def _is_named_by_what_it_gives(function: _Function) -> bool:
    decorators = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
    return function.name.startswith("test_") or bool(_NAMED_BY_WHAT_IT_GIVES.search(decorators))


def _strings_below(body: list[ast.stmt]) -> Iterator[str]:
    for above, below in pairwise(body):
        match above, below:
            case ast.Assign() | ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str())):
                yield f"{below.lineno}: a constant or a field is explained by a comment above it, not by a string below"


def _variable(node: ast.AST) -> str | None:
    match node:
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return name
    return None
