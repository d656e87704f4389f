"""What ``make check`` leaves out, that no test needs more than its marks say, and that collection stays quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.levels import BROWSER, CLIENTS, ENGINE, REALTIME, TEMPLATES, marks

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "fixtures", "expected"),
    [
        pytest.param("tests/site/test_tasks.py", ["host", "task"], {ENGINE}, id="a fixture that starts a container"),
        pytest.param("tests/site/test_cut_line.py", ["tmp_path"], set(), id="plain values beside it"),
        pytest.param("tests/site/browser/test_opening.py", ["task", "browser"], {ENGINE, BROWSER}, id="a browser"),
        pytest.param("tests/whole/fleet/test_fleet.py", ["fleet"], {ENGINE, REALTIME}, id="a folder, and below it"),
        pytest.param("tests/wholesale/test_any.py", [], set(), id="a folder whose name begins alike"),
    ],
)
def test_marks_follow_from_fixtures_and_path(path: str, fixtures: list[str], expected: set[str]) -> None:
    assert marks(path, fixtures) == expected


PLANTED = """
import subprocess
import sys
import pytest

def run(*words):
    subprocess.run(words, check=False, capture_output=True)

def test_by_itself():
    run("docker", "version")

def test_by_itself_where_errors_are_swallowed():
    try:
        run("docker", "version")
    except Exception:
        pass

def test_by_a_child_process():
    run(sys.executable, "-c", "import subprocess; subprocess.run(['docker', 'version'])")

@pytest.fixture
def started():
    run("docker", "version")

def test_by_a_fixture(started):
    pass

@pytest.mark.engine
def test_with_its_mark():
    run("docker", "version")

def test_without_any():
    run(sys.executable, "-c", "pass")
"""


def test_a_test_that_reaches_for_the_engine_without_the_mark_fails(tmp_path: Path) -> None:
    """The clients are small ones of this test's own, for this test has no mark either."""
    client = tmp_path / "bin/docker"
    client.parent.mkdir()
    # What a real client does first: it looks for its engine at the address that it is given.
    client.write_text(
        f"#!{sys.executable}\nimport os, socket\n"
        "socket.socket(socket.AF_UNIX).connect(os.environ['DOCKER_HOST'].removeprefix('unix://'))\n"
    )
    client.chmod(0o755)
    planted = tmp_path / "tests/test_planted.py"
    planted.parent.mkdir()
    planted.write_text(PLANTED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = engine\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "--tb=line", planted],
        cwd=tmp_path,
        env={"PATH": f"{client.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    failed = {line.split("::")[1].split(" ")[0] for line in lines if line.startswith(("FAILED", "ERROR"))}
    assert failed == {
        "test_by_itself",
        "test_by_itself_where_errors_are_swallowed",
        "test_by_a_child_process",
        "test_by_a_fixture",
    }, done.stdout + done.stderr
    assert lines[-1].startswith("3 failed, 2 passed, 1 error"), done.stdout


READING = """
from pathlib import Path

ROOT = Path({root!r})
{at_import}

def test_of_a_page():
    (ROOT / "src/wordpress/claim.php").read_bytes()

def test_of_what_is_named():
    open(ROOT / "src/nginx/conf/log.conf").close()
"""
AT_IMPORT = 'open(f"{ROOT}/src/../src/wordpress/claim.php").close()'


@pytest.mark.parametrize(
    ("folder", "at_import", "result"),
    [
        pytest.param("templates", "", "1 failed, 1 passed", id="in a test"),
        pytest.param("templates", AT_IMPORT, "1 error", id="at its import"),
        pytest.param("app", AT_IMPORT, "2 passed", id="of another folder"),
    ],
)
def test_a_test_of_templates_opens_nothing_that_its_result_is_not_kept_by(
    tmp_path: Path, folder: str, at_import: str, result: str
) -> None:
    planted = tmp_path / "tests" / folder / "test_planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(READING.format(root=str(ROOT), at_import=at_import))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", planted],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1].startswith(f"{result} in"), done.stdout + done.stderr
    if "passed" not in result or "failed" in result:
        assert "claim.php is opened: name it in pyproject.toml, [tool.once.test-templates], reads" in done.stdout


def test_what_may_not_open_them_is_what_make_runs_as_the_tests_of_templates() -> None:
    command = subprocess.run(["make", "-n", "test-templates"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"-m lint.once test-templates -- .venv/bin/python -m pytest -q {' '.join(TEMPLATES)}\n" in command.stdout


def test_a_test_file_that_makes_collection_slow_is_refused(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text("import aws_cdk\n\ndef test_nothing():\n    pass\n")
    (tmp_path / "aws_cdk.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", planted],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "collection imported aws_cdk" in done.stderr


def test_every_client_has_a_mark_that_check_leaves_out() -> None:
    check = subprocess.run(["make", "-n", "check"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for mark in {*CLIENTS.values(), REALTIME}:
        assert f"not {mark}" in check
