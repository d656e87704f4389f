"""``history``: list, plot or compare earlier runs, from a folder or an S3 prefix."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from loadtest.commands.judge import read as read_record
from loadtest.gate import limits
from loadtest.gate.rules import Rules
from loadtest.history import summaries, trend
from loadtest.history.summaries import Earlier, Summary
from loadtest.record import whole_file
from loadtest.record.exit_codes import BadInput, Exit
from loadtest.record.units import Kind, show


def run(arguments: argparse.Namespace) -> Exit:
    """Do what was asked; only a comparison can end with another exit code than 0. Raise BadInput."""
    rules = limits.load(arguments.limits).regression
    if rules is None:
        raise BadInput(f"{arguments.limits} has no section [regression], which names the figures to look at")
    try:
        found = summaries.read(arguments.place)
    except summaries.Unreadable as error:
        raise BadInput(str(error)) from error
    runs = [run for run in found if run.schema == summaries.SCHEMA]
    if found and not runs:
        raise BadInput(
            f"none of the {len(found)} JSON files in {arguments.place} is a summary of schema {summaries.SCHEMA}"
        )
    if not runs:
        raise BadInput(f"there are no runs in {arguments.place}: {summaries.WHERE}")
    match arguments.action:
        case "list":
            return _list(runs, rules)
        case "plot":
            return _plot(runs, rules, arguments.out)
        case _:
            return _compare(runs, rules, arguments.record, arguments.place)


def _list(runs: list[Summary], rules: Rules) -> Exit:
    kinds = _kinds(runs)
    print(f"{'started':<20} {'verdict':<8}{'commit':<13} kind  {'  '.join(rules.figures)}")
    for run in runs:
        shown = [
            f"{show(run.figures[name], Kind.DURATION) if name in run.figures else '-':>{len(name)}}"
            for name in rules.figures
        ]
        kind = kinds[_key(run)]
        print(f"{run.started_at[:19]:<20} {run.verdict:<8}{run.commit[:12]:<13} {kind:<4}  {'  '.join(shown)}".rstrip())
    if len(kinds) > 1:
        print(f"\n{len(kinds)} kinds of run, which are not compared with each other:")
    for key, kind in kinds.items() if len(kinds) > 1 else ():
        print(f"  {kind}  {', '.join(f'{name} {value}' for name, value in key)}")
    for change in trend.changes(_newest_kind(runs, rules), rules):
        print(f"changed: {change.sentence}, for {change.lasted} runs")
    return Exit.PASS


def _plot(runs: list[Summary], rules: Rules, out: Path) -> Exit:
    from loadtest.evidence import plots  # noqa: PLC0415 - matplotlib takes a second to import

    kind = _newest_kind(runs, rules)
    changes = trend.changes(kind, rules)
    drawings = [
        plots.trend(name, kind, [change for change in changes if change.figure == name]) for name in rules.figures
    ]
    figures = "".join(
        f"<figure>{plot.svg}<figcaption><b>{plot.title}</b>: {plot.caption}</figcaption></figure>" for plot in drawings
    )
    style = "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto;padding:1rem}figure{margin:0 0 2rem}"
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Storms over time</title>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    try:
        whole_file.write(out, f"{head}{view}<style>{style}</style><h1>{len(kind)} runs</h1>{figures}</html>\n")
    except OSError as error:
        raise BadInput(f"--out: cannot write {out}: {error.strerror}") from error
    print(f"{len(kind)} of {len(runs)} runs, comparable with the newest: {out}")
    return Exit.PASS


def _compare(runs: list[Summary], rules: Rules, record: Path, place: str) -> Exit:
    series = read_record(record)
    starts = {each.started_at for each in series.runs}
    others = [run for run in runs if run.started_at not in starts]
    earlier = summaries.comparable(others, summaries.fingerprint(series.runs[0]))
    comparison = summaries.against(
        earlier, [summaries.figures(each, rules) for each in series.runs], rules, series.candidates
    )
    print(f"{record} against {place}: {comparison.sentence}")
    for each in comparison.figures:
        usual, ours = show(each.usual, Kind.DURATION), ", ".join(show(one, Kind.DURATION) for one in each.candidates)
        answer = "SLOWER" if each.slower else "ok"
        print(f"  {answer:<7}{each.figure:<20} {ours} against {usual}: {each.ratio:.2f} times, p {each.adjusted:.2g}")
    return Exit.FAIL if comparison.reasons else Exit.PASS


def _newest_kind(runs: list[Summary], rules: Rules) -> list[Summary]:
    """Return the runs that are comparable with the newest one, and not older than the rules allow."""
    earlier: Earlier = summaries.comparable(runs, runs[-1].fingerprint)
    return summaries.since(earlier.runs, rules)


def _kinds(runs: list[Summary]) -> dict[tuple[tuple[str, str], ...], str]:
    """Return a letter for each fingerprint, the most frequent first."""
    counted = Counter(_key(run) for run in runs)
    return {key: _letter(place) for place, (key, _) in enumerate(counted.most_common())}


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else f"+{place}"


def _key(run: Summary) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(run.fingerprint.items()))
