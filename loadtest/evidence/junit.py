"""The verdict as JUnit XML, for CodeBuild's test reports: one test case per limit and invariant."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as Xml

from loadtest.gate.limits import Finding
from loadtest.gate.verdict import Answer, Verdict
from loadtest.history.judgement import Judgement
from loadtest.history.series import Series

# What XML 1.0 cannot hold in any form.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(series: Series, judgement: Judgement) -> str:
    """Write a test suite in which a broken limit is a failure, and whatever makes a storm void is an error.

    A limit on browsers, where none took part, is skipped.
    """
    seconds = sum(record.seconds_run for record in series.runs)
    started = series.runs[0].started_at
    suite = Xml.Element("testsuite", name="storm", timestamp=started, time=f"{seconds:.1f}")
    for number, verdict in enumerate(judgement.verdicts, start=1):
        _storm(suite, verdict, f"storm {number}: " if len(judgement.verdicts) > 1 else "")
    for compared in judgement.comparison.figures if judgement.comparison else ():
        case = Xml.SubElement(suite, "testcase", classname="storm.regression", name=f"{compared.figure} is no slower")
        if compared.slower:
            message = f"{compared.ratio:.2f} times the usual, more than {compared.floor:.2f} times counts"
            Xml.SubElement(case, "failure", message=message)
    case = Xml.SubElement(suite, "testcase", classname="storm", name="verdict")
    if judgement.answer is not Answer.PASS:
        kind = "failure" if judgement.answer is Answer.FAIL else "error"
        detail = Xml.SubElement(case, kind, message=f"{judgement.answer.value}: {judgement.reasons[0]}")
        detail.text = "\n".join(judgement.reasons)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    Xml.indent(suite)
    written = Xml.tostring(suite, encoding="unicode", xml_declaration=True)
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", written) + "\n"


def _storm(suite: Xml.Element, verdict: Verdict, which: str) -> None:
    for finding in verdict.site:
        _finding(suite, "limits", finding, "failure", which)
    for finding in verdict.sound:
        _finding(suite, "sound", finding, "error", which)
    for finding in verdict.enough:
        _finding(suite, "enough", finding, "error", which)
    for check in verdict.invariants:
        case = Xml.SubElement(suite, "testcase", classname="storm.invariants", name=f"{which}{check.name}")
        if not check.holds:
            Xml.SubElement(case, "failure", message=check.sentence)


def _finding(suite: Xml.Element, group: str, finding: Finding, kind: str, which: str) -> None:
    name = f"{which}{finding.limit.scope}: {finding.limit.text}"
    case = Xml.SubElement(suite, "testcase", classname=f"storm.{group}", name=name)
    if finding.absent is not None and group != "enough":
        Xml.SubElement(case, "skipped", message=finding.sentence)
    elif not finding.holds:
        Xml.SubElement(case, kind if finding.holds is False else "error", message=finding.sentence)
