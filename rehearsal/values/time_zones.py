"""Time zones by the names that AWS's services know: those of the IANA database."""

from __future__ import annotations

from zoneinfo import ZoneInfo

# Python reads them as it reads a zone: this machine's own, and that of a machine whose own nobody has set.
_NO_ZONES = frozenset({"Factory", "localtime"})
# Debian has all zones a second and a third time, the latter with leap seconds.
_OTHER_ZONES = ("posix/", "right/")


def time_zone(name: str) -> ZoneInfo:
    """Return the zone of that name; raise ``ValueError`` where none is called so."""
    try:
        if name not in _NO_ZONES and not name.startswith(_OTHER_ZONES):
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise ValueError(f"no time zone is called {name!r}")
