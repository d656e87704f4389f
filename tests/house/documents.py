"""What the documentation says of the code by itself: parts of pages that are made from the code they describe.

``python -m tests.house.documents`` writes them; a test holds that they are current.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("docs", __name__):
    import argparse
    import sys
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Final

    from drill.results import BOUNDS, RESULTS, load_bounds, load_results, table
    from loadtest.gate.metrics import METRICS
    from loadtest.record.counters import BROWSER_COUNTS, BROWSER_DURATIONS, BROWSER_SCORES, COUNTS, DURATIONS
    from loadtest.record.page_states import STATES
    from rehearsal.codebuild import known as of_builds
    from rehearsal.codepipeline import known as of_pipelines
    from rehearsal.fargate.plan.known import KNOWN_TYPES, PROPERTIES
    from rehearsal.values.honoured import Properties
    from terminal.standard_streams import run
    from tests.house.rooms import ROOMS

ROOT: Final = Path(__file__).parents[2]
BEGIN: Final = "<!-- made from the code by `make docs` -->"
END: Final = "<!-- the end of what is made -->"


def rooms() -> list[str]:
    """Return the table of the rooms: what each is, and what it may import."""
    rows = [f"| `{_place(name)}` | {room.idea} | {_imports(room.imports)} |" for name, room in ROOMS.items()]
    return ["| room | idea | may import |", "|---|---|---|", *rows]


def _place(name: str) -> str:
    return "app.py" if name == "app" else f"{name.replace('.', '/')}/"


def _imports(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{_place(name)}`" for name in names) or "nothing of the house"


def honoured() -> list[str]:
    """Return, for each type of resource and its properties, what becomes of them in a rehearsal."""
    lines = ["## Types", "", "| type | in a rehearsal |", "|---|---|"]
    lines += [f"| `{name}` | {fate} |" for name, fate in sorted(KNOWN_TYPES.items())]
    lines += ["", "## Properties"]
    for name, each in sorted({**PROPERTIES, **of_pipelines.PROPERTIES, **of_builds.PROPERTIES}.items()):
        lines += _fates(name, "property", each)
    lines += ["", "## Configuration of a pipeline's actions"]
    for kind, each in of_pipelines.CONFIGURATION.items():
        lines += _fates(kind, "key", each)
    lines += ["", "## Build specs"]
    for place, each in of_builds.BUILD_SPEC.items():
        lines += _fates(place, "key", each)
    return lines


def _fates(name: str, what: str, properties: Properties) -> list[str]:
    fates = dict.fromkeys(properties.honoured, "**honoured**") | dict(properties.without_effect)
    for each, values in properties.values.items():
        fates[each] = f"**honoured**: {', '.join(f'`{value}`' for value in sorted(values))}"
    rows = [f"| `{each}` | {fate} |" for each, fate in sorted(fates.items())]
    return ["", f"### {name}", "", f"| {what} | in a rehearsal |", "|---|---|", *rows]


def counters() -> list[str]:
    """Return what a storm counts and times, and the metrics that a limit may speak of."""
    made = {"error-<kind>": "errors of a kind", "saw-<state>": f"pages that were seen: {', '.join(STATES)}"}
    tables = [
        ("Counts", {**COUNTS, **made}),
        ("Durations", DURATIONS),
        ("Of browsers", {**BROWSER_COUNTS, **BROWSER_DURATIONS, **BROWSER_SCORES}),
        (
            "Metrics of limits",
            {name: f"{metric.kind.name.lower()}: {metric.meaning}" for name, metric in METRICS.items()},
        ),
    ]
    lines: list[str] = []
    for title, meanings in tables:
        lines += ["", f"## {title}", "", "| name | meaning |", "|---|---|"]
        lines += [f"| `{name}` | {meaning} |" for name, meaning in meanings.items()]
    return lines[1:]


def drills() -> list[str]:
    """Return what each fault did in the last whole drill, beside what it may do."""
    return table(load_results(RESULTS), load_bounds(BOUNDS))


PARTS: Final[Mapping[str, Callable[[], list[str]]]] = {
    "docs/architecture.md": rooms,
    "docs/counters.md": counters,
    "docs/drill.md": drills,
    "docs/honoured.md": honoured,
}


def current(page: str) -> str:
    """Return the whole page as it should be. Raise ValueError where it has not one pair of marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{page} must have {BEGIN!r} and {END!r} once each")
    head, rest = text.split(BEGIN)
    made = "\n".join(PARTS[page]())
    return f"{head}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}"


def main() -> int:
    """Write every page anew."""
    argparse.ArgumentParser(prog="python -m tests.house.documents", description=__doc__).parse_args()
    for page in PARTS:
        (ROOT / page).write_text(current(page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run("docs", main))
