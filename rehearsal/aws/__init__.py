"""AWS's control plane, emulated: the only room that knows moto."""

import functools
import sys
from typing import Any

import botocore.session
from moto.utilities import utils

# moto's API Gateway, which nothing here asks, imports jsonschema with all its formats; that of IRIs alone compiles its
# grammars for a second, in each process. Where it cannot be imported, jsonschema leaves it out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None is how an import is refused

# Each of moto's services asks a new session of botocore's for its regions, and each session would read the same
# megabytes of JSON again: they share what is read, as the clients of one session do.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

_load_resource = utils.load_resource


def _load_but_for_instances(resource: str) -> Any:
    """Read one of moto's files, but for EC2's types of instances and where each is offered.

    They are 58 MiB and 0.4 s of processor time in each process, read by an import; nothing that is rehearsed is one.
    """
    if resource.startswith("ec2/resources/instance_type"):
        return {} if resource.endswith("instance_types.json") else []
    return _load_resource(resource)


utils.load_resource = _load_but_for_instances
