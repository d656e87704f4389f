"""A kept assembly is never of another state than today's, whoever edits, is killed or runs beside."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from settings.settings import Settings
from tests.templates import synthesis
from tests.templates.assemblies import STATES, Assemblies
from tests.templates.inputs import DECIDES, READ, ROOT, fingerprint
from tests.templates.variants import FLEET, variant

Edit = Callable[[Path], object]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A file of each of those that a synthesis reads, in the places where they are."""
    for name in (*READ, *DECIDES):
        real = ROOT / name
        file = tmp_path / name / "file.py" if real.is_dir() else tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("one\n")
    return tmp_path


@pytest.mark.parametrize("name", [*READ, *DECIDES])
def test_an_edit_of_what_is_read_is_another_state(tree: Path, name: str) -> None:
    before = fingerprint(tree, {})
    assert fingerprint(tree, {}) == before
    file = tree / name / "file.py" if (tree / name).is_dir() else tree / name
    file.write_text("two\n")
    assert fingerprint(tree, {}) != before


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda tree: (tree / "src/new").write_text(""), id="a new file"),
        pytest.param(lambda tree: (tree / "stages/below").mkdir() or (tree / "stages/below/new").touch(), id="below"),
        pytest.param(lambda tree: (tree / "src/file.py").unlink(), id="a file less"),
        pytest.param(lambda tree: (tree / "src/file.py").rename(tree / "src/other.py"), id="another name"),
        pytest.param(lambda tree: (tree / "src/file.py").chmod(0o755), id="another mode"),
        pytest.param(lambda tree: (tree / "src/link").symlink_to("file.py"), id="a link to a file"),
        pytest.param(lambda tree: (tree / "src/link").symlink_to("../stages"), id="a link to a folder"),
    ],
)
def test_a_change_below_what_is_read_is_another_state(tree: Path, edit: Edit) -> None:
    before = fingerprint(tree, {})
    edit(tree)
    assert fingerprint(tree, {}) != before


@pytest.mark.parametrize(
    "name", ["CDK_VALIDATION", "CDK_CONTEXT_JSON", "JSII_RUNTIME", "NODE_OPTIONS", "CODEBUILD_INITIATOR"]
)
def test_what_the_cdk_and_node_are_told_is_another_state(tree: Path, name: str) -> None:
    assert len({fingerprint(tree, {}), fingerprint(tree, {name: "1"}), fingerprint(tree, {name: "2"})}) == 3


def test_another_node_and_another_package_are_another_state(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {fingerprint(tree, {"PATH": ""})}
    place = tmp_path_factory.mktemp("bin")
    node = place / "node"
    for content in ("#!/bin/sh\n", "#!/bin/sh\n#\n"):
        node.write_text(content)
        node.chmod(0o755)
        found.add(fingerprint(tree, {"PATH": str(place)}))
    monkeypatch.syspath_prepend(str(place))
    for version in ("1", "2"):
        (place / f"aws_cdk_lib-{version}.dist-info").mkdir()
        found.add(fingerprint(tree, {"PATH": ""}))
    assert len(found) == 5


def test_what_the_app_does_not_read_is_no_other_state(tree: Path) -> None:
    before = fingerprint(tree, {"HOME": "/root"})
    for name in (
        "tests/templates/test_site.py",
        "loadtest/evidence/report.py",
        "docs/people.md",
        "stages/__pycache__/f",
    ):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("")
    assert fingerprint(tree, {"HOME": "/home"}) == before


class Checkout:
    """A state that an edit changes, and assemblies that name the state which they are of; ``made`` counts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = "a" * 64
        self.made = 0
        self.while_it_runs: Callable[[], object] = lambda: None

    def process(self, name: str = "run") -> Assemblies:
        """Return what a process has that starts now."""
        passing = self.folder / name
        passing.mkdir(exist_ok=True)
        return Assemblies(self.folder / "kept", passing, self.synthesize, lambda: self.state, self.state)

    def synthesize(self, settings: Settings, out: Path) -> None:
        out.mkdir()
        (out / "state").write_text(self.state)
        self.made += 1
        self.while_it_runs()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_each_settings_are_made_once_for_all_runs_of_a_state(checkout: Checkout) -> None:
    one, other = variant(), variant(FLEET)
    first = checkout.process()
    assert first.of(one) == first.of(one) != first.of(other)
    assert checkout.process("next").of(one) == first.of(one)
    assert checkout.made == 2


def test_another_state_is_made_anew(checkout: Checkout) -> None:
    checkout.process().of(variant())
    checkout.state = "b" * 64
    assert (checkout.process().of(variant()) / "state").read_text() == checkout.state
    assert checkout.made == 2


def test_who_has_imported_another_state_keeps_nothing(checkout: Checkout) -> None:
    process = checkout.process()
    checkout.state = "b" * 64
    assert process.of(variant()).parent == checkout.folder / "run"
    assert checkout.process("beside").of(variant()).parent.parent == checkout.folder / "kept"
    assert checkout.made == 2


def test_what_was_edited_while_it_was_made_is_not_kept(checkout: Checkout) -> None:
    before = checkout.state
    checkout.while_it_runs = lambda: setattr(checkout, "state", "b" * 64)
    assert checkout.process().of(variant()).parent == checkout.folder / "run"
    checkout.state, checkout.while_it_runs = before, lambda: None
    checkout.process().of(variant())
    assert checkout.made == 3


def test_one_that_was_changed_is_made_anew(checkout: Checkout) -> None:
    file = checkout.process().of(variant()) / "state"
    file.write_text("somebody's own")
    assert (checkout.process().of(variant()) / "state").read_text() == checkout.state


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        pytest.param(lambda out: (out / "new").touch(), "new", id="a new file"),
        pytest.param(lambda out: (out / "state").write_text("somebody's own"), "state", id="another content"),
        pytest.param(lambda out: (out / "state").unlink(), "state", id="a file less"),
    ],
)
def test_who_changes_one_is_told(checkout: Checkout, edit: Edit, name: str) -> None:
    process = checkout.process()
    out = process.of(variant())
    assert process.changed() == []
    edit(out)
    assert process.changed() == [out / name]


def test_one_that_was_not_finished_is_made_anew(checkout: Checkout) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    checkout.while_it_runs = killed
    with pytest.raises(KeyboardInterrupt):
        checkout.process().of(variant())
    checkout.while_it_runs = lambda: None
    out = checkout.process().of(variant())
    assert out.parent.parent == checkout.folder / "kept"
    assert checkout.made == 2


def test_equal_files_of_a_state_are_one_on_the_disk(checkout: Checkout) -> None:
    process = checkout.process()
    one, other = (process.of(settings) / "state" for settings in (variant(), variant(FLEET)))
    assert one.samefile(other)
    # An edit in place is then one of both, and both are made anew.
    one.write_text("somebody's own")
    again = checkout.process()
    assert {(again.of(each) / "state").read_text() for each in (variant(), variant(FLEET))} == {checkout.state}
    assert checkout.made == 4


def test_several_workers_make_one(checkout: Checkout) -> None:
    """The locks are the kernel's, and hold between any two openings of a file: threads will do for processes."""
    with ThreadPoolExecutor(3) as pool:
        workers = [checkout.process(name) for name in ("first", "second", "third")]
        assert len(set(pool.map(lambda worker: worker.of(variant()), workers))) == 1
    assert checkout.made == 1


def test_what_a_test_synthesizes_in_its_own_way_is_kept_until_its_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = "a" * 64
    monkeypatch.setattr(synthesis, "ROOT", tmp_path)
    monkeypatch.setattr(synthesis, "fingerprint", lambda: state)
    file = tmp_path / "test_site.py"
    file.write_text("one")
    made: list[Path] = []

    def otherwise(_: Settings, out: Path) -> None:
        out.mkdir()
        made.append(out)

    def kept() -> Path:
        with synthesis.keeper(state, tmp_path / "kept", tmp_path) as keep:
            return keep(otherwise, variant(), file)

    assert kept() == kept() == made[0]
    assert len(made) == 1
    file.write_text("two")
    assert kept() == made[1] != made[0]


def test_states_of_long_ago_are_forgotten_unless_somebody_runs(checkout: Checkout) -> None:
    def states() -> set[str]:
        return {each.name[0] for each in (checkout.folder / "kept").iterdir() if each.is_dir()}

    for name in "abcd":
        checkout.state = name * 64
        # Each process ends before the next one begins, and its lock with it.
        checkout.process(name).of(variant())
    assert states() == {"c", "d"}
    assert len(states()) == STATES
    running = checkout.process("running")
    kept = running.of(variant())
    for name in "efg":
        checkout.state = name * 64
        checkout.process(name).of(variant())
    assert kept.exists()
    assert states() == {"c", "d", "e", "f", "g"}
    del running
