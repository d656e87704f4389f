"""``fit``: from an access log to a people file, so that a storm is made of one's own people (docs/people.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

from loadtest.crowd import profiles
from loadtest.crowd.habits import Behaviour, Component, Distribution
from loadtest.crowd.profiles import DEFAULT, DISTRIBUTIONS, PEOPLE, SHARES, TIMES
from loadtest.fitting import access_log
from loadtest.fitting.lognormals import Times, fit
from loadtest.fitting.sessions import Observed, Share, busiest, observe, visits
from loadtest.record import whole_file
from loadtest.record.exit_codes import BadInput, Exit

LEAST_PEOPLE: Final = 20
# Visitors that a check shows.
SHOWN: Final = 10
# Times to fit a lognormal to; its median is then known to about sigma / 5.5, that is 12 %.
LEAST_TIMES: Final = 30
LEAST_IN_MIXTURE: Final = 300
# People, or attempts, to take a share of.
LEAST_SHARE: Final = 50
# The largest sigma that a people file takes.
WIDEST: Final = 3.0
_NOT_IN_A_LOG: Final[Mapping[str, str]] = {
    "eager_gap": "a log does not tell which page was shown",
    "reaction": "a log does not tell who watched the clock",
    "regular_gap": "the storm's own, to measure by",
    "watch_clock": "a log does not tell who watched the clock",
    "regular": "the storm's own, to measure by",
    "tracked": "the log is read without what stands behind a ?",
}


@dataclass(frozen=True)
class Found:
    """One habit: what it is now, and where that comes from. ``fitted`` says that the log told."""

    value: Distribution | float
    why: str
    fitted: bool


def run(
    logs: Sequence[str], out: Path, page: str | None, claim: str | None, opening: str | None, *, check: bool = False
) -> Exit:
    """Read logs, fit, write the people file, and say what was found; or only show what was read. Raise BadInput."""
    if out.exists() and not check:
        raise BadInput(f"--out: {out} exists; remove it, or name another file")
    opened = _moment(opening)
    log = access_log.read(logs)
    page = page or busiest(log.requests, "GET")
    if page is None:
        raise BadInput(f"no page was asked for in {', '.join(logs)}; name it with --page")
    claim = claim or busiest(log.requests, "POST")
    _refuse_another_day(opened, opening, log)
    if check:
        print("\n".join(_as_people(logs, log, page, claim)), flush=True)
        return Exit.PASS
    observed = observe(log, page, claim, opened)
    if observed.people < LEAST_PEOPLE:
        raise BadInput(
            f"{page} was asked for by {observed.people} of the at least {LEAST_PEOPLE} people that are needed, in "
            f"{', '.join(logs)}. Name another page with --page"
        )
    habits = habits_of(observed, log, opened, profiles.load())
    if not any(found.fitted for found in habits.values()):
        reasons = "; ".join(f"{name}: {found.why}" for name, found in habits.items() if name not in _NOT_IN_A_LOG)
        raise BadInput(f"the log tells of no habit, and nothing was written: {reasons}")
    header = [
        f"People of {', '.join(logs)} ({log.format.name}): {len(log.requests)} requests, {observed.people} people.",
        f"Page {page}, claims {claim or 'none'}, opening {opening or 'not given'}.",
        f"Left out: {observed.robots} robots, {observed.crowds} addresses with a crowd behind them, "
        f"{log.strange} lines that were not understood{_such_as(log)}.",
    ]
    written = text(header, habits)
    profiles.parse(written, str(out))
    try:
        whole_file.write(out, written)
    except OSError as error:
        raise BadInput(f"--out: cannot write {out}: {error.strerror}") from error
    print("\n".join([*header, *_table(habits), f"Written to {out}: storm with --people-file {out}"]), flush=True)
    return Exit.PASS


def _refuse_another_day(opened: float | None, opening: str | None, log: access_log.Log) -> None:
    if opened is None:
        return
    first, last = log.span
    if not first <= opened <= last:
        raise BadInput(f"--opening: {opening} is not in the log, which goes from {_day(first)} to {_day(last)}")


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _such_as(log: access_log.Log) -> str:
    return f", such as {log.strangers[0]}" if log.strangers else ""


def _as_people(logs: Sequence[str], log: access_log.Log, page: str, claim: str | None) -> Iterable[str]:
    """Say what was read, and what ten visitors did: to be looked at before anybody believes the file."""
    first, last = log.span
    visitors = visits(log, page, claim)
    yield f"{', '.join(logs)}: {log.format.name}, {len(log.requests)} requests from {_day(first)} to {_day(last)}"
    yield f"{len(visitors)} visitors of {page}, claims {claim or 'none'}; {log.strange} lines were not understood"
    yield from (f"  not understood: {stranger}" for stranger in log.strangers)
    yield "Is each of these one person?"
    for client, agent, acts in visitors.between(0, SHOWN):
        gaps = [max(0.0, after.start - before.end) for before, after in pairwise(acts)]
        pauses = ", ".join(f"{gap:.1f}" for gap in gaps[:8]) + (", …" if len(gaps) > 8 else "")
        submits = sum(act.method == "POST" for act in acts)
        yield (
            f"  {client:<15} {agent[:40] or 'no user agent':<40} {_day(acts[0].start)[11:19]}  "
            f"{len(acts) - submits} pages, {submits} submits; pauses {pauses or 'none'} s"
        )


def habits_of(observed: Observed, log: access_log.Log, opening: float | None, usual: Behaviour) -> dict[str, Found]:
    """Fit each habit of the people profile where the log tells enough, and keep it as usual elsewhere."""
    cached = "answers from the cache leave no line; use the load balancer's log" if log.hides_cached else ""
    blind = "" if log.format.has_durations else f"the format ({log.format.name}) has no durations"
    coarse = "in whole seconds, a second press on submit looks like an abort" if log.format.resolution else ""
    unopened = "" if opening else "give --opening"
    found = {
        "reload_gap": _times(usual.reload_gap, observed.reload_gap, "pauses", cached, parts=3),
        "patience": _times(usual.patience, observed.patience, "aborted page loads", blind),
        "claim_patience": _times(usual.claim_patience, observed.claim_patience, "aborted submits", blind or coarse),
        "retry_gap": _times(usual.retry_gap, observed.retry_gap, "retries", cached or blind),
        "form": _form(usual.form, observed.form, cached),
        "late": _share(usual.late, observed.late, "people who had come a minute after the opening", cached or unopened),
        "give_up": _share(usual.give_up, observed.give_up, "failed attempts", ""),
        "submit_again": _share(usual.submit_again, observed.submit_again, "people with an answered claim", ""),
        **_double(usual, observed, blind or coarse),
    }
    found |= {name: Found(getattr(usual, name), why, False) for name, why in _NOT_IN_A_LOG.items()}
    return {name: found[name] for name in (*DISTRIBUTIONS, *SHARES, *TIMES)}


def _times(usual: Distribution, times: Times, what: str, why_not: str, *, parts: int = 1) -> Found:
    needed = LEAST_TIMES if parts == 1 else LEAST_IN_MIXTURE
    if why_not or times.count < needed:
        return Found(usual, why_not or f"{times.count} {what}, of {needed} that are needed", False)
    mixture = tuple(_rounded(part) for part in fit(times, parts))
    rest = round(1.0 - sum(part.weight for part in mixture[1:]), 4)
    mixture = (Component(rest, mixture[0].median, mixture[0].sigma), *mixture[1:])
    cut = f" and {times.cut_short} that were not, or not yet" if times.cut_short else ""
    return Found(Distribution(mixture), f"{times.count} {what}{cut}", True)


def _form(usual: Distribution, times: Times, why_not: str) -> Found:
    found = _times(usual, times, "forms", why_not)
    if not found.fitted or not isinstance(found.value, Distribution):
        return found
    return Found(Distribution(found.value.mixture, round(max(0.0, times.quickest), 1)), found.why, True)


def _share(usual: float, share: Share, what: str, why_not: str) -> Found:
    if why_not or share.could < LEAST_SHARE:
        return Found(usual, why_not or f"{share.could} {what}, of {LEAST_SHARE} that are needed", False)
    return Found(round(share.did / share.could, 4), f"{share.did} of {share.could} {what}", True)


def _double(usual: Behaviour, observed: Observed, why_not: str) -> dict[str, Found]:
    """Count who presses submit a second time, of those who were given the time for it; and after how long."""
    after = median(observed.pressed_twice) if observed.pressed_twice else usual.double_submit_after
    waited = sum(each >= after for each in observed.waited)
    who = Share(len(observed.pressed_twice), len(observed.pressed_twice) + waited)
    twice = _share(usual.submit_twice, who, f"submits without an answer in {after:.1f} s", why_not)
    if twice.fitted and observed.pressed_twice:
        when = Found(max(0.01, round(after, 2)), f"{len(observed.pressed_twice)} submits pressed twice", True)
    else:
        when = Found(usual.double_submit_after, why_not or "nobody is known to have pressed twice", False)
    return {"submit_twice": twice, "double_submit_after": when}


def _rounded(part: Component) -> Component:
    return Component(round(part.weight, 4), float(f"{part.median:.4g}"), round(min(part.sigma, WIDEST), 3))


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--opening: {text!r}: expected a moment such as 2026-11-23T18:00:00+01:00") from error
    if moment.tzinfo is None:
        raise BadInput(f"--opening: {text!r}: say the time zone as well, such as {text}+01:00")
    return moment.timestamp()


# The file


def text(header: Iterable[str], habits: Mapping[str, Found]) -> str:
    """Write the people file: the people of the log, and the other profiles as they are in ours."""
    lines = [*(f"# {_plain(line)}" for line in header), "", f"[{PEOPLE}]", "paced = false", ""]
    for name in DISTRIBUTIONS:
        lines += [f"# {_source(habits[name])}", f"[{PEOPLE}.{name}]", *_toml(habits[name].value), ""]
    for table, names in (("shares", SHARES), ("times", TIMES)):
        lines.append(f"[{PEOPLE}.{table}]")
        lines += [f"{name} = {habits[name].value}  # {_source(habits[name])}" for name in names]
        lines.append("")
    others = [
        part for part in DEFAULT.read_text(encoding="utf-8").split("\n\n") if _first_table(part) not in ("", PEOPLE)
    ]
    return "\n".join(lines) + "\n" + "\n\n".join(others)


def _toml(value: Distribution | float) -> Iterable[str]:
    """Yield the lines of a distribution's table."""
    if isinstance(value, Distribution):
        yield "mixture = ["
        for part in value.mixture:
            yield f"    {{ weight = {part.weight}, median = {part.median}, sigma = {part.sigma} }},"
        yield "]"
        if value.floor:
            yield f"floor = {value.floor}"


def _first_table(part: str) -> str:
    """Return the profile whose table a paragraph begins with."""
    headers = [line for line in part.splitlines() if line.startswith("[")]
    return headers[0].strip("[]").split(".")[0] if headers else ""


def _plain(line: str) -> str:
    """Return a line as a TOML comment may hold it."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _source(found: Found) -> str:
    return f"fitted to {found.why}" if found.fitted else f"the default: {found.why}"


def _table(habits: Mapping[str, Found]) -> Iterable[str]:
    width = max(map(len, habits))
    for name, found in habits.items():
        yield f"  {name:<{width}}  {_shown(found.value)}"
        yield f"  {'':<{width}}  ({_source(found)})"


def _shown(value: Distribution | float) -> str:
    if isinstance(value, Distribution):
        return ", ".join(f"{p.weight * 100:.0f} % median {p.median:.3g} s sigma {p.sigma:.2f}" for p in value.mixture)
    return f"{value:g}"
