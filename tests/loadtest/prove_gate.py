"""``make prove-gate``: what the gate's comparison with history promises, measured.

Four parts: simulated runs, replays of recorded storms, nights whose trend is judged one after the other, and storms
that take place now, against a stand-in site on this machine: a history of nights, candidates of the same site, and
candidates of one that is 1.5 times slower. They take place in a random order: what else this machine does must not
favour any of them.
``--record`` makes the recorded storms anew.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-gate", __name__):
    import argparse
    import json
    import os
    import random
    import subprocess
    import sys
    import tempfile
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor
    from itertools import islice
    from pathlib import Path

    from loadtest.history import summaries
    from loadtest.history.regression import REACH_CONFIRMED, compare
    from loadtest.history.summaries import Summary
    from terminal.standard_streams import run
    from tests.loadtest import night_after_night
    from tests.loadtest.replays import ALL, CANDIDATES, RECORDED, Case, alarms, cases, rules

ROOT = Path(__file__).resolve().parents[2]
# Seconds that a page of the usual stand-in takes.
SLOW = 0.2
PHASES = ["--warm-up", "1", "--before", "1.5", "--opening", "1.5", "--open", "2", "--recovery", "2.5"]
CROWD = ["--people", "40", "--seats", "10", "--form-median", "0.5"]
NIGHTS = 14
SIDE_BY_SIDE = 2
UNJUDGED = '[limits]\nstorm = ["wants >= 1"]\n[sound]\nstorm = ["clocks < 5 s"]\n[enough]\nstorm = ["wants >= 1"]\n'
UNJUDGED += "[regression]\nfigures = [{}]\n"


def prove(case: Case) -> bool:
    """Print a line of the table; whether it is as asked."""
    outcome = alarms(case.replays(case.number), rules())
    low, high = outcome.interval
    held = case.holds(outcome)
    print(
        f"{case.title:<42}{outcome.alarms:>5} of {outcome.replays:<6} {outcome.share:>7.2%}"
        f"  [{low:.2%}, {high:.2%}]{300 * outcome.share:>7.1f}   {case.demand:<16}{'ok' if held else 'BROKEN'}",
        flush=True,
    )
    return held


def prove_trend(histories: int) -> bool:
    """Print the table of the trend; whether all of it is as asked."""
    nights, figures = night_after_night.NIGHTS, len(rules().figures)
    print(f"\nThe trend over {nights} nights, {figures} figures, each night judged by what there is then.", flush=True)
    print(f"{'':<40}{'histories with an alarm':<22}{'first':>7}{'95 %':>6}   asked")
    held = True
    for case in night_after_night.cases():
        outcomes = case.outcomes(histories, rules())
        right = case.holds(outcomes)
        held = held and right
        print(f"{night_after_night.line(case, outcomes):<90}{'ok' if right else 'BROKEN'}", flush=True)
    return held


def storm(slow: float, folder: Path, number: int) -> Summary:
    """Run one storm of a stand-in whose pages take ``slow`` seconds; return its summary."""
    limits, place = folder / "limits.toml", folder / f"{number}"
    limits.write_text(UNJUDGED.format(", ".join(f'"{name}"' for name in rules().figures)))
    site = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("standin.py")), json.dumps({"slow": slow})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert site.stdout is not None
        command = [sys.executable, "-m", "loadtest", "run", "--host", site.stdout.readline().strip()]
        command += ["--token", "stand-in-token", "--limits", str(limits), "--out", str(place), "--seed", str(number)]
        command += ["--history", str(place / "history"), "--remember", "yes", *CROWD, *PHASES]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("STORM_", "SITE_", "AWS_"))}
        ended = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    finally:
        site.kill()
        site.communicate()
    if ended.returncode:
        raise RuntimeError(f"a storm ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    (summary,) = summaries.read(str(place / "history"))
    return summary


def storms(slow: Sequence[float]) -> list[Summary]:
    """Run one storm for each slowness, a few at a time, in a random order and with different crowds."""
    order = list(range(len(slow)))
    random.Random(len(slow)).shuffle(order)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        done = dict(zip(order, pool.map(lambda each: storm(slow[each], Path(folder), each + 1), order), strict=True))
    return [done[place] for place in range(len(slow))]


def prove_by_storms() -> bool:
    """Prove by storms now: a history, the same site and a slower one."""
    sites = {"nights": (SLOW, NIGHTS), "the same site": (SLOW, ALL), "1.5 times slower": (1.5 * SLOW, ALL)}
    slow = [each for each, number in sites.values() for _ in range(number)]
    print(
        f"\n{len(slow)} storms of a stand-in with pages of {SLOW * 1000:.0f} ms, {SIDE_BY_SIDE} at a time:", flush=True
    )
    figures = iter([run.figures for run in storms(slow)])
    runs = {site: list(islice(figures, number)) for site, (_, number) in sites.items()}
    held = True
    for site in ("the same site", "1.5 times slower"):
        first = compare(runs[site][:CANDIDATES], runs["nights"], rules())
        every = compare(runs[site], runs["nights"], rules(), reach=REACH_CONFIRMED)
        slower = bool(first.reasons) and bool(every.reasons)
        right = slower is (site != "the same site")
        held = held and right
        print(f"{site}: {'slower' if slower else 'no slower'}: {'ok' if right else 'BROKEN'}")
        for comparison in (first, every) if first.reasons else (first,):
            print(f"  {comparison.sentence}")
            for each in comparison.figures:
                print(f"  {each.figure:<18} {each.ratio:.2f} times, p {each.adjusted:.2g}, spread {each.spread:.1%}")
    return held


def record() -> None:
    """Storm the stand-in until the recorded storms are there anew."""
    kinds = [("usual", SLOW)] * 40 + [("slower-1.2", SLOW * 1.2)] * ALL + [("slower-1.5", SLOW * 1.5)] * ALL
    done = storms([slow for _, slow in kinds])
    for old in RECORDED.glob("*/*.json"):
        old.unlink()
    for place, ((kind, _), run) in enumerate(zip(kinds, done, strict=True)):
        run.commit = f"{kind}-{place:02}"
        summaries.add(str(RECORDED / kind), run)


def main() -> int:
    """Return 0 if everything is as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="make the recorded storms anew, and prove nothing")
    parser.add_argument("--replays", type=int, default=5000, help="replays that tell a rate (default 5000)")
    parser.add_argument("--histories", type=int, default=300, help="histories of each kind of nights (default 300)")
    parser.add_argument("--no-storms", action="store_true", help="no storms now: simulated and recorded ones alone")
    options = parser.parse_args()
    if options.record:
        record()
        return 0
    print(
        f"{CANDIDATES} candidates against 30 nights, {len(rules().figures)} figures; an alarm is any of them, "
        f"and that {ALL} candidates confirm it."
    )
    print(f"{'':<42}{'alarms':>15} {'share':>7}  {'95 % interval':<15}{'in 300':>8}   asked")
    held = [prove(case) for case in cases(options.replays)]
    held.append(prove_trend(options.histories))
    if not options.no_storms:
        held.append(prove_by_storms())
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(run("prove-gate", main))
