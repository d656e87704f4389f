"""A function's variables: which it gives a value, and which it reads without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from lint.php.symbols import CLASSES, Names, nodes, text
from lint.php.types import Scope, infer
from lint.php.world import World

FUNCTIONS: Final = ("function_definition", "method_declaration", "anonymous_function", "arrow_function")


ASSIGNMENTS: Final = ("assignment_expression", "augmented_assignment_expression", "reference_assignment_expression")
CALLS: Final = ("function_call_expression", "member_call_expression", "scoped_call_expression")
# What has variables of its own.
_APART: Final = frozenset({*FUNCTIONS[:3], *CLASSES, "anonymous_class"})


def assigned(world: World, names: Names, body: Node, scope: Scope) -> set[str]:
    """Return the variables that a function gives a value; where that can be told, their types go into ``scope``."""
    found: Counter[str] = Counter(scope.types.keys())
    values: dict[str, list[Node]] = {}
    for part in own(body):
        for name in _written(world, names, part):
            found[name] += 1
        left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
        if part.type == "assignment_expression" and left is not None and right is not None:
            values.setdefault(text(left)[1:], []).append(right)
        elif part.type == "catch_clause":
            caught = nodes(part.child_by_field_name("type") or part, "named_type")
            name = text(part.child_by_field_name("name"))[1:]
            scope.types[name] = frozenset(names.full(text(kind.named_children[0])) for kind in caught)
    for name, count in found.items():
        if count == len(values.get(name, [])):
            kinds = [infer(world, names, value, scope) for value in values[name]]
            scope.types[name] = None if None in kinds else frozenset[str]().union(*(kind or () for kind in kinds))
        elif count > 1:
            scope.types[name] = None
    return set(found)


def _written(world: World, names: Names, part: Node) -> Iterator[str]:
    """Yield the variables that one node writes."""
    left = part.child_by_field_name("left")
    held: list[Node] = []
    if part.type in ASSIGNMENTS and left is not None:
        held = [left]
    elif part.type == "foreach_statement":
        held = part.named_children[1:-1] if part.child_by_field_name("body") else part.named_children[1:]
    elif part.type in ("global_declaration", "static_variable_declaration", "catch_clause", "unset_statement"):
        held = [one for one in part.named_children if "statement" not in one.type]
    elif part.type in CALLS:
        held = list(_by_reference(world, names, part))
    for one in held:
        yield from _targets(one)


def _by_reference(world: World, names: Names, call: Node) -> Iterator[Node]:
    """Yield arguments that a function writes into; of a method, whichever class it may be of."""
    callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if callee is not None:
        declaration = world.function(text(callee), names.namespace)
        found = [declaration] if declaration else []
    else:
        method = text(call.child_by_field_name("name"))
        classes = [*world.project.classes.values(), *world.outside.classes.values()]
        found = [one.methods[method] for one in classes if method in one.methods]
    for index, argument in enumerate(arguments.named_children if arguments else []):
        for function in found:
            rest = [one for one in function.parameters if one.variadic]
            fitting = [*function.parameters[index : index + 1], *rest][:1]
            if argument.named_children and fitting and fitting[0].by_reference:
                yield argument.named_children[-1]


def own(body: Node) -> Iterator[Node]:
    """Yield what a function holds, without the functions in it; an arrow function shares its variables."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        if node == body or node.type not in _APART:
            waiting.extend(reversed(node.named_children))


def undefined(body: Node, known: set[str]) -> Iterator[Node]:
    """Yield variables that a function reads and never gives a value, itself or by handing them to a closure."""
    parts = list(own(body))
    arrows = [one.child_by_field_name("parameters") or one for one in parts if one.type == "arrow_function"]
    known = known | {text(name)[1:] for one in arrows for name in nodes(one, "variable_name")}
    for part in parts:
        uses = nodes(part, "variable_name") if part.type == "anonymous_function" else []
        handed = [one for one in uses if _clause(one, part)]
        for one in [part] if part.type == "variable_name" else handed:
            static = one.parent is not None and one.parent.type == "scoped_property_access_expression"
            if text(one)[1:] not in known and not static:
                yield one


def _clause(variable: Node, closure: Node) -> bool:
    """Tell whether the variable is in the closure's ``use``."""
    above = variable.parent
    while above is not None and above.type == "by_ref":
        above = above.parent
    return above is not None and above.type == "anonymous_function_use_clause" and above.parent == closure


def _targets(node: Node) -> Iterator[str]:
    """Yield the variables that an assignment to ``node`` writes; an element of an array writes the array."""
    if node.type == "variable_name":
        yield text(node)[1:]
    elif node.type == "subscript_expression":
        yield from _targets(node.named_children[0])
    elif node.type in ("list_literal", "array_creation_expression", "array_element_initializer", "pair", "by_ref"):
        for part in node.named_children:
            yield from _targets(part)
