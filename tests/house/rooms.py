"""The rooms of the house, and what each may import: the one source of the import rules and of their table in the docs.

A room is a folder with the modules that stand directly in it; a module in a folder that is no room belongs to the
nearest room above. ``app.py`` is a room of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Room:
    """The idea of a room in a few words, and the rooms that it may import beside itself."""

    idea: str
    imports: tuple[str, ...] = ()


_GROUND: Final = ("loadtest.record",)
_CROWD: Final = ("loadtest.crowd", "loadtest.crowd.browser", *_GROUND)
_STORM: Final = ("loadtest.chromium", "loadtest.live", "loadtest.request", *_CROWD)
_GENERATOR: Final = ("loadtest.generator", *_STORM)
_JUDGING: Final = ("loadtest.evidence", "loadtest.history", "loadtest.gate")
_FARGATE: Final = (
    "rehearsal.fargate.stand",
    "rehearsal.fargate.task",
    "rehearsal.fargate.plan",
    "rehearsal.fargate.desired",
)

ROOMS: Final[Mapping[str, Room]] = {
    "app": Room(
        "the CDK app: reads all files that a team edits, makes the pipeline stack",
        ("pipeline", "settings", "loadtest.gate", "loadtest.crowd", *_GROUND, "terminal"),
    ),
    "settings": Room("`settings.toml`, the one file that a team edits, as typed and checked values"),
    "pipeline": Room(
        "how a commit travels: the pipeline stack, its gates, the approval, the night", ("stages", "settings")
    ),
    "stages": Room("what is deployed: network stack, WordPress stack and its constructs", ("settings",)),
    "loopback": Room("a page on loopback that one person alone sees"),
    "terminal": Room("the terminal that a command speaks to, and its reader, who may leave"),
    "containers": Room("the one hold on docker or podman", ("terminal",)),
    "loadtest": Room(
        "`python -m loadtest`, and the files that a team edits",
        ("loadtest.commands", "loadtest.fitting", *_JUDGING, *_GENERATOR, "terminal"),
    ),
    "loadtest.record": Room("what generator and gate meet in: measurements, phases, units, the record and its JSON"),
    "loadtest.crowd": Room(
        "the people: habits, profiles, one person's life ([people](people.md))", ("loadtest.crowd.browser", *_GROUND)
    ),
    "loadtest.crowd.browser": Room("a person's browser: connections, answers, pages", _GROUND),
    "loadtest.chromium": Room(
        "a few of the people as real browsers, in a process of their own ([people](people.md#browsers-among-them))",
        _GROUND,
    ),
    "loadtest.request": Room("what was asked for: options, target, fleet", _CROWD),
    "loadtest.generator": Room("the storm as it runs: master, workers, their messages", _STORM),
    "loadtest.gate": Room("the judgement of one record: limits, invariants, verdict ([limits](limits.md))", _GROUND),
    "loadtest.history": Room(
        "the judgement beside earlier records ([history](history.md))", ("loadtest.gate", *_GROUND)
    ),
    "loadtest.evidence": Room(
        "what is read of a judgement: report, summary, JUnit, notice", ("loadtest.history", "loadtest.gate", *_GROUND)
    ),
    "loadtest.live": Room("a storm while it runs: the live line, and a page on loopback", (*_GROUND, "loopback")),
    "loadtest.telemetry": Room("a storm told by OpenTelemetry, where an endpoint is set", _GROUND),
    "loadtest.fitting": Room("people fitted to an access log", ("loadtest.crowd", *_GROUND)),
    "loadtest.commands": Room(
        "a command of `python -m loadtest` each", ("loadtest.fitting", "loadtest.telemetry", *_JUDGING, *_GENERATOR)
    ),
    "rehearsal": Room(
        "the synthesized pipeline, run on this machine ([rehearsal.md](rehearsal.md))",
        (
            "rehearsal.codepipeline",
            "rehearsal.codebuild",
            "rehearsal.aws",
            "rehearsal.fargate",
            *_FARGATE,
            "rehearsal.values",
            "containers",
            "terminal",
        ),
    ),
    "rehearsal.values": Room("plain values: commit, stack, state, ways to end"),
    "rehearsal.fargate.desired": Room(
        "the desired state of a stack, as plain values: touches nothing", ("rehearsal.values",)
    ),
    "rehearsal.fargate.plan": Room(
        "a template read into the desired state", ("rehearsal.fargate.desired", "rehearsal.values")
    ),
    "rehearsal.fargate.task": Room(
        "one task as containers", ("rehearsal.fargate.desired", "rehearsal.values", "containers")
    ),
    "rehearsal.fargate.stand": Room(
        "what stands for a stack: balancer, database, services, schedules",
        (
            "rehearsal.fargate.task",
            "rehearsal.fargate.plan",
            "rehearsal.fargate.desired",
            "rehearsal.values",
            "containers",
        ),
    ),
    "rehearsal.fargate": Room("a stack's deployment", (*_FARGATE, "rehearsal.values", "containers")),
    "rehearsal.aws": Room("the emulated AWS, the only importer of moto", (*_FARGATE, "rehearsal.values", "containers")),
    "rehearsal.codebuild": Room("a build, on this machine's shell", ("rehearsal.values",)),
    "rehearsal.codepipeline": Room(
        "the pipeline's definition, carried out",
        (
            "rehearsal",
            "rehearsal.codebuild",
            "rehearsal.aws",
            "rehearsal.fargate",
            *_FARGATE,
            "rehearsal.values",
            "containers",
        ),
    ),
    "rehearsal.page": Room(
        "the rehearsal in a browser, from the files that it writes: `python -m rehearsal.page`",
        ("rehearsal", "rehearsal.values", "containers", "loopback", "terminal"),
    ),
    "drill": Room(
        "`make drill`: faults in the dev site that stands, each under a storm ([drill.md](drill.md))",
        (
            "rehearsal",
            "rehearsal.fargate",
            *_FARGATE,
            "rehearsal.values",
            "containers",
            "loadtest.history",
            "loadtest.gate",
            *_GENERATOR,
            "settings",
            "terminal",
        ),
    ),
    "preview": Room(
        "`make site`: the site from the working tree ([preview.md](preview.md))", ("containers", "terminal")
    ),
    "promotion": Room(
        "what is asked and told between dev and prod: `python -m promotion`",
        ("rehearsal.values", "loadtest.history", "loadtest.gate", "loadtest.record", "settings", "terminal"),
    ),
    "supply_chain": Room(
        "secrets in the commit, known vulnerabilities of the locks, a bill of materials of each image "
        "([supply-chain.md](supply-chain.md))",
        ("rehearsal.values", "terminal"),
    ),
    "lint": Room(
        "linters of every language but Python ([why](decisions/0019-a-linter-of-php-of-our-own.md)), "
        "and checks that need not run again ([why](decisions/0046-a-check-that-has-passed-is-not-repeated.md))",
        ("lint.php", "rehearsal.values", "terminal"),
    ),
    "lint.php": Room("PHP, read by its syntax tree"),
    "bench": Room(
        "this site beside others ([benchmark.md](benchmark.md)): `python -m bench`",
        ("bench.site", "bench.common", "containers", "terminal"),
    ),
    "bench.common": Room("the laboratory and its figures", ("containers",)),
    "bench.site": Room(
        "the site beside others that serve the same page",
        ("bench.common", "containers", "settings", "loadtest.crowd.browser"),
    ),
    "bench.loop": Room(
        "this repository's own commands beside those of an earlier commit", ("bench.common", "terminal")
    ),
    "bench.generator": Room(
        "the generator beside other clients ([benchmark-storm.md](benchmark-storm.md))",
        ("bench.common", "containers", "loadtest.generator", *_CROWD, "terminal"),
    ),
}

# Packages of others that one room alone may import, with its sub-folders.
ONLY: Final[Mapping[str, str]] = {"moto": "rehearsal.aws"}
