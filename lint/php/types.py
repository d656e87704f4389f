"""Return the declared type of an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from lint.php.symbols import Function, Names, Types, text
from lint.php.world import ACCEPTS, World

LITERALS: Final = {
    "string": "string",
    "encapsed_string": "string",
    "heredoc": "string",
    "integer": "int",
    "float": "float",
    "boolean": "bool",
    "null": "null",
    "array_creation_expression": "array",
}


@dataclass
class Scope:
    """A function's inside: the class around it, and what its variables are."""

    cls: str = ""
    returns: Types = None
    types: dict[str, Types] = field(default_factory=dict)


def infer(world: World, names: Names, node: Node, scope: Scope) -> Types:
    """Return the declared type of an expression; None: not known."""
    if node.type in LITERALS:
        return frozenset((LITERALS[node.type],))
    if node.type == "variable_name":
        return frozenset((scope.cls,)) if text(node) == "$this" and scope.cls else scope.types.get(text(node)[1:])
    if node.type in ("parenthesized_expression", "clone_expression"):
        return infer(world, names, node.named_children[0], scope)
    if node.type == "cast_expression":
        kind = text(node.child_by_field_name("type")).strip("() ").lower()
        return frozenset((kind,)) if kind in ACCEPTS else None
    if node.type == "object_creation_expression":
        made = node.named_children[0]
        name = {"self": scope.cls, "static": scope.cls}.get(text(made)) or names.full(text(made))
        return frozenset((name,)) if made.type in ("name", "qualified_name") and world.cls(name) else None
    return _of_member(world, names, node, scope)


def _of_member(world: World, names: Names, node: Node, scope: Scope) -> Types:
    """Return the declared type of a member, a case, or a call's result."""
    arguments = node.child_by_field_name("arguments")
    if arguments is not None and any(part.type == "variadic_placeholder" for part in arguments.named_children):
        return frozenset(("Closure",))
    if node.type == "function_call_expression":
        function = world.function(text(node.child_by_field_name("function")), names.namespace)
        return function.returns if function else None
    kinds = {
        "scoped_call_expression": "methods",
        "class_constant_access_expression": "constants",
        "member_call_expression": "methods",
        "nullsafe_member_call_expression": "methods",
        "member_access_expression": "properties",
        "nullsafe_member_access_expression": "properties",
    }
    if node.type not in kinds or not node.named_children:
        return None
    holder, member = node.named_children[0], text(node.named_children[1])
    if node.type.startswith(("scoped", "class_constant")):
        known = text(holder) in ("self", "static")
        owners = [scope.cls if known else names.full(text(holder))] if holder.type != "variable_name" else []
    else:
        owners = [one for one in infer(world, names, holder, scope) or () if one not in ACCEPTS]
    if len(owners) != 1:
        return None
    found = world.member(owners[0], kinds[node.type], member)[0] if world.cls(owners[0]) else None
    types = found.returns if isinstance(found, Function) else found.types if found else None
    return types | {"null"} if types is not None and node.type.startswith("nullsafe") else types


def documented(root: Node) -> dict[str, Types]:
    r"""Read what a template says of the variables that it is given: ``@var \Full\Name $variable``."""
    found: dict[str, Types] = {}
    for comment in root.named_children:
        if comment.type == "comment":
            for kinds, name in re.findall(r"@var ((?:\\[\w\\]+\|?)+) \$(\w+)", text(comment)):
                found[name] = frozenset(kind.lstrip("\\") for kind in kinds.split("|"))
    return found
