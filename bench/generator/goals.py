"""The targets of the generator, and whether a record meets them."""

from __future__ import annotations

from bench.common.outcome import Outcome
from bench.common.statistics import Spread, ratios
from bench.generator.results import Record

# Requests per second and core of a person with full accounting, over those of a FastHttpUser.
TIMES = {"kept": 4.0, "new": 3.5, "tls": 1.8}
MEMORY = 25.0
MADE = 0.3
CPU = 0.7
LAG = 50.0
# What the storm's own limits call too late: beyond it a storm is void.
READ_LAG = 250.0
MODE_TITLES = {
    "kept": "kept connections",
    "new": "a new connection each time",
    "tls": "new TLS each time, full handshakes",
    "resumed": "new TLS each time, sessions resumed",
}


def ratio(record: Record, mode: str, *, ours: str | None = None, client: str = "fast") -> Spread | None:
    """Return a person's requests per second and core over another client's, round by round; None where not measured."""
    mine, theirs = record.rounds("person", ours or mode), record.rounds(client, mode)
    if len(mine) != len(theirs):
        return None
    return ratios([rate.per_core for rate in mine], [rate.per_core for rate in theirs])


def cores(number: int) -> str:
    """Return a number of cores in words."""
    return "one core" if number == 1 else f"{number} cores"


def judge(record: Record) -> list[Outcome]:
    """Judge the targets of the parts that the run was to measure; nothing measured is never met."""
    verdicts = []
    if "rates" in record.parts:
        verdicts += [_times(record, mode, least) for mode, least in TIMES.items()]
    if "rest" in record.parts:
        verdicts += _rest(record)
    if "crowd" in record.parts:
        verdicts += _crowd(record)
    return verdicts


def _times(record: Record, mode: str, least: float) -> Outcome:
    name, wanted = f"a person's requests per core, {MODE_TITLES[mode]}", f"at least {least} times FastHttpUser's"
    found = ratio(record, mode)
    if found is None:
        return Outcome(name, wanted, "not measured", False)
    shown = f"{found.median:.2f} ({found.low:.2f} to {found.high:.2f} in {found.count} rounds)"
    return Outcome(name, wanted, shown, found.median >= least)


def _rest(record: Record) -> list[Outcome]:
    ours = next((rest for rest in record.rests if rest.client == "person"), None)
    names = ("memory of a person over HTTPS", "start-up of a person over HTTPS")
    wanted = (f"at most {MEMORY:.0f} KiB", f"at most {MADE} ms of CPU")
    if ours is None:
        return [Outcome(name, want, "not measured", False) for name, want in zip(names, wanted, strict=True)]
    return [
        Outcome(names[0], wanted[0], f"{ours.memory:.1f} KiB", ours.memory <= MEMORY),
        Outcome(names[1], wanted[1], f"{ours.made:.3f} ms", ours.made <= MADE),
    ]


def _crowd(record: Record) -> list[Outcome]:
    storm = record.crowds[-1] if record.crowds else None
    who = f"{storm.people:,} people on {cores(storm.workers)}, the site elsewhere" if storm else "the crowd"
    names = (
        f"CPU of {who}, default behaviour",
        f"schedule lag of {who}, 99th percentile",
        f"read-lag of {who}, 99th percentile",
    )
    wanted = (
        f"under {CPU:.0%} in the busiest ten seconds",
        f"at most {LAG:.0f} ms",
        f"under {READ_LAG:.0f} ms, as for every storm",
    )
    if storm is None or storm.faults:
        why = f"not measured: {storm.faults[0]}" if storm else "not measured"
        return [Outcome(name, want, why, False) for name, want in zip(names, wanted, strict=True)]
    busiest = storm.busiest()
    return [
        Outcome(names[0], wanted[0], f"{busiest:.0%}", busiest < CPU),
        Outcome(
            names[1], wanted[1], f"{storm.lag:.1f} ms; {storm.worst_lag:.1f} ms in the worst phase", storm.lag <= LAG
        ),
        Outcome(names[2], wanted[2], f"{storm.read_lag:.1f} ms", storm.read_lag < READ_LAG),
    ]
