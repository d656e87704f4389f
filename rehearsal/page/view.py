"""What the page shows, read from the files that a rehearsal writes while it runs: plain values, ready for JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.lock import holder
from rehearsal.page.file_cache import FileCache
from rehearsal.progress import tail
from rehearsal.pushes import Pushes
from rehearsal.values.execution_record import ActionRecord, ExecutionRecord, Status
from rehearsal.values.exits import Refused
from rehearsal.values.object_files import files_of
from rehearsal.values.stack import sites
from rehearsal.values.state import Store

# Past executions that are listed, and lines of an action's log that are looked through for its report.
_REMEMBERED = 20
_LOOKED_THROUGH = 400

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass
class View:
    """Reads the state's ``folder``; what seldom changes is read again only when its file has."""

    folder: Path
    _files: FileCache = field(default_factory=FileCache)

    def read(self, wanted: int | None) -> dict[str, Any]:
        """Return all that is shown, with the execution ``wanted``, else the one that a person wants to see now.

        Where the state cannot be read, ``fault`` says why.
        """
        try:
            return self._read(Store(self.folder, reading=True), wanted)
        except Refused as refused:
            return {"fault": str(refused)}

    def log(self, number: int, index: int) -> Path | None:
        """Return the log of an action; None where there is none."""
        action = self._action(number, index)
        return self._log(number, action) if action else None

    def report(self, number: int, index: int, place: int) -> Path | None:
        """Return one of the files that an action published, or that an approval is about; None where there is none."""
        action = self._action(number, index)
        record = self._record(number)
        reports = self._reports(record, action) if record and action else []
        return reports[place] if 0 <= place < len(reports) else None

    def timeline(self, path: str, action: Mapping[str, Any]) -> Path | None:
        """Return the timeline that the log of an action names; None where it is no file of a build at that time.

        The folder of a build is the next one's, too: what was written later is another action's.
        """
        file = Path(path).resolve()
        if not file.is_relative_to((self.folder / "build").resolve()) or not file.is_file():
            return None
        changed = file.stat().st_mtime
        return file if action["started"] <= changed <= (action["ended"] or math.inf) else None

    def _read(self, store: Store, wanted: int | None) -> dict[str, Any]:
        state = store.state
        process = holder(self.folder / "lock")
        number = self._interesting(store, process is not None) if wanted is None else wanted
        record = store.record(number) if number is not None else None
        push = Pushes(self.folder).waiting()
        waiting = state.waiting
        return {
            "pipeline": state.pipeline.name if state.pipeline else None,
            "rehearses": process is not None,
            "push": {"commit": push.commit, "branch": push.branch} if push else None,
            "waiting": waiting.model_dump(include={"execution", "commit", "stage", "action"}) if waiting else None,
            "execution": self._execution(record, process == record.process) if record else None,
            "history": [
                past.model_dump() | {"recorded": (store.execution(past.execution) / "record.json").exists()}
                for past in reversed(state.history[-_REMEMBERED:])
            ],
            "standing": [self._standing(store, place) for place in range(len(state.standing))],
            "broken": [
                {"name": each.key.name, "status": each.status, "reason": each.reason} for each in state.broken
            ],
        }  # fmt: skip

    def _interesting(self, store: Store, rehearses: bool) -> int | None:
        """Choose the execution that runs, else the one that waits for a person, else the latest."""
        state = store.state
        if state.under_way:
            return state.under_way.execution
        if state.waiting and not rehearses:
            return state.waiting.execution
        known = [
            int(file.parent.name) if file.parent.name.isdigit() else 0
            for file in self.folder.glob("executions/*/record.json")
        ]
        return max(known, default=None)

    def _execution(self, record: ExecutionRecord, runs: bool) -> dict[str, Any]:
        shown = record.model_dump(exclude={"actions", "evidence"})
        broken_off = False
        shown["actions"] = []
        for action in record.actions:
            each = action.model_dump(exclude={"log"})
            if action.status is Status.RUNNING and not runs:
                each["status"], each["figure"], broken_off = Status.STOPPED, "broken off: its process has ended", True
            elif action.status is Status.RUNNING:
                each["figure"] = "".join(plain(line).strip() for line in tail(self._log(record.execution, action), 1))
            if action.status is not Status.PENDING:
                each["reports"] = [file.name for file in self._reports(record, action)]
            shown["actions"].append(each)
        if broken_off and not record.outcome:
            shown["outcome"] = "broken off"
        if record.evidence:
            shown["evidence"] = record.evidence.model_dump(exclude={"reports"})
        return shown

    def _standing(self, store: Store, place: int) -> dict[str, Any]:
        key = store.state.standing[place]

        def read() -> dict[str, Any]:
            deployed = store.deployed(key)
            shown: dict[str, Any] = {"name": key.name, "commit": None, "at": None, "sites": []}
            if deployed:
                shown |= {"commit": deployed.commit, "at": deployed.at, "sites": sites(deployed.stack())}
            return shown

        return self._files.of(store.stack_file(key), read)

    def _reports(self, record: ExecutionRecord, action: ActionRecord) -> list[Path]:
        objects = (self.folder / "s3").resolve()
        if action.approval:
            paths = record.evidence.reports if record.evidence else []
            files = [(self.folder / path).resolve() for path in paths]
            return [file for file in files if file.is_relative_to(objects) and file.is_file()]
        log = self._log(record.execution, action)
        # The addresses alone are kept: their files may come after the log's last word.
        words = self._files.of(log, lambda: "\n".join(line for line in tail(log, _LOOKED_THROUGH) if "s3://" in line))
        found = (file for file in files_of(words, objects) if file.suffix == ".html" and file.is_file())
        return list(dict.fromkeys(found))

    def _record(self, number: int) -> ExecutionRecord | None:
        try:
            return Store(self.folder, reading=True).record(number)
        except Refused:
            return None

    def _action(self, number: int, index: int) -> ActionRecord | None:
        record = self._record(number)
        return record.actions[index] if record and 0 <= index < len(record.actions) else None

    def _log(self, number: int, action: ActionRecord) -> Path:
        return Store.executions(self.folder, number) / Path(action.log).name


def plain(text: str) -> str:
    """Return text without what only a terminal understands; a line that was rewritten is as it was last."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _ESCAPES.sub("", "\n".join(lines))
