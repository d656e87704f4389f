"""``outside.json``: what the code uses of WordPress and of PHP itself.

One line is a signature, ``pattern subject &matches? flags? ...rest``: ``&`` what the function writes into, ``?`` what
may be left out, ``...`` what takes all that follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lint.php.symbols import Class, Function, Member, Parameter, Symbols


def written(function: Function) -> str:
    """Write a signature in one line."""
    return " ".join(
        ("..." if part.variadic else "")
        + ("&" if part.by_reference else "")
        + part.name
        + ("?" if part.optional and not part.variadic else "")
        for part in function.parameters
    )


def read(line: str) -> Function:
    """Read a signature from its line."""
    return Function(
        tuple(
            Parameter(
                part.lstrip(".&").rstrip("?"),
                part.endswith("?") or part.startswith("..."),
                part.startswith("..."),
                "&" in part,
            )
            for part in line.split()
        )
    )


def outside(content: Mapping[str, Any]) -> Symbols:
    """Read the symbols of ``outside.json``, or of what PHP says of itself in the same form."""
    found = Symbols()
    found.functions = {name: read(line) for name, line in content["functions"].items()}
    found.constants = set(content["constants"])
    for name, parts in content["classes"].items():
        found.classes[name] = Class(
            name,
            list(parts["parents"]),
            {method: read(line) for method, line in parts["methods"].items()},
            {key: Member() for key in parts["properties"]},
            {key: Member() for key in parts["constants"]},
        )
    return found


def content(symbols: Symbols) -> dict[str, object]:
    """Bring symbols into the form of ``outside.json``."""
    return {
        "constants": sorted(symbols.constants),
        "functions": {name: written(symbols.functions[name]) for name in sorted(symbols.functions)},
        "classes": {
            name: {
                "parents": made.parents,
                "constants": sorted(made.constants),
                "properties": sorted(made.properties),
                "methods": {method: written(made.methods[method]) for method in sorted(made.methods)},
            }
            for name, made in sorted(symbols.classes.items())
        },
    }
