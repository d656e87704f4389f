"""The dashboards and alarms of what stands, and the data points of their lines, from the files that clocks write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rehearsal.page.file_cache import FileCache


class Watched:
    """Reads ``alarms.json`` and ``charts/`` of the rehearsal's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = FileCache()

    def read(self) -> dict[str, Any]:
        """Return dashboards, alarms with what is drawn of them, and by key each line's period and data points.

        ``until`` is up to when was sampled, in epoch seconds; None before there were samples.
        """
        drawn = [self._json(file) or {} for file in sorted(self._folder.glob("charts/*.json")) if not _points(file)]
        sampled = [self._json(file) or {} for file in sorted(self._folder.glob("charts/*.points.json"))]
        about = {alarm["resource"]: alarm for stack in drawn for alarm in stack.get("alarms", ())}
        return {
            "dashboards": [board for stack in drawn for board in stack.get("dashboards", ())],
            "alarms": [
                {"stack": alarm["resource"].split("/")[2]} | alarm | {"drawn": about.get(alarm["resource"])}
                for alarm in self._json(self._folder / "alarms.json") or ()
            ],
            "lines": {key: line for each in sampled for key, line in each.get("lines", {}).items()},
            "until": max((each["until"] for each in sampled if "until" in each), default=None),
        }

    def _json(self, file: Path) -> Any:
        def read() -> Any:
            try:
                return json.loads(file.read_text())
            except FileNotFoundError:
                return None

        return self._files.of(file, read)


def _points(file: Path) -> bool:
    return file.name.endswith(".points.json")
