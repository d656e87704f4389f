"""What is in an image has no way into the templates but by its digest: why their tests are kept while it changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lint import once
from settings.settings import Settings
from tests.levels import unseen
from tests.templates.inputs import ROOT
from tests.templates.synthesis import Keep, Make, synthesize
from tests.templates.variants import variant


def test_contents_of_images_are_in_the_templates_by_their_digests_alone(
    tmp_path: Path, make: Make, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def synthesized(settings: Settings, out: Path) -> None:
        from stages import task

        shutil.copytree(ROOT / "src", tmp_path / "src", symlinks=True)
        for name in unseen("test-templates"):
            with (tmp_path / Path(name).relative_to(ROOT)).open("a") as file:
                file.write("\n")
        monkeypatch.setattr(task, "SOURCE", tmp_path / "src")
        synthesize(settings, out)

    def texts(assembly: Path) -> dict[str, bytes]:
        files = sorted(assembly.rglob("*.template.json"))
        without = once.without_digests(file.read_bytes() for file in files)
        return {str(file.relative_to(assembly)): text for file, text in zip(files, without, strict=True)}

    settings = variant()
    before, after = make(settings).assembly, keep(synthesized, settings, Path(__file__))
    assert texts(before) == texts(after)
    names = [{path.name for path in assembly.rglob("asset.*")} for assembly in (before, after)]
    assert not set.intersection(*names), "the change was seen in each image"
