"""The dashboards are drawn of recorded metrics: each line of them is one that is recorded, or that AWS alone has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.templates.dashboard_picture import FILE, UNMEASURED, body, draw, lines, points
from tests.templates.world import STAGES, World


@pytest.mark.parametrize("stage", STAGES)
def test_each_line_is_recorded_or_known_to_be_aws_alone(reference: World, stage: str) -> None:
    name = f"{reference.settings.name}-{stage.lower()}"
    every = [
        line
        for widget in body(reference, stage)["widgets"]
        if widget["type"] == "metric"
        for line in lines(widget, name)
    ]
    assert {line.metric for line in every} >= UNMEASURED
    recorded = [line for line in every if points(line)]
    assert len(recorded) >= 10
    assert all(line.label for line in every)


def test_the_dashboard_is_drawn(reference: World, tmp_path: Path) -> None:
    file = tmp_path / "dashboard.png"
    assert draw(reference, "Dev", file) >= 10
    assert file.read_bytes().startswith(b"\x89PNG") and file.stat().st_size > 20_000
    assert FILE.stat().st_size > 20_000, "the picture of docs/operator.md"
