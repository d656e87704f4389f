"""How dictionaries stand in JSON: their keys are text, and in order, whatever order they were filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import WithJsonSchema, WrapSerializer

# A key that is a number in memory.
WholeNumber = Annotated[int, WithJsonSchema({"type": "string", "pattern": "^-?[0-9]+$"})]


def in_order(key: Callable[[Any], Any] = lambda name: name) -> WrapSerializer:
    """Put keys in their order, or in that of what ``key`` makes of each."""
    # A lambda, since pydantic takes an annotated result for the type that is written.
    return WrapSerializer(lambda value, write: write({name: value[name] for name in sorted(value, key=key)}))


IN_ORDER: Final = in_order()
