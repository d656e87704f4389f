"""The rules of the house: who may import whom, no circles, no names that are mixed up; each with a planted fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lint.once import scope
from tests.house.documents import PARTS, ROOT, current
from tests.house.imports import broken_rules, circles, imports, modules, reached
from tests.house.names import alike, beside_a_folder
from tests.house.rooms import ONLY, ROOMS
from tests.levels import LEFT_OUT, marks


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house's Python, without what it reads."""
    root = tmp_path_factory.mktemp("house")
    for file in modules(ROOT):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, root / file)
    return root


def test_the_house_keeps_its_rules() -> None:
    found = list(imports(ROOT))
    assert len(found) > 1000
    assert broken_rules(found) == []
    assert circles(found) == []


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        (
            "loadtest/gate/planted.py",
            "from loadtest.generator import storm",
            "loadtest.gate may import loadtest.record",
        ),
        ("loadtest/generator/planted.py", "from loadtest.gate.verdict import judge", "loadtest.generator may import"),
        ("rehearsal/fargate/desired/planted.py", "from containers.client import Client", "may import rehearsal.values"),
        ("rehearsal/codepipeline/planted.py", "from moto.s3 import models", "only rehearsal.aws may import moto"),
        ("bench/common/planted.py", "import rehearsal.lock", "bench.common may import containers"),
        ("settings/planted.py", "from pipeline.pipeline import PipelineStack", "may import nothing of the house"),
        ("stages/planted.py", "def late():\n    import pipeline.gates", "stages may import settings"),
    ],
    ids=[
        "gate-generator",
        "generator-gate",
        "desired-containers",
        "moto",
        "bench-rehearsal",
        "settings-up",
        "in-a-function",
    ],
)
def test_an_import_against_the_rules_is_named(copy: Path, file: str, line: str, fault: str) -> None:
    planted = copy / file
    planted.write_text(f"{line}\n")
    try:
        (sentence,) = broken_rules(list(imports(copy)))
    finally:
        planted.unlink()
    assert sentence.startswith(f"{file}:")
    assert fault in sentence


def test_a_circle_in_a_folder_is_named(copy: Path) -> None:
    (copy / "settings/first.py").write_text("import settings.second\n")
    (copy / "settings/second.py").write_text("import settings.first\n")
    try:
        (sentence,) = circles(list(imports(copy)))
    finally:
        (copy / "settings/first.py").unlink()
        (copy / "settings/second.py").unlink()
    assert sentence.startswith("settings: ")
    assert {"first", "second"} <= set(sentence.removeprefix("settings: ").split(" -> "))


def test_no_two_files_have_names_that_are_mixed_up(copy: Path) -> None:
    assert alike(ROOT) == []
    assert beside_a_folder(ROOT) == []
    planted = [copy / "stages/networks.py", copy / "loadtest/gate.py"]
    for file in planted:
        file.write_text("")
    try:
        assert any("stages/networks.py" in sentence for sentence in alike(copy))
        assert beside_a_folder(copy) == ["loadtest/gate.py stands beside the folder loadtest/gate"]
    finally:
        for file in planted:
            file.unlink()


def test_every_room_stands_and_every_folder_is_a_room() -> None:
    folders = {".".join(file.parent.parts) for file in modules(ROOT)} - {""}
    inside = {name for name in folders if any(name.startswith(f"{only}.") for only in ONLY.values())}
    assert folders - inside == set(ROOMS) - {"app"}


@pytest.mark.parametrize("page", PARTS)
def test_a_page_made_from_the_code_is_current(page: str) -> None:
    assert (ROOT / page).read_text() == current(page), "run `make docs`"


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_imported_decides_whether_tests_are_left_out(name: str) -> None:
    """What ``make check`` never runs aside, and with the programs that the tests start."""
    above, sight = ROOT / LEFT_OUT[name], scope(ROOT, name)
    programs = (ROOT / "loadtest").rglob("*.py") if name == "test-loadtest" else ()
    roots = [file.relative_to(ROOT) for file in (above, *above.rglob("*.py"), *programs) if file.is_file()]
    unseen = {
        str(file) for file in reached(ROOT, [each for each in roots if not marks(str(each), ())]) if sight.unseen(file)
    }
    assert not unseen, f"name them in pyproject.toml, [tool.once.{name}], reads"
