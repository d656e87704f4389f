"""``make drill``: each fault under a storm of its own, against the dev site that stands.

Exit codes:

0    every fault kept its bounds, or this machine could not inject it, which is said
1    a bound or a promise was broken, or a drill broke down: each is named
2    bad input, or nothing stands that may be drilled
130  interrupted: the fault is healed first
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("drill", __name__):
    import argparse
    import platform
    import signal
    import subprocess
    import sys
    import time
    from collections.abc import Sequence
    from datetime import UTC, datetime
    from pathlib import Path

    from containers.errors import EngineError, EngineMissing, PortRefused
    from drill.faults import FAULTS, Fault
    from drill.results import BOUNDS, RESULTS, Bound, Result, Stored, Unreadable, load_bounds, misses
    from drill.site import Site
    from drill.storm import LATER, DrillBroken, Size, drill
    from loadtest.generator.site_api import Unusable
    from rehearsal.fargate.desired.errors import DeploymentFailed
    from rehearsal.fargate.stand.experiment import experiment
    from rehearsal.lock import locked
    from rehearsal.progress import Progress
    from rehearsal.values.exits import BAD_INPUT, DONE, FAILED, INTERRUPTED, REJECTED, WAITING, Refused
    from rehearsal.values.state import Store
    from settings import load
    from terminal.standard_streams import run

_QUICK = {"warm-up": 1.0, "before": 2.0, "opening": 2.0, "open": 8.0, "recovery": 2.0}


def main(arguments: Sequence[str] | None = None) -> int:
    """Drill; the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    checkout = options.checkout.resolve()
    try:
        chosen = _chosen(options.only)
        bounds = load_bounds(options.bounds)
        if missing := [fault.name for fault in chosen if fault.name not in bounds]:
            raise Refused(f"{options.bounds} has no bounds for {missing[0]}")  # noqa: TRY301 - told below, as all input is
        people = load(checkout / "settings.toml").storm.people
        _stands(checkout)
        with locked(checkout / ".rehearsal" / "lock"):
            return _drill(checkout, chosen, bounds, options, people)
    except (Refused, Unreadable, EngineMissing, PortRefused, Unusable) as error:
        print(f"drill: {error}", file=sys.stderr)
        return BAD_INPUT
    except EngineError as error:
        print(f"drill: the container engine does not obey: {error.message}", file=sys.stderr)
        return FAILED
    except DeploymentFailed as error:
        print(f"drill: the site does not come up; `make heal` tries again: {error.message}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"drill: interrupted{_after_an_interruption(checkout)}", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(fault.name for fault in FAULTS)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help=f"some faults alone: {names}")
    parser.add_argument("--bounds", type=Path, default=BOUNDS, help="the file of the bounds")
    parser.add_argument("--quick", action="store_true", help="shorter storms, of a fifth of the people")
    parser.add_argument("--publish", action="store_true", help="keep the results for the docs (a whole drill alone)")
    parser.add_argument("--checkout", type=Path, default=Path.cwd(), help="the repository that rehearses")
    return parser


def _chosen(names: Sequence[str]) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    if unknown := [name for name in names if name not in known]:
        raise Refused(f"no fault is called {unknown[0]}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(FAULTS)


def _stands(checkout: Path) -> None:
    """Rehearse where nothing stands yet. Raise Refused where dev does not come of it."""
    if Store(checkout / ".rehearsal").state.standing:
        return
    print("nothing stands here: a rehearsal deploys dev first", flush=True)
    command = [sys.executable, "-m", "rehearsal", "--checkout", str(checkout), "run"]
    code = subprocess.run(command, cwd=BOUNDS.parents[1], stdin=subprocess.DEVNULL, check=False).returncode
    if code not in {DONE, WAITING, REJECTED}:
        raise Refused(f"the rehearsal that was to deploy dev ended with exit code {code}")


def _after_an_interruption(checkout: Path) -> str:
    """Say what to do next, where there is something to do."""
    try:
        stands = Store(checkout / ".rehearsal", reading=True).state.standing
    except Refused:
        return ""
    return "; `make heal` brings back what is down" if stands else ""


def _drill(
    checkout: Path, chosen: Sequence[Fault], bounds: dict[str, Bound], options: argparse.Namespace, people: int
) -> int:
    print(
        f"{_faults(len(chosen))}, each under a storm of its own; dev is brought to what was deployed first", flush=True
    )
    from rehearsal.runtime import Runtime  # noqa: PLC0415 - the emulated AWS takes seconds to import

    store, results, broken = Store(checkout / ".rehearsal"), [], 0
    runtime = Runtime.open(checkout, store, Progress())
    try:
        site = Site.find(runtime)
        site.deploy()
        for fault in chosen:
            crowd = round(people * fault.crowd / (5 if options.quick else 1))
            size = Size(crowd, crowd * 2 // 3, _QUICK) if options.quick else Size(crowd, crowd * 2 // 3)
            size = size.longer(fault.longer)
            started = time.monotonic()
            print(f"  {fault.name:<17} {fault.what}: a storm of {size.people} people", flush=True)
            try:
                bound = bounds[fault.name]
                with experiment(store.folder, site.stack):
                    result = drill(site, fault, size, store.folder / "drill" / fault.name, bound.back + LATER)
                found = list(misses(result, bound))
            except DrillBroken as error:
                result, found = None, [str(error)]
            _tell(fault, result, found, time.monotonic() - started)
            broken += bool(found)
            results += [result] if result else []
            # A fault that left something down must not be the next one's.
            site.deploy()
    finally:
        runtime.close()
    if options.publish:
        if options.only or options.quick or len(results) < len(FAULTS):
            raise Refused("only a whole drill is published: every fault, each with its whole storm")
        version = site.client("version", "--format={{.Server.Version}}")
        engine = f"{Path(runtime.context.docker[0]).name} {version}"
        stored = Stored(machine=_machine(engine), results=results)
        RESULTS.write_text(stored.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{_faults(len(chosen))}, {f'{broken} with a broken bound' if broken else 'every bound kept'}")
    return FAILED if broken else DONE


def _faults(number: int) -> str:
    return "1 fault" if number == 1 else f"{number} faults"


def _tell(fault: Fault, result: Result | None, found: Sequence[str], seconds: float) -> None:
    if result is not None and result.not_injected:
        print(f"- {fault.name:<17} not injected: {result.not_injected}", flush=True)
        return
    figures = ""
    if result is not None:
        back = ", ".join(f"{k} {'never' if v is None else f'{v:.1f} s'}" for k, v in result.back.items())
        figures = (
            f"served {result.share(result.served):5.1f} %  waiting {result.share(result.waiting):5.1f} %  "
            f"broke off {result.share(result.aborts):4.1f} %  errors {result.share(result.errors):4.1f} %  "
            f"confirmed {result.confirmed}, stored {result.stored} of {result.seats}  back: {back}"
        )
    print(f"{'✘' if found else '✔'} {fault.name:<17} {figures}  ({seconds:.0f} s)", flush=True)
    for sentence in found:
        print(f"    {fault.name}: {sentence}", flush=True)


def _machine(engine: str) -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{models[0] if models else platform.machine()}, {len(models) or '?'} processors",
        "engine": engine,
    }


if __name__ == "__main__":
    sys.exit(run("drill", main))
