"""AWS's control plane, emulated: the only room that knows moto."""

import functools
import sys

import botocore.session

# moto's API Gateway, which nothing here asks, imports jsonschema with all its formats; that of IRIs alone compiles its
# grammars for a second, in each process. Where it cannot be imported, jsonschema leaves it out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is how an import is refused

# Each of moto's services asks a new session of botocore's for its regions, and each session would read the same
# megabytes of JSON again: they share what is read, as the clients of one session do.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)
