"""The verdict as JUnit XML, for CodeBuild's test reports: one test case per limit and invariant."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from loadtest.limits import Finding
from loadtest.record import Record
from loadtest.verdict import Answer, Verdict


def text(record: Record, verdict: Verdict) -> str:
    """A test suite in which a broken limit is a failure, and whatever makes the storm void is an error."""
    suite = Xml.Element("testsuite", name="storm", timestamp=record.started_at, time=f"{record.seconds_run:.1f}")
    for finding in verdict.site:
        _finding(suite, "limits", finding, "failure")
    for finding in verdict.sound:
        _finding(suite, "sound", finding, "error")
    for finding in verdict.enough:
        _finding(suite, "enough", finding, "error")
    for check in verdict.invariants:
        case = Xml.SubElement(suite, "testcase", classname="storm.invariants", name=check.name)
        if not check.holds:
            Xml.SubElement(case, "failure", message=check.sentence)
    case = Xml.SubElement(suite, "testcase", classname="storm", name="verdict")
    if verdict.answer is not Answer.PASS:
        kind = "failure" if verdict.answer is Answer.FAIL else "error"
        detail = Xml.SubElement(case, kind, message=f"{verdict.answer.value}: {verdict.reasons[0]}")
        detail.text = "\n".join(verdict.reasons)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    Xml.indent(suite)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _finding(suite: Xml.Element, group: str, finding: Finding, kind: str) -> None:
    name = f"{finding.limit.scope}: {finding.limit.text}"
    case = Xml.SubElement(suite, "testcase", classname=f"storm.{group}", name=name)
    if not finding.holds:
        Xml.SubElement(case, kind if finding.holds is False else "error", message=finding.sentence)
