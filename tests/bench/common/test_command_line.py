"""The commands of both benchmarks, as far as nothing is measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bench.__main__ import main as bench
from bench.generator.__main__ import main as bench_storm


@pytest.mark.parametrize(
    ("command", "name"),
    [pytest.param(bench, "bench", id="bench"), pytest.param(bench_storm, "bench-storm", id="bench-storm")],
)
@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "No such file"), ("[]", "is no record"), ("{", "Invalid JSON"), ('{"parts": "rates"}', "parts: ")],
)
def test_a_record_that_cannot_be_read_is_one_line_and_exit_code_2(
    *,
    command: Callable[[Sequence[str]], int],
    name: str,
    text: str | None,
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "record.json"
    if text is not None:
        file.write_text(text)
    assert command(["--again", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{name}: ")
    assert says in line


@pytest.mark.parametrize("command", [pytest.param(bench, id="bench"), pytest.param(bench_storm, id="bench-storm")])
def test_a_short_run_is_not_published(
    command: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(["--quick", "--publish"])
    assert ended.value.code == 2
    assert "--publish: not allowed with argument --quick" in capsys.readouterr().err
