"""The names of the rooms' files and folders, and which of them are taken for one another."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from tests.house.imports import modules

# Pairs that differ by a letter and are words that nobody mixes up.
UNLIKE = {frozenset({"stage", "state"})}


def alike(root: Path) -> list[str]:
    """Return a sentence for each pair of files whose names differ by one letter."""
    files: dict[str, list[str]] = {}
    for file in modules(root):
        if not file.stem.startswith("__"):
            files.setdefault(file.stem, []).append(str(file))
    return [
        f"{', '.join(files[one])} and {', '.join(files[other])}: their names differ by one letter"
        for one, other in combinations(sorted(files), 2)
        if _near(one, other) and frozenset({one, other}) not in UNLIKE
    ]


def beside_a_folder(root: Path) -> list[str]:
    """Return a sentence for each file that stands beside a folder of its name."""
    return [
        f"{file} stands beside the folder {file.with_suffix('')}"
        for file in modules(root)
        if (root / file.with_suffix("")).is_dir()
    ]


def _near(one: str, other: str) -> bool:
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and short in _with_one_letter_less(long)


def _with_one_letter_less(word: str) -> Iterable[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))
