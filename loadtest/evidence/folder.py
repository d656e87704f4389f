"""The evidence of a storm: the folder with record, report, summary, JUnit and verdict, and its place in S3."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from loadtest.evidence import junit, summary, upload
from loadtest.gate.limits import Limits
from loadtest.gate.verdict import Answer
from loadtest.history.judgement import Judgement, judge_all
from loadtest.history.series import Series, dump
from loadtest.history.stored_verdict import StoredVerdict
from loadtest.record.codec import encode

FILES = ("record.json", "report.html", "summary.txt", "junit.xml", "verdict.env")


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
    _write_verdict(path, Answer.VOID, "VOID: the storm did not come to its end", str(path.resolve()))


def write(series: Series, limits: Limits, folder: Folder) -> Judgement:
    """Judge the storms and write everything, then upload it if asked to.

    Evidence that cannot be kept makes a pass VOID: an approver could not look at it.
    """
    judgement = _write(series, limits, folder)
    if folder.published:
        try:
            upload.upload([folder.path / name for name in (*FILES, "storm.log")], folder.published)
        except upload.NotPublished as error:
            series.runs[-1].faults.append(str(error))
            judgement = _write(series, limits, Folder(folder.path))
    return judgement


def _write(series: Series, limits: Limits, folder: Folder) -> Judgement:
    _write_verdict(folder.path, Answer.VOID, "VOID: the evidence could not be written", folder.report)
    judgement = judge_all(series, limits)
    text = summary.text(series, judgement, folder.report)
    (folder.path / "record.json").write_text(dump(series, encode(StoredVerdict.of(judgement))), encoding="utf-8")
    (folder.path / "summary.txt").write_text(text, encoding="utf-8")
    (folder.path / "junit.xml").write_text(junit.text(series, judgement), encoding="utf-8")
    # The report comes last of the long ones: it draws, and drawing is what may fail; the verdict waits for it.
    from loadtest.evidence import report  # noqa: PLC0415 - matplotlib takes a second to import, and --help must not wait for it

    (folder.path / "report.html").write_text(report.render(series, judgement), encoding="utf-8")
    _write_verdict(folder.path, judgement.answer, summary.line(series, judgement), folder.report)
    return judgement


def _write_verdict(path: Path, answer: Answer, line: str, report: str) -> None:
    values = {"STORM_VERDICT": answer.value, "STORM_SUMMARY": " ".join(line.split()), "STORM_REPORT": report}
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    (path / "verdict.env").write_text(text, encoding="utf-8")
