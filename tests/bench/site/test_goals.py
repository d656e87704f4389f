"""Each target: met, not met, and not measured, which is never met."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.common import markdown
from bench.generator import __main__ as storm
from bench.site import publish
from bench.site.goals import judge
from bench.site.results import (
    Claims,
    Collapse,
    Crowd,
    Dashboard,
    FirstLoad,
    Overload,
    Rate,
    Record,
    Reload,
    Start,
    StormBytes,
)
from bench.site.sections import PARTS
from bench.site.tables import render


def rate(variant: str, number: int, *, gzip: bool, per_second: float, cpu: float, connections: int = 32) -> Rate:
    answers = 1000
    times = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    return Rate(
        variant, gzip, True, connections, number, per_second, cpu * answers / 1e6, 0.0, **times,
        answers=answers, errors=0, load=0.5,
    )  # fmt: skip


def collapse(variant: str, recovery: float | None) -> Collapse:
    return Collapse(variant, 25, 500, 24, recovery, 20, 0, None, 0, 0, 0.01, [25] * 8 + [500] * 8 + [24] * 20)


def whole() -> Record:
    """Return a run that meets every target."""
    record = Record(parts=list(PARTS), page={"plain": 42300, "gzip": 8400}, images={"nginx": 179, "wordpress": 299})
    for gzip in (False, True):
        for number in range(3):
            for variant, per_second, cpu in (
                ("site", 90_000, 10.5), ("static", 100_000, 10), ("original", 30, 30_000),
                ("apache", 28, 33_000), ("varnish", 40_000, 25),
            ):  # fmt: skip
                record.rates.append(rate(variant, number, gzip=gzip, per_second=per_second, cpu=cpu))
    for variant, gzip, cpu, size in (
        ("site", True, 7.5, 200), ("earlier", True, 12, 9200),
        ("static", True, 8, 8700), ("static", False, 10, 42_500),
    ):  # fmt: skip
        record.reloads += [Reload(variant, gzip, number, 50_000, cpu, size) for number in range(3)]
    for variant, first, crowd in (("site", 14_000, 36_000_000), ("earlier", 16_000, 120_000_000)):
        record.first_loads += [FirstLoad(variant, page, 5, first) for page in ("front page", "course")]
        record.storms.append(StormBytes(variant, 4000, 80_000, crowd, 0.01))
    for path, seats in (("lean", 1300), ("full", 90), ("bare", 1500)):
        record.claims.append(Claims(path, 0, seats, 1e6 / seats, 500, 300, 40, 0))
    record.collapses = [collapse("original", None), collapse("site", 0.5)]
    overload()(record)
    record.crowds = [Crowd(people, people / 2, 1.0, 0.05, 0.01) for people in (100, 1000, 4000)]
    record.starts = [Start(True, 7.0, 0.5), Start(False, 3.0, 0.5)]
    return record


def test_a_run_that_meets_them_all() -> None:
    verdicts = judge(whole())
    assert [verdict.name for verdict in verdicts if not verdict.met] == []
    assert len(verdicts) == 21


def slower(record: Record) -> None:
    record.rates[:] = [
        rate("site", each.round, gzip=True, per_second=90_000, cpu=11.2)
        if each.variant == "site" and each.gzip
        else each
        for each in record.rates
    ]


def rarer(record: Record) -> None:
    record.rates[:] = [
        rate("original", each.round, gzip=False, per_second=91, cpu=11_000)
        if each.variant == "original" and not each.gzip
        else each
        for each in record.rates
    ]


def reloads(*, cpu: float, size: float) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.reloads[:] = [
            Reload("site", True, each.round, 50_000, cpu, size) if each.variant == "site" else each
            for each in record.reloads
        ]

    return change


def claims(seats: float) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.claims[0] = Claims("lean", 0, seats, 1000, 500, 300, 40, 0)

    return change


def overload(
    *,
    goodput: float = 29,
    recovery: float | None = 1,
    waiting: float | None = 20,
    lag: float = 0,
    failed: int = 0,
    screen: float | None = 0.9,
) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        # One round is a good one, whatever the others are.
        record.overloads = [
            Overload(number, 30, 300, *figures, lag, [15] * 20)
            for number, figures in enumerate(
                [
                    (29.0, 1.0, 2000, 20.0, 0, 0),
                    (goodput, recovery, 2000, waiting, 0, 0),
                    (goodput, 1.0, 2000, 20.0, 0, 0),
                ]
            )
        ]
        record.dashboards = [Dashboard(9, failed, screen, lag)]

    return change


def put(name: str, value: object) -> Callable[[Record], None]:
    return lambda record: setattr(record, name, value)


OVERLOADED = [
    "goodput with ten times the uncacheable capacity offered",
    "recovery from it",
    "waiting page, 99th percentile",
    "the dashboard meanwhile, 95th percentile of a screen",
]
CROWDED = "pages that PHP renders per second, whatever the number of people"


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        pytest.param(slower, ["CPU of a cached page, gzip"], id="more CPU for a cached page"),
        pytest.param(rarer, ["rate, plain"], id="fewer plain pages"),
        pytest.param(
            reloads(cpu=9.0, size=200),
            [
                "CPU of a reload, of the plain file's that is sent whole",
                "CPU of a reload, of the compressed file's that is sent whole",
            ],
            id="a reload that costs as much as a file",
        ),
        pytest.param(reloads(cpu=7.5, size=9000), ["bytes of a reload of the front page"], id="a reload sent whole"),
        pytest.param(
            lambda record: record.first_loads.append(FirstLoad("site", "course", 5, 15_000)),
            ["bytes of a first load, course with styles and scripts"],
            id="a first load hardly smaller",
        ),
        pytest.param(
            put(
                "storms",
                [StormBytes("site", 4000, 80_000, 50_000_000, 0), StormBytes("earlier", 4000, 80_000, 120_000_000, 0)],
            ),
            ["bytes of a good page in a storm of people who reload"],
            id="a storm that reloads whole pages",
        ),
        pytest.param(claims(1000), ["claims, of what a bare PHP script does"], id="claims below a bare script"),
        pytest.param(
            claims(590),
            ["claims per second and core", "claims, of what a bare PHP script does"],
            id="claims per core below too",
        ),
        pytest.param(
            put("collapses", [collapse("site", None)]),
            ["recovery from the collapse experiment"],
            id="no recovery from the collapse",
        ),
        pytest.param(
            put("collapses", [collapse("site", 5.5)]),
            ["recovery from the collapse experiment"],
            id="late recovery from the collapse",
        ),
        pytest.param(overload(goodput=26), OVERLOADED[:1], id="overload lowers goodput"),
        pytest.param(overload(recovery=None), OVERLOADED[1:2], id="no recovery from the overload"),
        pytest.param(overload(waiting=100), OVERLOADED[2:3], id="slow waiting page"),
        pytest.param(overload(waiting=None), OVERLOADED[2:3], id="nobody saw the waiting page"),
        pytest.param(overload(screen=2.0), OVERLOADED[3:], id="slow dashboard"),
        pytest.param(overload(screen=None), OVERLOADED[3:], id="no dashboard screen"),
        pytest.param(overload(failed=1), OVERLOADED[3:], id="failed dashboard screen"),
        pytest.param(overload(lag=0.2), OVERLOADED, id="late people"),
        pytest.param(
            put("crowds", [Crowd(100, 50, 1.0, 0.05, 0), Crowd(4000, 2000, 1.3, 0.07, 0)]),
            [CROWDED],
            id="PHP grows with the crowd",
        ),
        pytest.param(
            put("crowds", [Crowd(100, 50, 0.0, 0.05, 0), Crowd(4000, 2000, 0.0, 0.07, 0)]),
            [CROWDED],
            id="PHP renders for no crowd",
        ),
        pytest.param(put("crowds", [Crowd(100, 50, 1.0, 0.05, 0)]), [CROWDED], id="only one crowd"),
        pytest.param(
            put("starts", [Start(False, 5.1, 0.5)]), ["a task's first page at 0.5 vCPU"], id="slow first page"
        ),
        pytest.param(put("images", {"nginx": 201, "wordpress": 300}), ["image nginx"], id="large image"),
        pytest.param(put("images", {"nginx": 200}), ["image wordpress"], id="image not measured"),
    ],
)
def test_what_misses_a_target(change: Callable[[Record], None], missed: list[str]) -> None:
    record = whole()
    change(record)
    assert [verdict.name for verdict in judge(record) if not verdict.met] == missed


def test_nothing_measured_meets_nothing() -> None:
    verdicts = judge(Record(parts=list(PARTS)))
    assert len(verdicts) == 21
    assert not any(verdict.met for verdict in verdicts)
    assert all("not measured" in verdict.measured for verdict in verdicts)


def test_only_what_was_asked_for_is_judged() -> None:
    assert [verdict.name for verdict in judge(Record(parts=["matrix", "start"]))] == ["a task's first page at 0.5 vCPU"]


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "folder/record.json"
    whole().save(file)
    assert Record.load(file) == whole()
    file.write_text('{"rates": [{"speed": 1}]}')
    with pytest.raises(ValueError, match="no record of this benchmark"):
        Record.load(file)


def test_the_tables_show_each_figure_once_measured() -> None:
    text = render(whole())
    for shown in (
        "90,000 (90,000 to 90,000)",
        "| 1.05 |",
        "never (in 20 s)",
        "25.0 → 500 → 24.0",
        "2,000 (20 ms)",
        "4,000",
    ):
        assert shown in text
    assert "**not met**" not in text
    assert "### Claims" not in render(Record(parts=["images"], images={"nginx": 1}))


def test_a_picture_needs_rates_and_collapses(tmp_path: Path) -> None:
    from bench.site.picture import draw

    assert draw(whole(), tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")
    assert not draw(Record(), tmp_path / "none.png")


def test_a_table_goes_between_its_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    document = f"before\n\n{markdown.BEGIN}\nold\n{markdown.END}\n\nafter\n"
    page.write_text(document)
    markdown.insert(page, "new\n")
    assert page.read_text() == f"before\n\n{markdown.BEGIN}\n\nnew\n\n{markdown.END}\n\nafter\n"
    for broken in ("nothing", f"{markdown.END}{markdown.BEGIN}", document * 2):
        page.write_text(broken)
        with pytest.raises(ValueError, match=r"page\.md must have .* once each"):
            markdown.insert(page, "new")
        assert page.read_text() == broken


@pytest.mark.parametrize("page", [publish.DOCUMENT, storm.DOCUMENT], ids=lambda page: str(page.name))
def test_a_page_says_of_a_run_only_between_its_marks(page: Path, tmp_path: Path) -> None:
    """When and on what a run was made stands in its table, and what is said of that run beside it goes with it."""
    copy = tmp_path / page.name
    copy.write_text(page.read_text())
    assert "UTC" in copy.read_text()
    markdown.insert(copy, "new")
    assert "\n\nnew\n\n" in copy.read_text()
    assert "UTC" not in copy.read_text()
