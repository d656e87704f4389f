"""Names, arguments and types in one file of PHP.

A type counts where it is declared: parameters, properties, constants, results of the project's own functions, and a
variable that is assigned in one place. What is not declared may be anything, and a value that may have one of several
types is right when one of them is: this finds what must fail, not all that may.
"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from lint.php.symbols import CLASSES, Function, Names, Types, nodes, text
from lint.php.types import Scope, documented, infer
from lint.php.variables import FUNCTIONS, assigned, undefined
from lint.php.world import ACCEPTS, World

# What looks like a function, and is language.
CONSTRUCTS: Final = frozenset(("isset", "empty", "exit", "die"))
KEYWORDS: Final = CONSTRUCTS | {"true", "false", "null", "__dir__", "__file__", "__line__", "__class__", "__function__"}
SUPERGLOBALS: Final = frozenset(
    ("this", "GLOBALS", "_SERVER", "_GET", "_POST", "_COOKIE", "_FILES", "_ENV", "_REQUEST", "_SESSION")
)
NAMELESS: Final = "class@anonymous"


class Checker:
    """Reads one file; ``faults`` has what is wrong, as ``line: sentence``."""

    def __init__(self, world: World, root: Node) -> None:
        self.world = world
        self.names = Names.of(root)
        self.faults: list[str] = []
        self.root = root
        scope = Scope(types=documented(root))
        assigned(world, self.names, root, scope)
        self.visit(root, scope)

    def say(self, node: Node, sentence: str) -> None:
        """Note a fault, once."""
        line = f"{node.start_point[0] + 1}: {sentence}"
        if line not in self.faults:
            self.faults.append(line)

    # Names

    def cls(self, node: Node, scope: Scope) -> str | None:
        """Return the full name of the class that a node names; None, and a fault, when there is none."""
        name = text(node)
        if name in ("self", "static"):
            return scope.cls or None
        if name == "parent":
            parents = self.world.cls(scope.cls)
            return parents.parents[0] if parents and parents.parents else None
        if node.type not in ("name", "qualified_name"):
            return None
        full = self.names.full(name)
        if self.world.cls(full) is None:
            self.say(node, f"there is no class {full}")
            return None
        return full

    def visit(self, node: Node, scope: Scope) -> None:
        """Check a node and all below it."""
        handler = getattr(self, f"on_{node.type}", None)
        if handler is not None:
            handler(node, scope)
        elif node.type in FUNCTIONS:
            self.function(node, scope)
        elif node.type in CLASSES or node.type == "anonymous_class":
            name = text(node.child_by_field_name("name"))
            inside = f"{self.names.namespace}\\{name}" if self.names.namespace else name
            self.below(node, Scope(cls=inside if name else NAMELESS))
            self.unused(node)
        else:
            self.below(node, scope)

    def below(self, node: Node, scope: Scope) -> None:
        """Check what a node holds, besides the name that it declares."""
        own = node.child_by_field_name("name")
        for part in node.named_children:
            if part != own or part.type not in ("name", "namespace_name"):
                self.visit(part, scope)

    def on_comment(self, node: Node, _: Scope) -> None:
        """Look for the classes that a comment names in full."""
        for name in re.findall(r"\\?(Floodgate(?:\\[A-Z]\w*)+)", text(node)):
            if self.world.cls(name) is None and not any(
                one.startswith(f"{name}\\") for one in self.world.project.classes
            ):
                self.say(node, f"a comment names {name}, and there is no such class")

    def on_namespace_definition(self, node: Node, scope: Scope) -> None:
        """Pass over: nothing in it is used."""

    def on_namespace_use_declaration(self, node: Node, _: Scope) -> None:
        """Look for what is imported, and for its use."""
        code = re.sub(r"^use [^;]+;$", "", text(self.root), flags=re.MULTILINE)
        for clause in nodes(node, "namespace_use_clause"):
            alias = text(clause.child_by_field_name("alias"))
            full = text(clause.named_children[0]).lstrip("\\")
            known = self.world.cls(full) or any(one.startswith(f"{full}\\") for one in self.world.project.classes)
            if not known:
                self.say(clause, f"there is no class {full}")
            if not re.search(rf"(?<![\\\w$]){alias or full.rsplit(chr(92), 1)[-1]}\b", code):
                self.say(clause, f"{full} is imported and not used")

    def on_variable_name(self, node: Node, scope: Scope) -> None:
        """Pass over: variables are looked at for a function as a whole."""

    def on_const_element(self, node: Node, scope: Scope) -> None:
        """Check a constant's value; its name is declared here."""
        for part in node.named_children[1:]:
            self.visit(part, scope)

    def on_named_type(self, node: Node, scope: Scope) -> None:
        """Look for a type's class."""
        self.cls(node.named_children[0], scope)

    def on_base_clause(self, node: Node, scope: Scope) -> None:
        """Look for what a class is made of."""
        for part in node.named_children:
            self.cls(part, scope)

    on_class_interface_clause = on_use_declaration = on_attribute = on_base_clause

    def on_name(self, node: Node, _: Scope) -> None:
        """Look for a constant, which a name by itself is."""
        name = text(node)
        if name.lower() not in KEYWORDS and not self.world.constant(name, self.names.namespace):
            self.say(node, f"there is no constant {name}")

    on_qualified_name = on_name

    def on_binary_expression(self, node: Node, scope: Scope) -> None:
        """Look for the class that instanceof names."""
        right = node.child_by_field_name("right")
        if text(node.child_by_field_name("operator")) == "instanceof" and right is not None:
            self.cls(right, scope)
            self.visit(node.named_children[0], scope)
        else:
            self.below(node, scope)

    # Uses of members

    def on_object_creation_expression(self, node: Node, scope: Scope) -> None:
        """Look for a class that is made, and compare what is given with its constructor."""
        made = node.named_children[0]
        arguments = next((part for part in node.named_children if part.type == "arguments"), None)
        full = self.cls(made, scope) if made.type in ("name", "qualified_name") else None
        if full is not None:
            constructor, sure = self.world.member(full, "methods", "__construct")
            if isinstance(constructor, Function):
                self.call(node, f"{full}::__construct()", constructor, arguments, scope)
            elif sure and arguments is not None and arguments.named_child_count:
                self.say(node, f"{full} has no constructor, and takes no arguments")
        elif made.type not in ("name", "qualified_name"):
            self.visit(made, scope)
        if arguments is not None:
            self.visit(arguments, scope)

    def on_function_call_expression(self, node: Node, scope: Scope) -> None:
        """Look for a function, and compare what is given with its parameters."""
        callee = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if callee is not None and callee.type in ("name", "qualified_name"):
            name = text(callee)
            if "\\" in name and not name.startswith("\\"):
                name = "\\" + self.names.full(name)
            found = self.world.function(name, self.names.namespace)
            if found is not None:
                self.call(node, f"{name}()", found, arguments, scope)
            elif name.lower() not in CONSTRUCTS:
                self.say(node, f"there is no function {name}()")
        elif callee is not None:
            self.visit(callee, scope)
        if arguments is not None:
            self.visit(arguments, scope)

    def on_scoped_call_expression(self, node: Node, scope: Scope) -> None:
        """Look for a static method, and compare likewise."""
        self.use_of_class(node, scope, "methods")

    def on_class_constant_access_expression(self, node: Node, scope: Scope) -> None:
        """Look for a constant or a case."""
        self.use_of_class(node, scope, "constants")

    def on_scoped_property_access_expression(self, node: Node, scope: Scope) -> None:
        """Look for a static property."""
        self.use_of_class(node, scope, "properties")

    def use_of_class(self, node: Node, scope: Scope, kind: str) -> None:
        """Check ``Class::member``."""
        holder, member = node.named_children[0], node.named_children[1]
        if holder.type in ("name", "qualified_name", "relative_scope"):
            full = self.cls(holder, scope)
            if full is not None and text(member) != "class":
                self.use(node, member, full, kind, scope)
        else:
            self.visit(holder, scope)
        arguments = node.child_by_field_name("arguments")
        if arguments is not None:
            self.visit(arguments, scope)

    def on_member_call_expression(self, node: Node, scope: Scope) -> None:
        """Look for a method of what a value is declared to be."""
        self.use_of_value(node, scope, "methods")

    def on_member_access_expression(self, node: Node, scope: Scope) -> None:
        """Look for a property likewise."""
        self.use_of_value(node, scope, "properties")

    on_nullsafe_member_call_expression = on_member_call_expression
    on_nullsafe_member_access_expression = on_member_access_expression

    def use_of_value(self, node: Node, scope: Scope, kind: str) -> None:
        """Check ``$value->member``."""
        holder, member = node.child_by_field_name("object"), node.child_by_field_name("name")
        arguments = node.child_by_field_name("arguments")
        if holder is not None:
            self.visit(holder, scope)
            for full in sorted(self.infer(holder, scope) or ()):
                if full not in ACCEPTS and self.world.cls(full) is not None and member is not None:
                    self.use(node, member, full, kind, scope)
        if arguments is not None:
            self.visit(arguments, scope)

    def use(self, node: Node, member: Node, full: str, kind: str, scope: Scope) -> None:
        """Check that a class has a member that may be used here, and with these arguments."""
        if member.type not in ("name", "variable_name"):
            return
        name = text(member).lstrip("$")
        shown = {"methods": f"{full}::{name}()", "constants": f"{full}::{name}", "properties": f"{full}::${name}"}[kind]
        found, sure = self.world.member(full, kind, name)
        if found is None:
            if sure:
                self.say(node, f"there is no {shown}")
            return
        if found.visibility == "private" and scope.cls not in (full, NAMELESS):
            self.say(node, f"{shown} is private")
        if isinstance(found, Function):
            self.call(node, shown, found, node.child_by_field_name("arguments"), scope)

    def call(self, node: Node, shown: str, callee: Function, arguments: Node | None, scope: Scope) -> None:
        """Check number, names and types of arguments."""
        passed = [part for part in arguments.named_children if part.type == "argument"] if arguments else []
        if arguments is not None and any(part.type == "variadic_placeholder" for part in arguments.named_children):
            return
        spread = any(part.type == "variadic_unpacking" for one in passed for part in one.named_children)
        variadic = any(part.variadic for part in callee.parameters)
        positional, names = 0, set[str]()
        for one in passed:
            name = text(one.child_by_field_name("name"))
            fitting = (
                [part for part in callee.parameters if part.name == name]
                if name
                else list(callee.parameters)[positional:]
            )
            names.add(name) if name else None
            positional += not name
            if name and not fitting and not variadic:
                self.say(one, f"{shown} has no parameter ${name}")
            if fitting and not spread:
                value = one.named_children[-1]
                if not self.world.accepts(fitting[0].types, self.infer(value, scope)):
                    wanted = "|".join(sorted(fitting[0].types or ()))
                    self.say(
                        one,
                        f"${fitting[0].name} of {shown} is {wanted}, not {'|'.join(self.infer(value, scope) or ())}",
                    )
        if spread:
            return
        missing = [part.name for part in callee.parameters[positional:] if not part.optional and part.name not in names]
        if missing:
            self.say(node, f"{shown} needs ${missing[0]}")
        if positional > len(callee.parameters) and not variadic:
            self.say(node, f"{shown} takes {len(callee.parameters)} arguments, not {positional}")

    # Functions: their variables and results

    def function(self, node: Node, scope: Scope) -> None:
        """Check a function's inside."""
        inner = Scope(scope.cls, self.names.types(node.child_by_field_name("return_type"), scope.cls))
        body = node.child_by_field_name("body")
        known = set(SUPERGLOBALS)
        for part in nodes(node, "anonymous_function_use_clause"):
            if part.parent == node:
                captured = {text(one)[1:] for one in nodes(part, "variable_name")}
                known |= captured
                inner.types |= {one: scope.types[one] for one in captured if one in scope.types}
        if node.type == "arrow_function":
            known |= scope.types.keys()
            inner.types |= scope.types
        for part in nodes(
            node.child_by_field_name("parameters") or node,
            "simple_parameter",
            "variadic_parameter",
            "property_promotion_parameter",
        ):
            name = text(part.child_by_field_name("name")).lstrip("&$")
            inner.types[name] = (
                None
                if part.type == "variadic_parameter"
                else self.names.types(part.child_by_field_name("type"), scope.cls)
            )
        if body is not None:
            assignments = assigned(self.world, self.names, body, inner)
            if node.type != "arrow_function" and not any(
                nodes(body, *(f"{kind}_expression" for kind in ("require", "require_once", "include")))
            ):
                for one in undefined(body, known | inner.types.keys() | assignments):
                    self.say(one, f"{text(one)} is never given a value here")
            inner.types |= {name: inner.types.get(name) for name in known | assignments}
        for part in node.named_children:
            if part.type != "anonymous_function_use_clause" and part != node.child_by_field_name("name"):
                self.visit(part, inner)
        if node.type == "arrow_function" and body is not None:
            self.result(body, body, inner)

    def on_return_statement(self, node: Node, scope: Scope) -> None:
        """Compare what is returned with what is declared."""
        self.below(node, scope)
        if node.named_children:
            self.result(node, node.named_children[0], scope)

    def infer(self, node: Node, scope: Scope) -> Types:
        """Return the declared type of an expression; None: not known."""
        return infer(self.world, self.names, node, scope)

    def result(self, node: Node, value: Node, scope: Scope) -> None:
        """Compare a function's result with its declared type."""
        value_types = self.infer(value, scope)
        if scope.returns != frozenset(("void",)) and not self.world.accepts(scope.returns, value_types):
            has, wanted = ("|".join(sorted(types or ())) for types in (value_types, scope.returns))
            self.say(node, f"this is {has}, and the function returns {wanted}")

    def unused(self, node: Node) -> None:
        """Say which private members a class never uses."""
        whole = text(node)
        for part in nodes(
            node, "method_declaration", "property_element", "const_element", "property_promotion_parameter"
        ):
            holder = part.parent if part.type in ("property_element", "const_element") else part
            if holder is None or not any(
                text(one) == "private" for one in holder.children if one.type == "visibility_modifier"
            ):
                continue
            name = text(part.child_by_field_name("name") or part.named_children[0]).lstrip("&$")
            if not name.startswith("__") and not re.search(rf"(->|::\$?){name}\b", whole):
                self.say(part, f"private {name} is never used")
