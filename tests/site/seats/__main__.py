"""``make prove-seats``: storms, one after the other, each from its own seed; a line for each, and the sum."""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-seats", __name__):
    import argparse
    import shutil
    import sys
    import tempfile
    import time
    from collections import Counter
    from pathlib import Path

    from containers.engine import ensure_base, external_bases, find
    from terminal import standard_streams
    from tests.site.mail_server import MailServer, serve
    from tests.site.seats import freeze
    from tests.site.seats.judge import broken_promises
    from tests.site.seats.plan import draw
    from tests.site.seats.storm import run
    from tests.site.task import ROOT, Host, Task


def main() -> int:
    """Return 0 when every promise held in every storm, 1 when one was broken."""
    parser = argparse.ArgumentParser(prog="make prove-seats", description=__doc__)
    parser.add_argument("--storms", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="of the first storm; the next ones count on")
    parser.add_argument("--freeze", type=float, default=freeze.SECONDS, help="how long the database stands still")
    options = parser.parse_args()
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    host = Host(engine, kind="seats")
    mails = None
    folder = tempfile.mkdtemp(prefix="seats-")
    try:
        host.start()
        mails, variables = serve(host, Path(folder), "register@example.org")
        task = Task(host, "seats", beside=None, built=None, **variables)
        installed = task.install()
        if installed.code != 0:
            print(installed.log, file=sys.stderr)
            return 1
        task.serve()
        print(f"database: {host.version()}")
        return max(prove(task, mails, options.seed, options.storms), thaw(task, options.freeze))
    finally:
        if mails is not None:
            mails.stop()
        host.clear()
        shutil.rmtree(folder)


def thaw(task: Task, seconds: float) -> int:
    """Let the database stand still, as MySQL is by itself and as the site's parameter group sets it.

    Print what was seen; return 1 where the site did not come back with the group's bound.
    """
    if seconds <= 0:
        return 0
    results = []
    for errors in (100, 2**63 - 1):
        result = freeze.freeze(task, seconds, errors)
        back = f"back after {result.back_after:.2f} s" if result.back_after else f"not back: {result.reason}"
        print(f"frozen for {seconds:.0f} s, max_connect_errors = {errors}: {back}", flush=True)
        results.append(result)
    return int(results[-1].back_after is None or results[-1].back_after > freeze.BACK_WITHIN)


def prove(task: Task, mails: MailServer, first: int, storms: int) -> int:
    """Run them and print what was seen."""
    total: Counter[str] = Counter()
    print("   seed  seats people  sold  cancelled  waited  requests answers  seconds  what broke")
    for seed in range(first, first + storms):
        plan = draw(seed)
        started = time.monotonic()
        record = run(task, plan, mails)
        broken = broken_promises(plan, record)
        requests = sum(map(len, record.attempts.values()))
        print(
            f"{seed:7d} {plan.seats:6d} {plan.wanted:6d} {len(record.claims):5d} {len(record.cancelled):10d}"
            f" {len(record.places):7d} {requests:9d} {len(record.answers):7d} {time.monotonic() - started:8.1f}"
            f"  {', '.join(fault for _, fault in plan.faults) or '-'}",
            flush=True,
        )
        for promise in broken:
            print(f"        BROKEN: {promise}", flush=True)
        total.update(
            storms=1,
            failed=bool(broken),
            people=plan.wanted,
            seats=len(record.claims),
            cancellations=len(record.cancelled),
            mails=len(record.mails),
            perhaps=sum(due.state == "unknown" for due in record.due or ()),
            mail_server_dead=plan.mails_dead is not None,
            waited=len(record.places),
            offered=sum(place.was_offered for place in record.places),
            taken_from_the_list=sum(place.state == "taken" for place in record.places),
            requests=requests,
            answers=len(record.answers),
            again=sum(answer.again for answer in record.answers),
            waiting=sum(answer.state == "waiting" for answer in record.answers),
        )
        total.update({str(fault): 1 for _, fault in plan.faults})
    print("\n" + "\n".join(f"{count:8d}  {what}" for what, count in total.items()))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(standard_streams.run("prove-seats", main))
