"""Scheduled builds as the clock keeps them: started when they are due, one at a time."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from containers.checkout import Context
from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.values.rehearsed_time import Setting


@dataclass(frozen=True)
class Builds:
    """What the clock keeps of scheduled builds: when each schedule starts its own, and the command that runs them."""

    timetables: tuple[tuple[str, Timetable], ...]
    command: tuple[str, ...]


class BuildWatch:
    """Starts scheduled builds: one at a time, and none beside a rehearsal that is under way."""

    def __init__(self, context: Context, builds: Builds, setting: Setting, real: float) -> None:
        self._context, self._builds = context, builds
        self._setting, self._began = setting, setting.at(real)
        self._due = self._all_due()
        self._build: subprocess.Popen[bytes] | None = None
        self._log = context.state / "logs" / "scheduled-build.log"

    def _all_due(self) -> list[float | None]:
        return [table.next_after(self._began, self._began) for _, table in self._builds.timetables]

    def tick(self, setting: Setting, real: float) -> None:
        """Do what is due at a moment of the machine's."""
        if setting != self._setting:
            self._setting, self._began = setting, setting.at(real)
            self._due = self._all_due()
        if self._build is not None and self._build.poll() is not None:
            code, lines = self._build.returncode, self._log.read_text(errors="replace").splitlines()
            self._context.say(f"the scheduled build ended with {code}: {lines[-1] if lines else 'it said nothing'}")
            self._build = None
        current = setting.at(real)
        for index, (name, table) in enumerate(self._builds.timetables):
            due = self._due[index]
            if due is not None and due <= current:
                self._due[index] = table.next_after(current, self._began)
                self._start(name)

    def wait(self) -> None:
        """Return at once: a build that is under way has its own log, and goes on."""

    def _start(self, name: str) -> None:
        if self._build is not None:
            self._context.say(f"{name}: skipped, the build that was started before has not ended")
            return
        # The command looks whether another rehearsal is under way, and says so: that build is skipped.
        with self._log.open("wb") as log:
            self._build = subprocess.Popen(
                self._builds.command, cwd=Path(__file__).parents[3], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._context.say(f"{name}: its build was started, process {self._build.pid}")
