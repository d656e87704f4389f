"""The commands of the loop, in turns: first the one tree, then the other, and the next time the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench.common.markdown import NONE, number, table
from bench.common.statistics import Spread, ratios, spread
from bench.common.steps import Progress
from bench.loop.trees import Cost, Tree

COMMANDS = {
    "check": "make check",
    "test": "make test",
    "rehearse": "make rehearse, again",
}
# What each command took, by command and tree (its folder's name), in the order of the turns.
Taken = dict[str, dict[str, list[Cost]]]


def measure(base: Tree, today: Tree, commands: Sequence[str], turns: int, progress: Progress) -> Taken:
    """Time the commands; one that a tree's Makefile does not have is not timed there. Raise Failed where one fails."""
    taken: Taken = {}
    for command in COMMANDS:
        if command not in commands:
            continue
        able = [tree for tree in (base, today) if tree.has(command)]
        taken[command] = {tree.folder.name: [] for tree in able}
        if command == "rehearse":
            for tree in able:
                with progress.step(f"{tree.name}: the first rehearsal, which is not timed"):
                    tree.make(command, _DECIDED)
        for turn in range(turns):
            for tree in able if turn % 2 == 0 else able[::-1]:
                with progress.step(f"{tree.name}: make {command}, {turn + 1} of {turns}"):
                    taken[command][tree.folder.name].append(_once(tree, command))
    return taken


_DECIDED = {"APPROVE": "yes"}


def _once(tree: Tree, command: str) -> Cost:
    if command != "rehearse":
        return tree.make(command)
    tree.change()
    return tree.make(command, _DECIDED)


def render(base: Tree, today: Tree, taken: Taken) -> list[str]:
    """Return a table: medians with their ranges, and the ratio turn by turn, of the clock and of the processor."""
    head = ["seconds", base.name, f"{today.name} (today)", "ratio"]
    return table(head, [row for command in taken for row in _rows(command, base, today, taken[command])])


def _rows(command: str, base: Tree, today: Tree, costs: dict[str, list[Cost]]) -> Iterator[list[str]]:
    figures: dict[str, Callable[[Cost], float]] = {
        COMMANDS[command]: lambda cost: cost.wall,
        f"{COMMANDS[command]}: processor": lambda cost: cost.processor,
    }
    for name, figure in figures.items():
        earlier, now = ([figure(cost) for cost in costs.get(tree.folder.name, [])] for tree in (base, today))
        compared = ratios(now, earlier) if earlier and now else None
        yield [name, _told(spread(earlier)), _told(spread(now)), _told(compared)]


def _told(figures: Spread | None) -> str:
    if figures is None:
        return NONE
    return f"{number(figures.median)} ({number(figures.low)} to {number(figures.high)})"
