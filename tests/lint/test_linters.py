"""Each linter finds a planted fault and reads the files that it is meant for; ``make lint`` says it of the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lint import linters
from lint.__main__ import chosen, main
from lint.linters import LINTERS, ROOT
from lint.once import scope
from lint.sources import files, of_kind

PHP = "src/wordpress/mu-plugins/floodgate/Site"
DOCKERFILE = "FROM debian:trixie-slim\nUSER 1\n"

PLANTED = [
    ("shell", "start.sh", "#!/bin/sh\nrm -r $1\n", "SC2086"),
    ("shell", "bin/start", "#!/bin/sh\nif [ $1 = a ]; then\n", "start:2:"),
    ("shell", "bin/start", '#!/usr/bin/env bash\ncase "$1" in a) ;; esac\n', "SC2249"),
    ("recipes", "Makefile", "all:\n\t@cd $(or $(A),b) && for x in a; do echo $$x$$y; done\n", "Makefile:2:"),
    ("recipes", "Makefile", 'all:\n\t@[ "$@" == a ] || exit 1\n', "SC3014"),
    (
        "recipes",
        "sub/buildspec.yml",
        "phases:\n  build:\n    commands:\n      - make\n      - rm -r $A\n",
        "sub/buildspec.yml:5:",
    ),
    ("dockerfiles", "Dockerfile", DOCKERFILE + "RUN cd /srv && make\n", "DL3003"),
    ("dockerfiles", "Dockerfile", DOCKERFILE + "RUN rm -r $A\n", "SC2086"),
    ("dockerfiles", "Dockerfile", "FROM debian\n", "DL3006"),
    (
        "scripts and styles",
        "a.js",
        "'use strict';\nconst wanted = 1;\nshow(wnted);\n",
        "a.js:3: The wnted variable is undeclared",
    ),
    ("scripts and styles", "a.js", "const a = ;\n", "a.js:1:"),
    ("scripts and styles", "a.css", "a { colour: red; }\n", "noUnknownProperty"),
    ("php", f"{PHP}/A.php", "<?php\nfinal class A { function f( }\n", "A.php:2: this is no PHP"),
]


def ignore_nothing(root: Path) -> Path:
    (root / ".gitignore").write_text("node_modules\n/storm/\n")
    return root


@pytest.mark.parametrize(("linter", "path", "fault", "word"), PLANTED, ids=[f"{one[0]}: {one[3]}" for one in PLANTED])
def test_a_planted_fault_is_found(tmp_path: Path, linter: str, path: str, fault: str, word: str) -> None:
    planted = ignore_nothing(tmp_path) / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(fault)
    assert word in "\n".join(LINTERS[linter](tmp_path))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/wordpress/bin/floodgate-install", ((".php",), ("php",))),
        ("src/wordpress/claim.php", ((".php",), ("php",))),
        ("rehearsal/fargate/task/own_images/haproxy/start", ((".sh",), ("sh",))),
        (".ci/run", ((".sh",), ("sh",))),
        ("tests/rehearsal/fargate/images/app/Dockerfile", ((), (), "Dockerfile")),
    ],
    ids=["a program in PHP", "a file of PHP", "a program in sh", "a hidden folder's", "an image"],
)
def test_files_are_found_by_what_they_are(path: str, kind: tuple[Any, ...]) -> None:
    assert path in of_kind(ROOT, *kind)


@pytest.mark.parametrize(
    ("names", "but", "expected"),
    [
        pytest.param([], False, set(LINTERS), id="all"),
        pytest.param(["php"], False, {"php"}, id="one"),
        pytest.param(["php"], True, set(LINTERS) - {"php"}, id="all but one"),
    ],
)
def test_linters_are_chosen_by_name(names: list[str], but: bool, expected: set[str]) -> None:
    assert set(chosen(names, but=but)) == expected


def test_each_linter_runs_again_for_the_files_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else a pass is kept by, ``tests/lint/test_once.py`` says."""
    paths: list[str] = []

    def noted(_root: Path, _command: Sequence[str], found: Sequence[str], _script: str | None = None) -> list[str]:
        paths.extend(found)
        return []

    monkeypatch.setattr(linters, "_run", noted)
    for name in chosen(["php"], but=True):
        LINTERS[name](ROOT)
    paths += of_kind(ROOT, (), file_name="Makefile") + of_kind(ROOT, (), file_name="buildspec.yml")
    others = {path for path in paths if path != "-"}
    assert {"Makefile", ".ci/run", "src/nginx/Dockerfile", "src/nginx/pages/style.css"} <= others
    assert not {path for path in others if scope(ROOT, "lint-others").unseen(Path(path))}
    assert not {path for path in linters.php_files(ROOT) if scope(ROOT, "lint-php").unseen(Path(path))}


@pytest.mark.parametrize("check", ["lint-php", "lint-others"])
def test_a_linter_of_ours_that_changes_runs_again(check: str) -> None:
    ours = [path for path in files(ROOT) if path.parts[0] == "lint" and path.suffix == ".py"]
    assert ours and not [path for path in ours if scope(ROOT, check).unseen(path)]


def test_a_linter_that_nobody_has_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["perl"])
    assert "no linter is called perl; the linters: shell, recipes," in capsys.readouterr().err


def test_a_linter_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (ignore_nothing(tmp_path) / "a.sh").write_text("#!/bin/sh\n")
    monkeypatch.setattr("lint.linters.FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "shellcheck is missing: `make tools` installs it" in LINTERS["shell"](tmp_path)[0]


def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    kept = ["a.sh", "bench/storm/b.sh"]
    for name in (*kept, "node_modules/c.sh", "storm/d.sh", "x/node_modules/e.sh", ".git/f.sh"):
        path = ignore_nothing(tmp_path) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
    assert [path.as_posix() for path in files(tmp_path) if path.suffix == ".sh"] == kept
