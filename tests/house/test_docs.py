"""What the docs lead to is there; decisions are numbered and listed; the newest release is the project's version."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lint.sources import files
from tests.sections import sections

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/[0-9]*.md"))
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]+)(?:#[^)]*)?\)|<img src=\"([^\"]+)\"")
NAMED = re.compile(r"`([\w./-]+/[\w.-]+\.(?:py|sh|php|toml|yml|conf|md|js|css))`")
PARAGRAPH = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)#([^)]+)\)")
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", re.MULTILINE)


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [first or second for first, second in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def dangling(page: Path) -> list[str]:
    """Return the paragraphs that a page has links to and that are not there."""
    links = PARAGRAPH.findall(page.read_text(encoding="utf-8"))
    pages = [(page.parent / target if target else page, anchor) for target, anchor in links]
    return [anchor for target, anchor in pages if target.suffix == ".md" and anchor not in sections(target.resolve())]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_link_to_a_paragraph_leads_to_one(page: Path) -> None:
    assert dangling(page) == []


def test_a_paragraph_with_another_heading_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# The `other` [page](page.md)\n\n```sh\n# a comment\n```\n")
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](#here), [b](other.md#the-other-page), [c](other.md#a-comment), [d](#there), [e](x.md)")
    assert dangling(page) == ["a-comment", "there"]


@cache
def repository() -> frozenset[str]:
    """Return the repository's files, without what git ignores: a copy that a command made is not what is meant."""
    return frozenset(map(str, files(ROOT)))


def missing(page: Path) -> list[str]:
    """Return the files that a page names as code and that stand nowhere.

    What a command makes lies in folders with a dot.
    """
    names = NAMED.findall(page.read_text(encoding="utf-8"))
    return [name for name in names if not name.startswith(".") and name not in repository() and not any(_ends(name))]


def _ends(name: str) -> Iterator[bool]:
    return (file.endswith(f"/{name}") for file in repository())


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert missing(page) == []


def test_a_file_that_has_moved_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`loadtest/gate/verdict.py`, `gate/verdict.py`, `loadtest/verdict.py` and `.bench/table.md`")
    assert missing(page) == ["loadtest/verdict.py"]


def test_decisions_are_numbered_without_a_gap_and_listed_in_their_order() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    titles = [page.read_text(encoding="utf-8").partition("\n")[0].partition(". ")[2] for page in DECISIONS]
    wanted = [f"| [{page.name[:4]}]({page.name}) | {title} |" for page, title in zip(DECISIONS, titles, strict=True)]
    assert [line for line in index.splitlines() if line.startswith("| [")] == wanted


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in DECISIONS])
def test_decision_says_context_choice_and_cost(page: Path) -> None:
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == ["## Context", "## Choice", "## Cost"]


def test_newest_release_is_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert releases[0] == project["version"]
