"""The targets, and whether a record meets them: plain decisions over plain figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from bench.common.outcome import Outcome
from bench.common.statistics import Spread, ratios, spread
from bench.site.results import Record, Reload

CPU_RATIO = 1.1
RATE_RATIO = 1000.0
# A page that its reader has: of the bytes of the earlier build's, and of the CPU of the file that is sent whole.
RELOAD_BYTES = 0.06
RELOAD_CPU = {"plain": 0.8, "compressed": 1.0}
FIRST_LOAD_BYTES = 0.9
STORM_BYTES = 0.4
GOODPUT = 0.9
RECOVERY = 5.0
WAITING_MS = 100.0
DASHBOARD = 2.0
# The most rendered per second by PHP for any crowd, over the least: more than a step of counting whole pages.
INDEPENDENT = 1.25
CLAIMS = 600.0
CLAIM_SHARE = 0.85
NGINX_MB = 200.0
WORDPRESS_MB = 300.0
START = 5.0
# Seconds; people who act later than this at the 99th percentile are a saturated generator, and no measurement.
LATE = 0.1


def judge(record: Record) -> list[Outcome]:
    """Judge the targets of the parts that the run was to measure."""
    return [verdict for part in record.parts if part in TARGETS for verdict in TARGETS[part](record)]


def _verdict(name: str, wanted: str, value: float | None, show: str, met: Callable[[float], bool]) -> Outcome:
    if value is None:
        return Outcome(name, wanted, "not measured", False)
    return Outcome(name, wanted, show, met(value))


def _shown(spread: Spread | None, form: str) -> str:
    return (
        ""
        if spread is None
        else f"{spread.median:{form}} ({spread.low:{form}} to {spread.high:{form}} in {spread.count} rounds)"
    )


def _pages(record: Record) -> list[Outcome]:
    verdicts = []
    for gzip in (False, True):
        site, limit = (record.rounds(key, gzip=gzip) for key in ("site", "static"))
        ratio = ratios([rate.cpu for rate in site], [rate.cpu for rate in limit])
        alone = ratios([rate.cpu - rate.php_cpu for rate in site], [rate.cpu for rate in limit])
        share = f"; without PHP, which renders it each second, {alone.median:.2f}" if alone else ""
        verdicts.append(
            _verdict(
                f"CPU of a cached page, {'gzip' if gzip else 'plain'}",
                f"at most {CPU_RATIO} times the static limit's",
                ratio.median if ratio else None,
                _shown(ratio, ".2f") + share,
                lambda value: value <= CPU_RATIO,
            )
        )
    for gzip in (False, True):
        site, original = (record.rounds(key, gzip=gzip) for key in ("site", "original"))
        ratio = ratios([rate.rate for rate in site], [rate.rate for rate in original])
        verdicts.append(
            _verdict(
                f"rate, {'gzip' if gzip else 'plain'}",
                f"at least {RATE_RATIO:,.0f} times the original design's",
                ratio.median if ratio else None,
                _shown(ratio, ",.0f"),
                lambda value: value >= RATE_RATIO,
            )
        )
    return verdicts


def _reloads(record: Record) -> list[Outcome]:
    def of(variant: str, *, gzip: bool, figure: str) -> list[float]:
        rounds = sorted((each for each in record.reloads if (each.variant, each.gzip) == (variant, gzip)), key=_round)
        return [float(getattr(each, figure)) for each in rounds]

    sizes = ratios(of("site", gzip=True, figure="size"), of("earlier", gzip=True, figure="size"))
    verdicts = [
        _verdict(
            "bytes of a reload of the front page",
            f"at most {RELOAD_BYTES} of the earlier build's",
            sizes.median if sizes else None,
            _shown(sizes, ".3f"),
            lambda value: value <= RELOAD_BYTES,
        )
    ]
    for kind, most in RELOAD_CPU.items():
        cpu = ratios(of("site", gzip=True, figure="cpu"), of("static", gzip=kind != "plain", figure="cpu"))
        verdicts.append(
            _verdict(
                f"CPU of a reload, of the {kind} file's that is sent whole",
                f"at most {most}" if kind == "plain" else f"less than {most}",
                cpu.median if cpu else None,
                _shown(cpu, ".2f"),
                lambda value, most=most: value <= most,  # type: ignore[misc] # as below
            )
        )
    for name in ("front page", "course"):
        load = _share({each.variant: each.size for each in record.first_loads if each.page == name})
        verdicts.append(
            _verdict(
                f"bytes of a first load, {name} with styles and scripts",
                f"at most {FIRST_LOAD_BYTES} of the earlier build's",
                load,
                f"{load or 0:.3f}",
                lambda value: value <= FIRST_LOAD_BYTES,
            )
        )
    # By the good page: how late a busy core makes people changes how often they reload, and not what it costs.
    storm = _share({each.variant: each.size / each.good for each in record.storms if each.good})
    return [
        *verdicts,
        _verdict(
            "bytes of a good page in a storm of people who reload",
            f"at most {STORM_BYTES} of the earlier build's",
            storm,
            f"{storm or 0:.3f}",
            lambda value: value <= STORM_BYTES,
        ),
    ]


def _round(reload: Reload) -> int:
    return reload.round


def _share(sizes: Mapping[str, float]) -> float | None:
    return sizes["site"] / sizes["earlier"] if {"site", "earlier"} <= sizes.keys() else None


def _claims(record: Record) -> list[Outcome]:
    by_path = {
        path: [claims.rate for claims in sorted(record.claims, key=lambda each: each.round) if claims.path == path]
        for path in ("lean", "bare")
    }
    lean, share = spread(by_path["lean"]), ratios(by_path["lean"], by_path["bare"])
    return [
        _verdict(
            "claims per second and core",
            f"at least {CLAIMS:,.0f}",
            lean.median if lean else None,
            _shown(lean, ",.0f"),
            lambda value: value >= CLAIMS,
        ),
        _verdict(
            "claims, of what a bare PHP script does",
            f"at least {CLAIM_SHARE:.0%}",
            share.median if share else None,
            _shown(share, ".0%"),
            lambda value: value >= CLAIM_SHARE,
        ),
    ]


def recovered(name: str, known: bool, seconds: float | None, watched: float) -> Outcome:
    """Judge whether a site came back in time. ``known``: the experiment was made at all."""
    wanted = f"normal within {RECOVERY:.0f} s after the load drops"
    if not known:
        return Outcome(name, wanted, "not measured", False)
    shown = f"not in the {watched:.0f} s that were watched" if seconds is None else f"{seconds:.1f} s"
    return Outcome(name, wanted, shown, seconds is not None and seconds <= RECOVERY)


def _with_people(verdicts: list[Outcome], lags: list[float]) -> list[Outcome]:
    """Return the verdicts, or that nothing was measured because the people themselves were late."""
    late = max(lags, default=0.0)
    if late <= LATE:
        return verdicts
    why = (
        f"not measured: the people were {late * 1000:.0f} ms late, their core was too busy ({LATE * 1000:.0f} allowed)"
    )
    return [replace(verdict, measured=why, met=False) for verdict in verdicts]


def _collapse(record: Record) -> list[Outcome]:
    ours = next((each for each in record.collapses if each.variant == "site"), None)
    verdicts = [
        recovered(
            "recovery from the collapse experiment",
            ours is not None,
            ours.recovery if ours else None,
            ours.watched if ours else 0,
        )
    ]
    return _with_people(verdicts, [ours.lag] if ours else [])


def _overload(record: Record) -> list[Outcome]:
    rounds = record.overloads
    share = ratios([each.goodput for each in rounds], [each.peak for each in rounds])
    # Of what must never be late, the worst round counts.
    slowest = max(rounds, key=lambda each: math.inf if each.recovery is None else each.recovery, default=None)
    waits = [each.waiting_p99 for each in rounds if each.waiting_p99 is not None]
    waiting = max(waits) if rounds and len(waits) == len(rounds) else None
    dashboard = record.dashboards[-1] if record.dashboards else None
    verdicts = [
        _verdict(
            "goodput with ten times the uncacheable capacity offered",
            f"at least {GOODPUT:.0%} of the peak",
            share.median if share else None,
            _shown(share, ".0%"),
            lambda value: value >= GOODPUT,
        ),
        recovered(
            "recovery from it",
            slowest is not None,
            slowest.recovery if slowest else None,
            len(slowest.good) if slowest else 0,
        ),
        _verdict(
            "waiting page, 99th percentile",
            f"under {WAITING_MS:.0f} ms",
            waiting,
            f"{waiting or 0:.0f} ms over {sum(each.waiting for each in rounds):,} waiting pages",
            lambda value: value < WAITING_MS,
        ),
        _verdict(
            "the dashboard meanwhile, 95th percentile of a screen",
            f"under {DASHBOARD:.0f} s, none failed",
            dashboard.p95 if dashboard else None,
            f"{dashboard.p95 or 0:.2f} s over {dashboard.screens} screens, {dashboard.failed} failed"
            if dashboard
            else "",
            lambda value: value < DASHBOARD and dashboard is not None and not dashboard.failed,
        ),
    ]
    return _with_people(verdicts, [*(each.lag for each in rounds), *(each.lag for each in record.dashboards)])


def _crowd(record: Record) -> list[Outcome]:
    rendered = {crowd.people: crowd.rendered for crowd in record.crowds}
    least = min(rendered.values(), default=0.0)
    ratio = max(rendered.values()) / least if len(rendered) > 1 and least else None
    verdicts = [
        _verdict(
            "pages that PHP renders per second, whatever the number of people",
            f"most over least at most {INDEPENDENT}",
            ratio,
            ", ".join(f"{value:.2f} with {people:,}" for people, value in sorted(rendered.items())),
            lambda value: value <= INDEPENDENT,
        )
    ]
    return _with_people(verdicts, [crowd.lag for crowd in record.crowds])


def _start(record: Record) -> list[Outcome]:
    seconds = next((start.seconds for start in record.starts if not start.empty), None)
    return [
        _verdict(
            "a task's first page at 0.5 vCPU",
            f"within {START:.0f} s of its start",
            seconds,
            f"{seconds or 0:.1f} s",
            lambda value: value <= START,
        )
    ]


def _images(record: Record) -> list[Outcome]:
    return [
        _verdict(
            f"image {name}",
            f"at most {most:.0f} MB",
            record.images.get(name),
            f"{record.images.get(name, 0):.0f} MB",
            lambda value, most=most: value <= most,  # type: ignore[misc] # mypy takes a bound default for an argument
        )
        for name, most in (("nginx", NGINX_MB), ("wordpress", WORDPRESS_MB))
    ]


TARGETS: Mapping[str, Callable[[Record], list[Outcome]]] = {
    "pages": _pages,
    "reloads": _reloads,
    "claims": _claims,
    "collapse": _collapse,
    "overload": _overload,
    "crowd": _crowd,
    "start": _start,
    "images": _images,
}
