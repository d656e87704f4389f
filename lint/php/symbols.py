"""What PHP code declares: classes, functions, constants, and who may use them how."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import tree_sitter_php
from tree_sitter import Language, Node, Parser, Query, QueryCursor

# The alternatives of a type: PHP's own in small letters, classes by their full name. None: anything.
Types = frozenset[str] | None

LANGUAGE: Final = Language(tree_sitter_php.language_php())
PARSER: Final = Parser(LANGUAGE)
CLASSES: Final = ("class_declaration", "interface_declaration", "trait_declaration", "enum_declaration")
PUBLIC: Final = "public"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function."""

    name: str
    optional: bool = False
    variadic: bool = False
    by_reference: bool = False
    types: Types = None


@dataclass(frozen=True)
class Function:
    """A function or a method."""

    parameters: tuple[Parameter, ...]
    returns: Types = None
    visibility: str = PUBLIC
    static: bool = False


@dataclass(frozen=True)
class Member:
    """A property, a constant or a case."""

    types: Types = None
    visibility: str = PUBLIC


@dataclass
class Class:
    """A class, an interface, a trait or an enum."""

    name: str
    parents: list[str]
    methods: dict[str, Function] = field(default_factory=dict)
    properties: dict[str, Member] = field(default_factory=dict)
    constants: dict[str, Member] = field(default_factory=dict)


@dataclass
class Symbols:
    """What is declared, by full name."""

    classes: dict[str, Class] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)


def text(node: Node | None) -> str:
    """Return the source of a node; nothing for none."""
    return "" if node is None or node.text is None else node.text.decode()


@cache
def _query(kinds: tuple[str, ...]) -> Query:
    return Query(LANGUAGE, "[" + " ".join(f"({kind})" for kind in kinds) + "] @node")


def nodes(root: Node, *kinds: str) -> list[Node]:
    """Return every node of these kinds at or below ``root``, in the order of the source."""
    return QueryCursor(_query(kinds)).captures(root).get("node", [])


@dataclass
class Names:
    """How a file's short names become full ones."""

    namespace: str = ""
    classes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Node) -> Names:
        """Read the namespace and the imports of a file that has one namespace at most."""
        found = cls()
        for node in nodes(root, "namespace_definition"):
            found.namespace = text(node.child_by_field_name("name"))
        for node in nodes(root, "namespace_use_clause"):
            if any(part.type == "function" for part in (node.parent or node).children):
                continue
            alias = text(node.child_by_field_name("alias"))
            full = text(node.named_children[0]).lstrip("\\")
            found.classes[alias or full.rsplit("\\", 1)[-1]] = full
        return found

    def full(self, name: str) -> str:
        """Return the full name of a class that the file calls ``name``."""
        if name.startswith("\\"):
            return name[1:]
        first, *rest = name.split("\\")
        if first in self.classes:
            return "\\".join([self.classes[first], *rest])
        return f"{self.namespace}\\{name}" if self.namespace else name

    def types(self, node: Node | None, inside: str) -> Types:
        """Read a declared type; ``inside`` is the class around it."""
        if node is None:
            return None
        if node.type in ("union_type", "optional_type"):
            parts = [self.types(part, inside) or frozenset(("mixed",)) for part in node.named_children]
            return frozenset[str]().union(*parts, *([["null"]] if node.type == "optional_type" else []))
        if node.type == "named_type":
            name = text(node)
            return frozenset((inside if name in ("self", "static") else self.full(name),))
        return None if text(node) in ("mixed", "never") or node.type != "primitive_type" else frozenset((text(node),))


def signature(node: Node, names: Names, inside: str = "") -> Function:
    """Read what a function's declaration says."""
    parameters = []
    listed = node.child_by_field_name("parameters")
    for part in listed.named_children if listed else []:
        if part.type in ("simple_parameter", "variadic_parameter", "property_promotion_parameter"):
            parameters.append(
                Parameter(
                    text(part.child_by_field_name("name")).lstrip("&$"),
                    part.child_by_field_name("default_value") is not None or part.type == "variadic_parameter",
                    part.type == "variadic_parameter",
                    part.child_by_field_name("reference_modifier") is not None,
                    names.types(part.child_by_field_name("type"), inside),
                )
            )
    return Function(
        tuple(parameters),
        names.types(node.child_by_field_name("return_type"), inside),
        visibility(node),
        any(part.type == "static_modifier" for part in node.children),
    )


def visibility(node: Node) -> str:
    """Read a member's visibility: as written, public where nothing is."""
    return next((text(part) for part in node.children if part.type == "visibility_modifier"), PUBLIC)


def declared(root: Node) -> Symbols:
    """Read what one file declares."""
    names = Names.of(root)
    found = Symbols()
    for node in nodes(root, *CLASSES):
        made = _class(node, names)
        found.classes[made.name] = made
    for node in nodes(root, "function_definition"):
        found.functions[names.full("\\" + _own(names, node))] = signature(node, names)
    for node in nodes(root, "const_element"):
        if node.parent is not None and (node.parent.parent is None or node.parent.parent.type != "declaration_list"):
            found.constants.add(_own(names, node))
    for node in nodes(root, "function_call_expression"):
        arguments = nodes(node, "string_content")
        if text(node.child_by_field_name("function")).lstrip("\\") == "define" and arguments:
            found.constants.add(text(arguments[0]))
    return found


def _own(names: Names, node: Node) -> str:
    name = text(node.child_by_field_name("name") or node.named_children[0])
    return f"{names.namespace}\\{name}" if names.namespace else name


def _class(node: Node, names: Names) -> Class:
    made = Class(_own(names, node), [])
    body = node.child_by_field_name("body")
    for part in [*node.named_children, *(body.named_children if body else [])]:
        if part.type in ("base_clause", "class_interface_clause", "use_declaration"):
            made.parents += [names.full(text(name)) for name in part.named_children if name.type.endswith("name")]
        elif part.type == "method_declaration":
            made.methods[text(part.child_by_field_name("name"))] = signature(part, names, made.name)
            for promoted in nodes(part, "property_promotion_parameter"):
                kind = names.types(promoted.child_by_field_name("type"), made.name)
                shown = text(promoted.child_by_field_name("visibility")) or PUBLIC
                made.properties[text(promoted.child_by_field_name("name")).lstrip("&$")] = Member(kind, shown)
        elif part.type == "property_declaration":
            kind = names.types(part.child_by_field_name("type"), made.name)
            for element in nodes(part, "property_element"):
                made.properties[text(element.child_by_field_name("name"))[1:]] = Member(kind, visibility(part))
        elif part.type == "const_declaration":
            for element in nodes(part, "const_element"):
                made.constants[text(element.named_children[0])] = Member(None, visibility(part))
        elif part.type == "enum_case":
            made.constants[text(part.child_by_field_name("name"))] = Member(frozenset((made.name,)))
    if node.type == "enum_declaration":
        backing = [names.types(part, made.name) for part in node.children if part.type == "primitive_type"]
        made.parents.append("BackedEnum" if backing else "UnitEnum")
        made.properties["name"] = Member(frozenset(("string",)))
        if backing:
            made.properties["value"] = Member(backing[0])
    return made
