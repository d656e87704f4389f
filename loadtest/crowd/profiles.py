"""The people file: profiles of habits in TOML, read and checked as a whole before anything starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from loadtest.crowd.habits import Behaviour, Component, Distribution
from loadtest.record import toml_file
from loadtest.record.exit_codes import BadInput

DEFAULT: Final = Path(__file__).parents[1] / "people.toml"
PEOPLE: Final = "people"
"""The profile that says everything; the others say only what they do differently."""
DISTRIBUTIONS: Final = (
    "reload_gap",
    "eager_gap",
    "reaction",
    "patience",
    "claim_patience",
    "retry_gap",
    "form",
    "regular_gap",
)
SHARES: Final = ("late", "watch_clock", "give_up", "submit_twice", "submit_again", "regular")
TIMES: Final = ("double_submit_after",)
LONGEST: Final = 3600.0
"""Seconds; no habit of a storm lasts longer."""


class _Wrong(Exception):
    """What is wrong, and where: the table's name and the key in it."""

    def __init__(self, table: str, key: str, message: str) -> None:
        super().__init__(message)
        self.table, self.key = table, key


def load(path: Path = DEFAULT, profile: str = PEOPLE) -> Behaviour:
    """The habits of a profile. Raises BadInput with one message that points at the first place that is wrong."""
    profiles = read(path)
    if profile not in profiles:
        raise BadInput(f"{path}: there is no profile {profile!r}; its profiles are {', '.join(profiles)}")
    return profiles[profile]


def read(path: Path) -> dict[str, Behaviour]:
    """All profiles of a file by name. Raises BadInput."""
    return parse(toml_file.text(path, "the people file"), str(path))


def parse(text: str, name: str) -> dict[str, Behaviour]:
    """The profiles of a text; `name` is what messages call it. Raises BadInput."""
    document = toml_file.document(text, name)
    try:
        return _profiles(document)
    except _Wrong as wrong:
        key = f" {wrong.key}" if wrong.key else ""
        raise BadInput(f"{name}:{_line(text, wrong.table, wrong.key)}: [{wrong.table}]{key}: {wrong}") from wrong


def _profiles(document: Mapping[str, Any]) -> dict[str, Behaviour]:
    if PEOPLE not in document:
        raise _Wrong(PEOPLE, "", "this profile is missing; it says everything, and others what they do differently")
    checked = {profile: _checked(profile, table) for profile, table in document.items()}
    everything = (*DISTRIBUTIONS, *SHARES, *TIMES)
    for key in everything:
        if key not in checked[PEOPLE]:
            table = "shares" if key in SHARES else "times" if key in TIMES else ""
            raise _Wrong(f"{PEOPLE}.{table or key}", "" if not table else key, "missing")
    return {profile: Behaviour(**{**checked[PEOPLE], **values}) for profile, values in checked.items()}


def _checked(profile: str, table: object) -> dict[str, Any]:
    """What a profile says, by the names of Behaviour's fields."""
    if not isinstance(table, dict):
        raise _Wrong(profile, "", f"expected a table, a profile of people; found {table!r}")
    values: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{profile}.{key}"
        match key:
            case "paced":
                if not isinstance(value, bool):
                    raise _Wrong(profile, key, f"expected true or false, found {value!r}")
                values[key] = value
            case "shares":
                values |= _numbers(place, value, SHARES, _share)
            case "times":
                values |= _numbers(place, value, TIMES, _time)
            case _ if key in DISTRIBUTIONS:
                values[key] = _distribution(place, value)
            case _:
                known = ", ".join((*DISTRIBUTIONS, "shares", "times", "paced"))
                raise _Wrong(profile, key, f"unknown; known are {known}")
    return values


def _numbers(
    place: str, table: object, known: tuple[str, ...], check: Callable[[str, str, object], float]
) -> dict[str, float]:
    if not isinstance(table, dict):
        raise _Wrong(place, "", f"expected a table, found {table!r}")
    for key in table:
        if key not in known:
            raise _Wrong(place, key, f"unknown; known are {', '.join(known)}")
    return {key: check(place, key, value) for key, value in table.items()}


def _distribution(place: str, table: object) -> Distribution:
    if not isinstance(table, dict):
        raise _Wrong(place, "", f"expected a table with a mixture of lognormals, found {table!r}")
    for key in table:
        if key not in ("mixture", "floor"):
            raise _Wrong(place, key, "unknown; known are mixture, floor")
    parts = table.get("mixture")
    if not isinstance(parts, list) or not parts:
        example = "[{ weight = 1.0, median = 4.0, sigma = 0.6 }]"
        raise _Wrong(place, "mixture", f"expected a list of lognormals such as {example}, found {parts!r}")
    mixture = tuple(_component(place, f"mixture, part {number}", part) for number, part in enumerate(parts, start=1))
    whole = sum(part.weight for part in mixture)
    if abs(whole - 1) > 0.001:
        raise _Wrong(place, "mixture", f"the weights add up to {whole:g}; they must add up to 1")
    floor = _number(place, "floor", table.get("floor", 0.0), (0, LONGEST), "seconds from 0 to 3600")
    return Distribution(mixture, floor)


def _component(place: str, key: str, part: object) -> Component:
    names = ("weight", "median", "sigma")
    if not isinstance(part, dict) or set(part) != set(names):
        raise _Wrong(place, key, f"expected weight, median and sigma, found {part!r}")
    return Component(
        _share(place, f"{key}, weight", part["weight"]),
        _time(place, f"{key}, median", part["median"]),
        _number(place, f"{key}, sigma", part["sigma"], (0, 3), "a number from 0 to 3"),
    )


def _share(place: str, key: str, value: object) -> float:
    return _number(place, key, value, (0, 1), "a share from 0 to 1")


def _time(place: str, key: str, value: object) -> float:
    return _number(place, key, value, (0.001, LONGEST), "seconds from 0.001 to 3600")


def _number(place: str, key: str, value: object, bounds: tuple[float, float], allowed: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not bounds[0] <= value <= bounds[1]:
        raise _Wrong(place, key, f"expected {allowed}, found {value!r}")
    return float(value)


def _line(text: str, table: str, key: str) -> int:
    """The line of a key in a table, or of the table, or of the table above it; 1 where none is written so."""
    lines = text.splitlines()
    while table:
        headers = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)]
        if headers:
            end = next((n for n in range(headers[0] + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
            word = re.escape(re.split(r"\W", key)[0])
            keys = [n for n in range(headers[0] + 1, end) if word and re.match(rf"\s*{word}\s*=", lines[n])]
            return (keys or headers)[0] + 1
        table, _, key = table.rpartition(".")
    return 1
