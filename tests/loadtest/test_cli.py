"""Exit codes and messages, through the real command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadtest import cli
from loadtest.history import series as storms
from loadtest.history.series import Series, dump
from loadtest.record.record import Record
from tests.loadtest.conftest import ROOT

SITE = ("--host", "http://localhost:1", "--token", "t")


def run(arguments: list[str], environment: dict[str, str] | None = None) -> int:
    """Run the command in this process: bad input is told before anything is started."""
    try:
        return cli.main(arguments, environment or {})
    except SystemExit as ended:  # argparse's own
        return int(ended.code or 0)


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        pytest.param([], {}, "required: command", id="no command"),
        pytest.param(["storm"], {}, "invalid choice: 'storm'", id="unknown command"),
        pytest.param(["run"], {}, "no site to storm: give --host (SITE_URL)", id="no site"),
        pytest.param(["run", "--host", "http://localhost"], {}, "no token: give --token (STORM_TOKEN)", id="no token"),
        pytest.param(
            ["run", *SITE, "--people", "many"],
            {},
            "--people: 'many': expected a whole number from 10 to 100000",
            id="people that are no number",
        ),
        pytest.param(
            ["run", *SITE], {"STORM_PEOPLE": "5"}, "STORM_PEOPLE: '5': expected a whole number", id="too few people"
        ),
        pytest.param(
            ["run", *SITE],
            {"STORM_OPENING": "-3"},
            "STORM_OPENING: '-3': expected a number of seconds greater than 0",
            id="negative opening",
        ),
        pytest.param(["run", *SITE, "--recovery", "nan"], {}, "--recovery: 'nan'", id="recovery that is no number"),
        pytest.param(["run", *SITE, "--seats", "0"], {}, "--seats: '0'", id="no seats"),
        pytest.param(
            ["run", *SITE, "--seats", "999"],
            {},
            "--seats (STORM_SEATS): 999 seats for 300 people would never sell out",
            id="more seats than people",
        ),
        pytest.param(
            ["run", *SITE],
            {"STORM_PEOPLE": "40", "STORM_SEATS": "40"},
            "40 seats for 40 people would never sell out",
            id="a seat for everybody",
        ),
        pytest.param(
            ["run", "--token", "t"],
            {"SITE_URL": "localhost:8080"},
            "SITE_URL: 'localhost:8080': expected an address",
            id="address without scheme",
        ),
        pytest.param(
            ["run", "--token", "t", "--host", "http://localhost/wordpress"],
            {},
            "without a path",
            id="address with a path",
        ),
        pytest.param(
            ["run", "--host", "http://localhost", "--token", "two words"],
            {},
            "--token: expected one word",
            id="token of two words",
        ),
        pytest.param(
            ["run", *SITE, "--token-secret", "arn:x"], {}, "expected the ARN of a secret", id="secret that is no ARN"
        ),
        pytest.param(
            ["run", *SITE, "--token-role", "role"], {}, "expected the ARN of a role", id="role that is no ARN"
        ),
        pytest.param(
            ["run", *SITE, "--stack", "my stack"],
            {},
            "expected the name of a CloudFormation stack",
            id="stack of two words",
        ),
        pytest.param(
            ["run", *SITE, "--publish", "bucket/prefix"], {}, "expected s3://bucket/prefix", id="bucket without scheme"
        ),
        pytest.param(["run", *SITE, "--commit", "a b"], {}, "expected a commit id", id="commit of two words"),
        pytest.param(
            ["run", *SITE, "--people", "10", "--workers", "11"],
            {},
            "11 processes for 10 people",
            id="more workers than people",
        ),
        pytest.param(
            ["run", *SITE, "--fleet", "cluster=here"],
            {},
            "--fleet: 'cluster=here': expected cluster=ARN task=NAME",
            id="fleet that names too little",
        ),
        pytest.param(["run", *SITE, "--peopel", "10"], {}, "unrecognized arguments: --peopel", id="misspelt option"),
        pytest.param(
            ["run", *SITE, "--limits", "/nowhere.toml"],
            {},
            "/nowhere.toml cannot be read",
            id="limits that are missing",
        ),
        pytest.param(
            ["run", *SITE, "--people-file", "/nowhere.toml"],
            {},
            "the people file /nowhere.toml cannot be read: No such",
            id="people file that is missing",
        ),
        pytest.param(
            ["run", *SITE],
            {"STORM_PEOPLE_FILE": __file__},
            "test_cli.py is not TOML: ",
            id="people file that is not TOML",
        ),
        pytest.param(
            ["run", *SITE, "--profile", "robots"],
            {},
            "there is no profile 'robots'; its profiles are people, stress, b",
            id="unknown profile",
        ),
        pytest.param(
            ["run", *SITE],
            {"STORM_PROFILE": "two words"},
            "STORM_PROFILE: 'two words': expected the name of a profile",
            id="profile of two words",
        ),
        pytest.param(["fit"], {}, "required: LOG", id="fit without log"),
        pytest.param(
            ["run", *SITE, "--out", "/proc/storm"],
            {},
            "--out (STORM_OUT): cannot write to /proc/storm",
            id="folder that cannot be written",
        ),
        pytest.param(["judge"], {}, "required: record", id="judge without record"),
        pytest.param(
            ["judge", "/nowhere.json"], {}, "the record /nowhere.json cannot be read", id="judge of a missing record"
        ),
        pytest.param(["judge", __file__], {}, "is not JSON", id="judge of what is no JSON"),
        pytest.param(
            ["smoke"],
            {},
            "smoke needs --host (SITE_URL) and --commit (STORM_COMMIT)",
            id="smoke without site and commit",
        ),
        pytest.param(
            ["smoke", "--host", "here", "--commit", "c0ffee"],
            {},
            "smoke: expected an address",
            id="smoke of no address",
        ),
        pytest.param(
            ["smoke", "--host", "http://here", "--commit", "c", "--patience", "long"],
            {},
            "number of seconds",
            id="smoke with wordy patience",
        ),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    arguments: list[str], environment: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments, environment) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert "Traceback" not in output.err
    assert output.out == ""


def test_a_token_that_is_refused_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--host", "http://localhost", "--token", "my secret"]) == 2
    assert "secret" not in capsys.readouterr().err


def test_wrong_limits_start_nothing(tmp_path: Path, command: Callable[..., subprocess.Popen[str]]) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text(
        '[limits]\nopening = ["wait p95 < 3 parsecs"]\n'
        '[sound]\nstorm = ["cpu < 90 %"]\n[enough]\nstorm = ["wants >= 1"]\n'
    )
    process = command("run", *SITE, "--limits", str(limits), "--out", str(tmp_path / "storm"))
    _, complaints = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "limits.toml:2: [limits] opening: unknown unit for wait" in complaints
    assert "Traceback" not in complaints
    assert not (tmp_path / "storm").exists()


def test_help_names_every_option_variable_metric_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--help"]) == 0
    text = capsys.readouterr().out
    for word in ("--people", "STORM_SECRET_ARN", "opened-after", "exit codes:", "VOID"):
        assert word in text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda _: None, 0, id="as it is"),
        pytest.param(lambda r: r.claims[0].codes.append("ZZZZ-ZZZZ-ZZZZ"), 1, id="second code for a seat"),
        pytest.param(lambda r: r.faults.append("worker 0 was lost"), 3, id="fault of the storm"),
    ],
)
def test_a_stored_record_is_judged_again(
    record: Record, tmp_path: Path, change: Callable[[Record], Any], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    change(record)
    path = tmp_path / "record.json"
    path.write_text(storms.dump(Series([record]), {"answer": "PASS"}))
    assert run(["judge", str(path)]) == code
    assert capsys.readouterr().out.startswith({0: "PASS", 1: "FAIL", 3: "VOID"}[code])


def test_a_record_may_be_judged_by_other_limits(record: Record, tmp_path: Path) -> None:
    path, limits = tmp_path / "record.json", tmp_path / "limits.toml"
    path.write_text(storms.dump(Series([record]), {}))
    limits.write_text(
        '[limits]\nopening = ["wait p95 < 50 ms"]\n[sound]\nstorm = ["cpu < 90 %"]\n[enough]\nstorm = ["wants >= 1"]\n'
    )
    assert run(["judge", str(path)]) == 0
    assert run(["judge", str(path), "--limits", str(limits)]) == 1


@pytest.mark.parametrize(
    ("faults", "commit", "sentence"),
    [
        pytest.param(
            {}, "badcafe", "commit: the site runs commit c0ffee, and badcafe was deployed", id="another commit"
        ),
        pytest.param({"not_ready": True}, "c0ffee", "commit: /floodgate/ready answers 503", id="not ready"),
        pytest.param({"front_page": ""}, "c0ffee", "front page: the front page has 0 bytes", id="empty front page"),
        pytest.param(
            {"front_page": "x" * 999},
            "c0ffee",
            "front page: the front page shows no sign of WordPress",
            id="front page without WordPress",
        ),
        pytest.param(
            {"front_page": "/wp-content/ " * 99},
            "c0ffee",
            "course page: the front page links to no course",
            id="front page without course",
        ),
        pytest.param({"marker": False}, "c0ffee", "course page: http", id="course page without marker"),
        pytest.param(
            {"install_open": True},
            "c0ffee",
            "install page closed: /wp-admin/install.php answers 200",
            id="open install page",
        ),
    ],
)
def test_smoke_fails_when_the_site_is_not_what_was_deployed(
    serving: Any, faults: dict[str, Any], commit: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(faults) as host:
        assert run(["smoke", "--host", host, "--commit", commit, "--patience", "0.2"]) == 1
    assert f"FAIL  {sentence}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({}, id="a course that is not open yet"),
        pytest.param({"ends_at": -7200.0}, id="a course that has ended"),
        pytest.param(
            {"front_page": "/wp-content/ " * 99 + '<p data-floodgate-courses="none">Nothing</p>'},
            id="every course over, or a draft",
        ),
    ],
)
def test_smoke_of_a_good_site(serving: Any, faults: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with serving(faults) as host:
        assert run(["smoke", "--host", host, "--commit", "c0ffee", "--patience", "5"]) == 0
    assert capsys.readouterr().out.count("ok ") == 4


def test_smoke_of_a_site_that_is_down(capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"SITE_URL": "http://127.0.0.1:1", "STORM_COMMIT": "c0ffee"}
    assert run(["smoke", "--patience", "0.2"], environment) == 1
    assert "does not answer: Connection refused" in capsys.readouterr().out


def test_the_record_that_judge_reads_is_plain_json(record: Record) -> None:
    assert json.loads(storms.dump(Series([record]), {}))["schema"] == 4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["schema", "record"], 0, id="a listing"),
        pytest.param(["run", "--help"], 0, id="help"),
        pytest.param(["judge", "RECORD"], 1, id="a verdict"),
    ],
)
def test_whoever_stops_reading_changes_no_exit_code(
    command: Callable[..., subprocess.Popen[str]], record: Record, tmp_path: Path, arguments: list[str], code: int
) -> None:
    """As ``| head -1`` does; a verdict of FAIL stays one."""
    for _ in range(600):
        record.measurements.phases["opening"].durations["wait"].add(30)
    record.workers[0].totals["wait"] += 600
    (tmp_path / "record.json").write_text(dump(Series([record]), {}))
    process = command(*(str(tmp_path / "record.json") if word == "RECORD" else word for word in arguments))
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.wait(60) == code
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.parametrize(
    "closed", [pytest.param(">&-", id="output"), pytest.param("2>&-", id="errors"), pytest.param(">&- 2>&-", id="both")]
)
def test_streams_that_were_closed_before_the_start_change_no_exit_code(closed: str) -> None:
    command = [sys.executable, "-m", "loadtest", "schema", "record"]
    assert subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *command], cwd=ROOT, check=False).returncode == 0


def test_what_could_not_be_written_is_no_pass(command: Callable[..., subprocess.Popen[str]]) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "loadtest", "schema", "record"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert process.returncode == 3
    assert process.stderr == "loadtest: what it says could not be written: No space left on device\n"
