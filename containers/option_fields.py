"""Options of an engine's client that have fields, such as ``--mount`` and ``--secret``, whatever stands in a field."""

from __future__ import annotations


def fields(*pairs: str) -> str:
    """Return the fields of an option's value, a ``KEY=VALUE`` each.

    The client reads them as a line of CSV, where a comma or a quote in a field puts the whole of it into quotes, its
    key too (findings/docker-reads-mounts-as-csv.sh).
    """
    return ",".join(_quoted(pair) if set(pair) & set(',"') else pair for pair in pairs)


def readable_mount(source: object, destination: str) -> str:
    """Return the option that shows a container a file or folder of this machine, to read, wherever it is.

    ``--volume`` would end a path at its first colon.
    """
    return "--mount=" + fields("type=bind", f"src={source}", f"dst={destination}", "readonly")


def _quoted(pair: str) -> str:
    return '"' + pair.replace('"', '""') + '"'
