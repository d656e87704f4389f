"""The build that runs the storm: what it exports must be what the storm said, whatever happened."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

SPEC: Any = yaml.safe_load((Path(__file__).resolve().parents[2] / "loadtest/buildspec.yml").read_text())


def exported(folder: Path) -> dict[str, str]:
    """Run the commands of post_build in one shell, as CodeBuild does, and return the exported variables."""
    script = "\n".join([*SPEC["phases"]["post_build"]["commands"], "env"])
    done = subprocess.run(["sh", "-ec", script], cwd=folder, env={}, capture_output=True, text=True, check=True)
    values = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return {name: values[name] for name in SPEC["env"]["exported-variables"]}


@pytest.mark.parametrize("answer", ["PASS", "FAIL", "VOID"])
def test_the_verdict_is_exported(tmp_path: Path, answer: str) -> None:
    (tmp_path / "storm").mkdir()
    text = f"STORM_VERDICT={answer}\nSTORM_SUMMARY='{answer}: it'\"'\"'s 100 of 100'\nSTORM_REPORT=s3://evidence/report.html\n"
    (tmp_path / "storm/verdict.env").write_text(text)
    assert exported(tmp_path) == {
        "STORM_VERDICT": answer,
        "STORM_SUMMARY": f"{answer}: it's 100 of 100",
        "STORM_REPORT": "s3://evidence/report.html",
    }


def test_no_verdict_is_void(tmp_path: Path) -> None:
    assert exported(tmp_path)["STORM_VERDICT"] == "VOID"


def test_it_leaves_artifacts_to_the_pipeline_and_reports_what_the_storm_writes() -> None:
    assert "artifacts" not in SPEC
    assert SPEC["reports"]["storm"] == {"files": ["storm/junit.xml"], "file-format": "JUNITXML"}
    assert SPEC["phases"]["build"]["commands"] == [".venv/bin/python -m loadtest run"]
