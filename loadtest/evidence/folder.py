"""The evidence of a storm: the folder with record, report, summary, JUnit and verdict, and its place in S3."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from loadtest.evidence import junit, summary, upload
from loadtest.gate.limits import Limits
from loadtest.gate.verdict import Answer
from loadtest.history.judgement import Judgement, judge_all
from loadtest.history.series import Series, dump
from loadtest.history.stored_verdict import StoredVerdict
from loadtest.record import whole_file
from loadtest.record.codec import encode

FILES = ("record.json", "report.html", "summary.txt", "junit.xml", "verdict.env")
# What is written while the storm runs, beside them.
TIMELINE = "timeline.jsonl"


@dataclass(frozen=True)
class Folder:
    """Where evidence goes: a local folder, and optionally a place ``s3://bucket/prefix/...`` of its copy."""

    path: Path
    published: str | None = None

    @property
    def report(self) -> str:
        """Where the approver finds the report."""
        return f"{self.published}/report.html" if self.published else str((self.path / "report.html").resolve())


def prepare(path: Path) -> None:
    """Make the folder, and leave no older storm's verdict in it: until this one ends, it is VOID. Raise OSError."""
    path.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (path / name).unlink(missing_ok=True)
    (path / "storm.log").write_text("", encoding="utf-8")
    verdict = _verdict(Answer.VOID, "VOID: the storm did not come to its end", str(path.resolve()))
    whole_file.write(path / "verdict.env", verdict)


def write(series: Series, limits: Limits, folder: Folder) -> Judgement:
    """Judge the storms and write everything, then upload it if asked to.

    Evidence that cannot be kept makes a pass VOID: an approver could not look at it. Raise OSError, or what a drawing
    raises: then the files are as they were, and the caller withdraws them.
    """
    judgement = _write(series, limits, folder)
    if folder.published:
        try:
            upload.upload([folder.path / name for name in (*FILES, "storm.log")], folder.published)
        except upload.NotPublished as error:
            series.runs[-1].faults.append(str(error))
            judgement = _write(series, limits, Folder(folder.path))
    return judgement


def withdraw(series: Series, limits: Limits, path: Path, why: str) -> Answer:
    """Take back what was written, since not all of it could be, and write ``why`` in its place, if there is room.

    Returns the verdict that this leaves: VOID, or FAIL where that was certain whatever else happened. No file says
    another one.
    """
    # The timeline says no verdict, but where room has run out it has what they need.
    for name in (*FILES, TIMELINE):
        (path / name).unlink(missing_ok=True)
    series.runs[-1].faults.append(why)
    judgement = judge_all(series, limits)
    place = str(path.resolve())
    texts = _texts(series, judgement, place)
    for files in ({"verdict.env": _verdict(judgement.answer, summary.line(series, judgement), place)}, texts):
        with contextlib.suppress(OSError):  # which is what is being told
            whole_file.write_all({path / name: text for name, text in files.items()})
    return judgement.answer


def _write(series: Series, limits: Limits, folder: Folder) -> Judgement:
    judgement = judge_all(series, limits)
    texts = _texts(series, judgement, folder.report)
    from loadtest.evidence import report  # noqa: PLC0415 - matplotlib takes a second to import, and --help must not wait for it

    texts["report.html"] = report.render(series, judgement)
    texts["verdict.env"] = _verdict(judgement.answer, summary.line(series, judgement), folder.report)
    whole_file.write_all({folder.path / name: text for name, text in texts.items()})
    return judgement


def _texts(series: Series, judgement: Judgement, report: str) -> dict[str, str]:
    """Return the files that need no drawing, by their names."""
    return {
        "record.json": dump(series, encode(StoredVerdict.of(judgement))),
        "summary.txt": summary.text(series, judgement, report),
        "junit.xml": junit.text(series, judgement),
    }


def _verdict(answer: Answer, line: str, report: str) -> str:
    values = {"STORM_VERDICT": answer.value, "STORM_SUMMARY": " ".join(line.split()), "STORM_REPORT": report}
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
