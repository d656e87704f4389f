"""``make prove-kills``: a rehearsal is killed at a moment, and the next one must promote; a line for each."""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-kills", __name__):
    import argparse
    import random
    import sys
    import tempfile
    import time
    from pathlib import Path

    from rehearsal.values.exits import DONE
    from terminal.standard_streams import run
    from tests.whole.kills.killing import kill_after, left_over, standing
    from tests.whole.repository import Repository, rehearsing, served_commit

STAGES = ("dev", "prod")


def main() -> int:
    """Return 0 when every rehearsal after a kill promoted its commit, 1 when one did not."""
    parser = argparse.ArgumentParser(prog="make prove-kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="floodgate-kills-") as folder, rehearsing(Path(folder)) as repository:
        return prove(repository, options.kills, options.seed)


def prove(repository: Repository, kills: int, seed: int) -> int:
    """Kill and rehearse, and print what was seen; the exit code. The moments are spread over a whole run's length."""
    repository.build_without_checks()
    repository.commit("Synthesis alone")
    started = time.monotonic()
    first = repository.rehearse("run", approve="yes")
    length = time.monotonic() - started
    if first.code != DONE:
        print("the rehearsal that nobody killed did not promote", file=sys.stderr)
        return 1
    whole = standing(repository)
    dice = random.Random(seed)
    moments = [(number + dice.random()) * length / kills for number in range(kills)]
    dice.shuffle(moments)
    rows, broken = [], 0
    for number, moment in enumerate(moments, start=1):
        # Another picture and another template each time, so that there is something to build and to deploy.
        change = f"Kill {number}"
        (repository.folder / "src" / "wordpress" / "mu-plugins" / "kill.php").write_text(f"<?php\n// {change}\n")
        commit = repository.commit(change)
        where = kill_after(repository, moment)
        started = time.monotonic()
        outcome = repository.rehearse("run", approve="yes")
        seconds = time.monotonic() - started
        faults = _faults(repository, outcome.code, commit, whole == standing(repository))
        broken += bool(faults)
        rows.append(f"{number:4d}  {moment:7.1f} s  {where:<44}  {seconds:7.1f} s  {'; '.join(faults) or 'promoted'}")
        print(rows[-1], file=sys.stderr, flush=True)
    print("\nkill   killed at  where" + " " * 42 + "the next took  and")
    print("\n".join(rows))
    print(f"{kills} kills, {broken} not mended; the run that nobody killed took {length:.1f} s")
    return 1 if broken else 0


def _faults(repository: Repository, code: int, commit: str, same: bool) -> list[str]:
    faults = [] if code == DONE else [f"exit code {code}"]
    if not same:
        faults.append("other things stand than before")
    faults += [f"left: {each}" for each in left_over(repository)]
    for stage in STAGES:
        lines = repository.rehearse("status").text.splitlines()
        try:
            if served_commit(next(line.split()[-1] for line in lines if f"{stage}-wordpress" in line)) != commit:
                faults.append(f"{stage} serves another commit")
        except (OSError, ValueError, StopIteration) as error:
            faults.append(f"{stage}: {error}")
    return faults


if __name__ == "__main__":
    sys.exit(run("prove-kills", main))
