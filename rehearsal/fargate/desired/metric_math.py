"""Metric math: numbers and the ids of metrics, joined by ``+ - * /`` and parentheses."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def ids(expression: str) -> frozenset[str]:
    """Return the ids in an expression; raise ValueError, naming the part, at what is no arithmetic."""
    return frozenset(_ids(_parse(expression)))


def result(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Calculate an expression of one period's values by id.

    None where an operand has no data, and where something is divided by zero: CloudWatch has no data point there.
    """
    return _result(_parse(expression), values)


def _parse(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except SyntaxError:
        raise ValueError(f"{expression!r} cannot be read") from None


def _ids(node: ast.expr) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return []
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _ids(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _ids(left) + _ids(right)
    raise ValueError(f"{ast.unparse(node)!r} is no arithmetic of + - * / and ()")


def _result(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(operand=operand):
            inner = _result(operand, values)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _result(left, values), _result(right, values)
            if one is None or other is None or (isinstance(op, ast.Div) and not other):
                return None
            return _OPERATORS[type(op)](one, other)
    raise AssertionError(node)
