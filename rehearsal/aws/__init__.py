"""AWS's control plane, emulated: the only room that knows moto."""

import sys

# moto's API Gateway, which nothing here asks, imports jsonschema with all its formats; that of IRIs alone compiles its
# grammars for a second, in each process. Where it cannot be imported, jsonschema leaves it out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is how an import is refused
