"""The options of a storm: each a flag and an environment variable, checked before anything starts."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from loadtest.crowd import profiles
from loadtest.crowd.browser.address import normal
from loadtest.crowd.habits import Behaviour
from loadtest.record.exit_codes import BadInput
from loadtest.record.phases import NAMES, Phases
from loadtest.request.fleet import Fleet, read_fleet

DEFAULT_LIMITS: Final = Path(__file__).parents[1] / "limits.toml"


@dataclass(frozen=True)
class Options:
    """What a storm was asked to be. Seconds for times; ``host`` and ``token`` are None where AWS has to be asked."""

    host: str | None
    token: str | None
    token_secret: str | None
    token_role: str | None
    stack: str | None
    region: str | None
    people: int
    seats: int
    phases: Phases
    form_median: float
    people_file: Path
    profile: str
    behaviour: Behaviour
    cut_after: float | None
    browsers: int | None
    live: int | None
    seed: int
    workers: int
    fleet: Fleet | None
    candidates: int
    history: str | None
    remember: bool
    notify: str | None
    environment: dict[str, str]
    limits: Path
    out: Path
    publish: str | None
    commit: str | None
    kill_task: bool
    service: str | None
    mute: str | None

    @property
    def people_name(self) -> str:
        """What a record calls the people file; where ours lies on this machine tells nothing."""
        return "loadtest/people.toml" if self.people_file == profiles.DEFAULT else str(self.people_file)


@dataclass(frozen=True)
class Option:
    """One option: its flag, its environment variable, how its text is read, and its help."""

    flag: str
    variable: str
    read: Callable[[str], Any]
    default: Any
    help: str

    @property
    def name(self) -> str:
        """The attribute it is stored under."""
        return self.flag.removeprefix("--").replace("-", "_")


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """Return a reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not smallest <= int(text) <= largest:
            raise ValueError(f"expected a whole number from {smallest} to {largest}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """Read a length of time: more than 0 seconds, at most a day."""
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not 0 < float(text) <= 86400:
        raise ValueError("expected a number of seconds greater than 0, at most 86400")
    return float(text)


def seconds_or_never(text: str) -> float | None:
    """Read a length of time, or None for ``never``."""
    if text == "never":
        return None
    try:
        return seconds(text)
    except ValueError as error:
        raise ValueError(f"{error}, or never") from error


def number_or_auto(text: str) -> int | None:
    """Read how many browsers there are to be, or None for ``auto``."""
    if text == "auto":
        return None
    try:
        return whole(0, 10)(text)
    except ValueError as error:
        raise ValueError(f"{error}, or auto") from error


def yes_or_no(text: str) -> bool:
    """Read a decision."""
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


def words(text: str) -> dict[str, str]:
    """Read words ``name=value``, separated by blanks."""
    found = dict(word.partition("=")[::2] for word in text.split())
    if not all(re.fullmatch(r"[a-z][a-z0-9_-]*", name) and value for name, value in found.items()):
        raise ValueError("expected words name=value, such as region=eu-central-1 task=512/1024")
    return found


def origin(text: str) -> str:
    """Read a site's address, ``http(s)://name[:port]``, without a path; return it as a browser writes it."""
    try:
        parts = urlsplit(text)
        good = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.port == 0)
        address = normal(f"{parts.scheme}://{parts.netloc}") if good else ""
    except ValueError:
        address = ""
    if not address:
        raise ValueError("expected an address such as https://dev.example.org, without a path")
    return address.removesuffix("/")


def matching(pattern: str, what: str) -> Callable[[str], str]:
    """Return a reader of text that must match a pattern."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected {what}")
        return text

    return read


ARN = "arn:[a-z-]+"
S3 = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/\S*)?"
OPTIONS: Final = (
    Option("--host", "SITE_URL", origin, None, "the site's address"),
    Option("--people", "STORM_PEOPLE", whole(10, 100_000), 300, "how many people come (default 300)"),
    Option("--seats", "STORM_SEATS", whole(1, 100_000), None, "how many seats (default a third of the people)"),
    Option("--warm-up", "STORM_WARM_UP", seconds, 10.0, "seconds of the warm-up (default 10)"),
    Option("--before", "STORM_BEFORE", seconds, 20.0, "seconds in which people arrive and wait (default 20)"),
    Option("--opening", "STORM_OPENING", seconds, 10.0, "seconds counted as the opening burst (default 10)"),
    Option("--open", "STORM_OPEN", seconds, 30.0, "seconds after the burst until the crowd leaves (default 30)"),
    Option("--recovery", "STORM_RECOVERY", seconds, 15.0, "seconds in which recovery is measured (default 15)"),
    Option(
        "--form-median",
        "STORM_FORM_MEDIAN",
        seconds,
        None,
        "median seconds to fill in the form; people need about 60, a shorter storm scales it "
        "(default a quarter of opening and open together, at most what the people file says)",
    ),
    Option(
        "--people-file",
        "STORM_PEOPLE_FILE",
        Path,
        profiles.DEFAULT,
        "how people behave, such as `fit` makes of your own access log (default loadtest/people.toml)",
    ),
    Option(
        "--profile",
        "STORM_PROFILE",
        matching(r"[A-Za-z][A-Za-z0-9_-]{0,63}", "the name of a profile"),
        profiles.PEOPLE,
        "the profile of the people file: people, stress, bots, or one of your own (default people)",
    ),
    Option(
        "--cut-after",
        "STORM_CUT_AFTER",
        seconds_or_never,
        15.0,
        "seconds after which a storm that can no longer pass is ended, or never (default 15)",
    ),
    Option(
        "--browsers",
        "STORM_BROWSERS",
        number_or_auto,
        None,
        "how many real browsers come beside the people, 0 to 10, or auto: 2 where Chromium and Playwright are found, "
        "else none (default auto)",
    ),
    Option(
        "--live",
        "STORM_LIVE",
        whole(0, 65535),
        None,
        "a port of this machine for a page of the storm while it runs, for the person who starts it; 0 is any free one "
        "(default: no page)",
    ),
    Option("--seed", "STORM_SEED", whole(0, 999_999_999), 1, "the same seed gives the same people (default 1)"),
    Option(
        "--workers",
        "STORM_WORKERS",
        whole(1, 64),
        1,
        "processes of the generator on this machine, or tasks of the fleet (default 1)",
    ),
    Option(
        "--fleet",
        "STORM_FLEET",
        read_fleet,
        None,
        "words that tell where the workers run as Fargate tasks instead: "
        "cluster=ARN task=NAME subnets=ID,ID group=ID port=NUMBER",
    ),
    Option(
        "--candidates",
        "STORM_CANDIDATES",
        whole(1, 20),
        3,
        "how many storms, one after the other, are compared with a history that can tell something; "
        "without one there is one storm (default 3)",
    ),
    Option(
        "--history",
        "STORM_HISTORY",
        matching(rf"{S3}|[^:]+", "a folder or s3://bucket/prefix"),
        None,
        "the folder or s3://bucket/prefix of earlier runs to compare with",
    ),
    Option(
        "--remember",
        "STORM_REMEMBER",
        yes_or_no,
        False,
        "yes: these runs become part of the history, and its trend is looked at (default no)",
    ),
    Option(
        "--notify",
        "STORM_NOTIFY",
        matching(rf"{ARN}:sns:[a-z0-9-]+:\d{{12}}:\S+", "the ARN of an SNS topic"),
        None,
        "the ARN of the SNS topic that hears of a FAIL, a VOID, or a figure that has changed its level",
    ),
    Option(
        "--environment",
        "STORM_ENVIRONMENT",
        words,
        {},
        "words name=value that tell what is stormed, such as its size; only storms with the same are compared",
    ),
    Option("--limits", "STORM_LIMITS", Path, DEFAULT_LIMITS, "the limits file (default loadtest/limits.toml)"),
    Option("--token", "STORM_TOKEN", matching(r"[\x21-\x7e]+", "one word"), None, "the site's storm token"),
    Option(
        "--token-secret",
        "STORM_SECRET_ARN",
        matching(rf"{ARN}:secretsmanager:[a-z0-9-]+:\d{{12}}:secret:\S+", "the ARN of a secret"),
        None,
        "the ARN of the secret that holds the token, instead of --token",
    ),
    Option(
        "--token-role",
        "STORM_ROLE_ARN",
        matching(rf"{ARN}:iam::\d{{12}}:role/\S+", "the ARN of a role"),
        None,
        "the ARN of the role that may read the secret (and the stack)",
    ),
    Option(
        "--stack",
        "STORM_STACK",
        matching(r"[A-Za-z][A-Za-z0-9-]{0,127}", "the name of a CloudFormation stack"),
        None,
        "the stack whose outputs SiteUrl and StormSecretArn give host and secret",
    ),
    Option(
        "--region",
        "STORM_REGION",
        matching(r"[a-z]{2}(-[a-z]+)+-\d", "the name of an AWS region, such as eu-central-1"),
        None,
        "the stack's region (default: that of the secret, or the one that AWS's own settings name)",
    ),
    Option(
        "--kill-task",
        "STORM_KILL_TASK",
        yes_or_no,
        False,
        "yes: one of the site's tasks, of two or more, is stopped at the opening; which service's, --service says or "
        "the stack's output StormService (default no)",
    ),
    Option(
        "--service",
        "STORM_SERVICE",
        matching(r"service/[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}", "service/CLUSTER/NAME"),
        None,
        "the site's service in ECS, service/CLUSTER/NAME, one of whose tasks --kill-task stops",
    ),
    Option(
        "--mute",
        "STORM_MUTE",
        matching(r"[A-Za-z0-9_-]+( [A-Za-z0-9_-]+)+", "the name of a mute rule, and of one alarm or more, with blanks"),
        None,
        "RULE ALARM...: CloudWatch's alarms on what a storm does to a site, which call nobody while it is on",
    ),
    Option("--out", "STORM_OUT", Path, Path("storm"), "the folder for record, report and verdict (default storm)"),
    Option(
        "--publish",
        "STORM_PUBLISH",
        matching(S3, "s3://bucket/prefix"),
        None,
        "s3://bucket/prefix under which the folder is uploaded",
    ),
    Option(
        "--commit",
        "STORM_COMMIT",
        matching(r"[0-9A-Za-z._-]{1,64}", "a commit id"),
        None,
        "the commit that the site must be running (default: the one it says it runs)",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add all flags to a parser; their text is read later, so that flag and variable are treated alike."""
    for option in OPTIONS:
        parser.add_argument(option.flag, metavar="…", help=f"{option.help} [{option.variable}]")


def collect(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Options:
    """Collect the options from flags and environment, flags first; an empty variable counts as unset.

    Raise BadInput.
    """
    values: dict[str, Any] = {}
    for option in OPTIONS:
        text, where = getattr(arguments, option.name), option.flag
        if text is None:
            text, where = environment.get(option.variable) or None, option.variable
        try:
            values[option.name] = option.default if text is None else option.read(text)
        except ValueError as error:
            shown = "" if option.name == "token" else f" {text!r}:"
            raise BadInput(f"{where}:{shown} {error}") from error
    return _checked(values)


def _checked(values: dict[str, Any]) -> Options:
    if values["host"] is None and values["stack"] is None:
        raise BadInput("no site to storm: give --host (SITE_URL), or --stack (STORM_STACK) to read it from a stack")
    if values["token"] is None and values["token_secret"] is None and values["stack"] is None:
        raise BadInput(
            "no token: give --token (STORM_TOKEN), --token-secret (STORM_SECRET_ARN) or --stack (STORM_STACK)"
        )
    if values["seats"] is None:
        values["seats"] = max(1, values["people"] // 3)
    if values["seats"] >= values["people"]:
        raise BadInput(
            f"--seats (STORM_SEATS): {values['seats']} seats for {values['people']} people would never sell out, and "
            f"nobody would ask for the last one in vain; allowed: below --people (STORM_PEOPLE)"
        )
    phases = Phases.of({name: values.pop(name.replace("-", "_")) for name in NAMES})
    habits = profiles.load(values["people_file"], values["profile"])
    if values["form_median"] is None:
        values["form_median"] = min(habits.form.median, (phases.opening + phases.open) / 4)
    values["behaviour"] = habits.with_form_median(values["form_median"])
    if values["remember"] and values["history"] is None:
        raise BadInput("--remember (STORM_REMEMBER): there is no --history (STORM_HISTORY) to add to")
    if values["kill_task"] and values["service"] is None and values["stack"] is None:
        raise BadInput("--kill-task (STORM_KILL_TASK): no --service (STORM_SERVICE) or --stack says whose task")
    if values["workers"] > values["people"]:
        raise BadInput(f"--workers: {values['workers']} processes for {values['people']} people leave some with nobody")
    return Options(**values, phases=phases)
