"""What the operator is told of a night: a FAIL, a VOID or a change, as a message to an SNS topic."""

from __future__ import annotations

from urllib.parse import quote

from loadtest.evidence import summary
from loadtest.gate.verdict import Answer
from loadtest.history.judgement import Judgement
from loadtest.history.series import Series
from loadtest.record.aws_attempts import patience

# Characters; SNS refuses more, and anything but ASCII (API reference, Publish).
LONGEST_SUBJECT = 100


class NotTold(Exception):
    """The message could not be sent; the text says why."""


def is_due(judgement: Judgement) -> bool:
    """Return whether somebody should hear of it: it did not pass, or a figure has changed its level tonight."""
    return judgement.answer is not Answer.PASS or bool(judgement.fresh)


def subject(series: Series, judgement: Judgement) -> str:
    """Write a subject such as ``Storm on https://dev.example.org: FAIL``.

    Of a storm that passed, it says that something has changed.
    """
    what = "PASS, and a change" if judgement.answer is Answer.PASS else judgement.answer.value
    text = f"Storm on {series.runs[judgement.shown].host}: {what}".encode("ascii", "replace").decode()
    return text if len(text) <= LONGEST_SUBJECT else f"{text[: LONGEST_SUBJECT - 3]}..."


def body(series: Series, judgement: Judgement, report: str, region: str) -> str:
    """Write the summary, what has changed, and a link to the report for whoever may sign in to its account."""
    changed = "".join(f"changed: {change.sentence}\n" for change in judgement.fresh)
    return f"{summary.text(series, judgement, report)}{changed}{_link(report, region)}"


def send(topic: str, series: Series, judgement: Judgement, report: str) -> None:
    """Publish to a topic, by its ARN. Raise NotTold."""
    import boto3  # noqa: PLC0415 - a second of start-up that only this path needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    region = topic.split(":")[3]
    try:
        boto3.client("sns", region_name=region, config=patience()).publish(
            TopicArn=topic, Subject=subject(series, judgement), Message=body(series, judgement, report, region)
        )
    except (BotoCoreError, ClientError) as error:
        raise NotTold(f"the operator could not be told through {topic}: {error}") from error


def _link(report: str, region: str) -> str:
    if not report.startswith("s3://"):
        return ""
    bucket, _, key = report.removeprefix("s3://").partition("/")
    return f"https://{region}.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={quote(key)}\n"
