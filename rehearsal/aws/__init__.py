"""AWS's control plane, emulated: the only room that knows moto."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import botocore.session
from botocore.loaders import JSONFileLoader, Loader
from moto import backends
from moto.utilities import utils

# Each of moto's services asks a new session of botocore's for its regions, and each session would read the same
# megabytes of JSON again: they share what is read, as the clients of one session do.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


class _PlainLoader(JSONFileLoader):
    """Reads the descriptions of AWS's services as plain dictionaries, which keep their order by themselves.

    botocore's own makes an OrderedDict of each of some hundred thousand objects: 26 MiB and 0.7 s of processor time
    more in a process that has opened the emulated AWS of two stages.
    """

    def _load_file(self, full_path: str, open_method: Callable[..., IO[bytes]]) -> Any:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            return json.loads(file.read())


Loader.FILE_LOADER_CLASS = _PlainLoader

# To find whose a request is, moto's server looks through its own folder for its services, at each request: a
# millisecond of processor time.
_services = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: _services

_load_resource = utils.load_resource


def _load_but_for_instances(resource: str) -> Any:
    """Read one of moto's files, but for EC2's types of instances and where each is offered.

    They are 58 MiB and 0.4 s of processor time in each process, read by an import; nothing that is rehearsed is one.
    """
    if resource.startswith("ec2/resources/instance_type"):
        return {} if resource.endswith("instance_types.json") else []
    return _load_resource(resource)


utils.load_resource = _load_but_for_instances
