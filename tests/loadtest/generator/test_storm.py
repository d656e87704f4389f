"""Storms through the real command, against a real server with one fault each.

They mostly wait, so a few run side by side. Their limits on all that a busy machine makes late are wide: what is tested
here is that each fault has its verdict, and other work on the machine must not turn it into another one.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from loadtest import cli
from loadtest.chromium.program import Plan
from loadtest.commands import run
from loadtest.crowd import profiles
from loadtest.gate import limits
from loadtest.gate.invariants import check
from loadtest.gate.verdict import Answer
from loadtest.history import series, summaries
from loadtest.record.codec import decode, encode
from loadtest.record.histogram import Histogram
from loadtest.record.measurements import totals
from loadtest.record.record import Record
from loadtest.request import options
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest import reading
from tests.loadtest.conftest import clean_environment
from tests.loadtest.logs import OPENING, acts, balancer
from tests.loadtest.storming import Act, limits_for_a_busy_machine, watched

ROOT = Path(__file__).resolve().parents[3]
CLOCK_THAT_IS_SET = Path(__file__).with_name("clock_that_is_set")
SIDE_BY_SIDE = 6
PHASES = ["--warm-up", "1", "--before", "1", "--opening", "1.5", "--open", "1.5", "--recovery", "1.5"]
CROWD = ["--people", "40", "--seats", "10", "--form-median", "0.5"]


@dataclass(frozen=True)
class Outcome:
    """How a storm ended: its exit code, what it said, and the folder it left."""

    code: int
    output: str
    folder: Path

    @property
    def verdict(self) -> str:
        found = re.search(r"STORM_VERDICT=(\w+)", (self.folder / "verdict.env").read_text())
        return found[1] if found else "none"

    @property
    def record(self) -> Record:
        (record,) = series.load(self.folder / "record.json").runs
        return record


Storms = dict[str, Future[Outcome]]


def the_generator(process: subprocess.Popen[str]) -> psutil.Process:
    """Find the storm's one worker process."""
    (worker,) = psutil.Process(process.pid).children()
    assert "loadtest.generator.worker" in worker.cmdline()
    return worker


def kill_the_generator(process: subprocess.Popen[str]) -> None:
    the_generator(process).kill()


def freeze_the_generator(process: subprocess.Popen[str]) -> None:
    the_generator(process).suspend()


def hold_up_the_generator(process: subprocess.Popen[str]) -> None:
    """Hold it up long enough to be late, too short to be taken for lost."""
    worker = the_generator(process)
    worker.suspend()
    time.sleep(3.5)
    worker.resume()


def take_the_descriptors(process: subprocess.Popen[str]) -> None:
    """Let the generator keep the descriptors it has, and get no more."""
    resource.prlimit(the_generator(process).pid, resource.RLIMIT_NOFILE, (8, 8))


def terminate(process: subprocess.Popen[str]) -> None:
    process.terminate()


def hang_up(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGHUP)


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def fill_the_disk(process: subprocess.Popen[str]) -> None:
    """Let no file of the storm grow beyond 20 kB from now on; its record and its report are larger."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (20_000, 20_000))


def set_the_clock(process: subprocess.Popen[str]) -> None:
    """Set the time of day of the storm and of its generator."""
    Path(psutil.Process(process.pid).environ()["SET_CLOCK_WHEN"]).touch()


def stop_reading(process: subprocess.Popen[str]) -> None:
    """Leave the pipe that the storm speaks into, as ``head`` does."""
    assert process.stdout is not None
    process.stdout.close()


def kill_the_storm(process: subprocess.Popen[str]) -> None:
    worker = the_generator(process)
    process.kill()
    deadline = time.monotonic() + 10
    while not has_ended(worker):
        assert time.monotonic() < deadline, "the generator outlived its storm"
        time.sleep(0.02)


def has_ended(process: psutil.Process) -> bool:
    """Return whether a process has ended.

    An orphan that nobody waits for, as in a container without an init, has ended too: it stays as a zombie.
    """
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


FLEET = "cluster=arn:aws:ecs:eu-central-1:111111111111:cluster/c task=t subnets=subnet-1 group=sg-1 port=5557"
STORMS: dict[str, tuple[dict[str, Any], Act | None, list[str]]] = {
    "good": ({}, None, ["--history", "FOLDER/nights", "--remember", "yes"]),
    "three in a row": ({}, None, ["--history", "FOLDER/twelve", "--environment", "task=512"]),
    "two workers": ({}, None, ["--workers", "2"]),
    "under stress": ({}, None, ["--profile", "stress"]),
    # Of this seed some reload late, as the phase after the opening needs it.
    "by bots": ({}, None, ["--profile", "bots", "--seed", "2"]),
    "an odd site": (
        {"calls_itself": "http://LocalHost.:PORT", "interim": True, "odd_gzip": True, "closed": True},
        None,
        [],
    ),
    "nobody reads": ({}, stop_reading, []),
    "clock set forward": ({}, set_the_clock, ["CLOCK=3600"]),
    "our own people": ({}, None, ["--people-file", "FOLDER/ours.toml", "--history", "FOLDER/twelve"]),
    "ends early": ({"ends_at": 0.0}, None, []),
    "slow": ({"slow": 2.5}, None, []),
    "oversells": ({"oversell": 3}, None, []),
    "loses": ({"lose_each": 4}, None, []),
    "loses answers": ({"lose_answer_each": 2}, None, []),
    "loses tickets": ({"lose_answer_each": 2, "no_way_back": True}, None, []),
    "never opens": ({"never_opens": True}, None, []),
    "opens early": ({"opens_early": 60.0}, None, ["--before", "5"]),
    "errors": ({"error_share": 5}, None, []),
    "cut off": ({"truncate_each": 5}, None, []),
    "without styles": ({"no_styles": True}, None, []),
    "waiting pages": ({"waiting_share": 7}, None, []),
    "dies": ({"die_at": 0.3}, None, []),
    "generator killed": ({}, kill_the_generator, []),
    "generator frozen": ({}, freeze_the_generator, []),
    "generator late": ({}, hold_up_the_generator, []),
    "generator short": ({}, take_the_descriptors, []),
    "hopeless": ({"slow": 2.5}, set_the_clock, ["--open", "60", "--cut-after", "1", "CLOCK=-3600"]),
    "somebody else": ({"foreign_each": 20}, None, []),
    "terminated": ({}, terminate, []),
    "interrupted": ({}, interrupt, []),
    "hung up": ({}, hang_up, []),
    "disk full": ({}, fill_the_disk, []),
    "killed": ({}, kill_the_storm, []),
    "files elsewhere": ({"calls_itself": "http://files.example.org"}, None, []),
    "leads elsewhere": ({"redirects_to": "https://www.example.org"}, None, []),
    "another site": ({"marker": False}, None, []),
    "not ready": ({"not_ready": True}, None, []),
    "another commit": ({}, None, ["--commit", "badcafe"]),
    "wrong token": ({}, None, ["--token", "guessed"]),
    "no ledger": ({"no_ledger": True}, None, []),
    "down": ({}, None, ["--host", "http://127.0.0.1:1"]),
    "no fleet": ({}, None, ["--fleet", FLEET]),
    "no task": ({}, None, ["--kill-task", "yes", "--service", "service/c/s", "--region", "eu-central-1"]),
}

# Storms that are to be found late.
LATE = ("slow", "hopeless", "generator late")


def start(name: str, folder: Path, environment: dict[str, str]) -> Outcome:
    """Run one storm from its site's start to its end.

    The environment is a copy: pytest writes the name of each test into this process's own, while a thread reads it.
    """
    faults, act, more = STORMS[name]
    out = folder / name.replace(" ", "-")
    limits = limits_for_a_busy_machine(folder / f"{name}.toml", strict=name in LATE)
    site = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/loadtest/standin.py"), json.dumps(faults)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert site.stdout is not None
    command = [sys.executable, "-m", "loadtest", "run", "--host", site.stdout.readline().strip()]
    more = [word.replace("FOLDER", str(folder)) for word in more]
    if more and more[-1].startswith("CLOCK="):
        by, when = more.pop().partition("=")[2], str(folder / f"{name}.set")
        environment = {
            **environment,
            **{"PYTHONPATH": str(CLOCK_THAT_IS_SET), "SET_CLOCK_BY": by, "SET_CLOCK_WHEN": when},
        }
    command += ["--token", "stand-in-token", "--limits", str(limits), "--out", str(out), *CROWD, *PHASES, *more]
    storm = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        # When all have come, they may need no other connection than they have.
        phases = "before|opening|open" if act is take_the_descriptors else "opening|open"
        output = watched(storm, act, phases)
        return Outcome(storm.wait(timeout=60), output, out)
    finally:
        storm.kill()
        storm.wait()
        site.kill()
        site.communicate()


def twelve_slower_nights(place: Path) -> None:
    """Write a history that storms of CROWD and PHASES are comparable with, and faster than.

    Its environment is ``task=512``.
    """
    parser = argparse.ArgumentParser()
    options.add_arguments(parser)
    basics = ["--host", "http://localhost", "--token", "t", "--environment", "task=512", *CROWD, *PHASES]
    record = run.new_record(options.collect(parser.parse_args(basics), {}), Plan())
    rules = limits.load(DEFAULT_LIMITS).regression
    assert rules is not None
    for day in range(1, 13):
        started, figures = f"2026-11-{day:02}T02:00:00+00:00", dict.fromkeys(rules.figures, 60 + day / 10)
        night = summaries.Summary(started, "c0ffee", Answer.PASS, summaries.fingerprint(record), figures, "")
        summaries.add(str(place), night)


def people_of_a_log(folder: Path) -> None:
    """Make a people file, ours.toml, as the command makes it of an access log."""
    (folder / "access.log").write_text("\n".join(map(balancer, acts())))
    assert (
        cli.main(["fit", str(folder / "access.log"), "--out", str(folder / "ours.toml"), "--opening", OPENING], {}) == 0
    )


@pytest.fixture(scope="module")
def storms(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Storms]:
    """The storms that the selected tests ask for by ``name``, side by side."""
    folder = tmp_path_factory.mktemp("storms")
    twelve_slower_nights(folder / "twelve")
    people_of_a_log(folder)
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    names = dict.fromkeys(spec.params["name"] for spec in calls if spec and spec.params.get("name") in STORMS)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        environment = clean_environment()
        yield {name: pool.submit(start, name, folder, environment) for name in names}


PASSING = ["good", "two workers", "under stress", "by bots", "our own people"]
PASSING += ["an odd site", "nobody reads", "clock set forward"]


@pytest.mark.parametrize("name", PASSING)
def test_a_good_site_passes_with_all_its_evidence(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (0, "PASS"), storm.output
    record = storm.record
    assert {file.name for file in storm.folder.iterdir()} >= {"record.json", "report.html", "summary.txt", "junit.xml"}
    assert record.ledger is not None
    assert record.ledger.sold == 10
    assert record.measurements.whole().counts["came"] == 40
    assert sorted({claim.person for claim in record.claims}) == sorted(claim.person for claim in record.claims)
    assert record.seconds_run > 6
    assert record.locust and record.locust["asset"] >= 3 * 40, "each browser loads the page's three files"


@pytest.mark.parametrize("name", ["good"])
def test_a_nightly_storm_becomes_history(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    (night,) = summaries.read(str(storm.folder.parent / "nights"))
    assert (night.verdict, night.commit) == (Answer.PASS, "c0ffee")
    assert night.figures["opening wait p95"] > 0
    assert night.fingerprint == summaries.fingerprint(storm.record)
    assert f"{run.KEPT} in {storm.folder.parent / 'nights'}" in storm.output


@pytest.mark.parametrize("name", ["two workers"])
def test_a_storm_by_day_is_no_night(storms: Storms, name: str) -> None:
    assert run.KEPT not in storms[name].result().output


@pytest.mark.parametrize("name", ["three in a row"])
def test_a_history_that_can_tell_something_gets_three_storms(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (0, "PASS"), storm.output
    assert "(3 of 3): 40 people for 10 seats" in storm.output
    kept = series.load(storm.folder / "record.json")
    assert len(kept.runs) == 3
    assert len({run.course.slug for run in kept.runs if run.course}) == 3
    assert "3 runs against 12 comparable earlier ones" in (storm.folder / "summary.txt").read_text()


@pytest.mark.parametrize("name", ["two workers"])
def test_workers_share_the_crowd_and_their_counts_add_up(storms: Storms, name: str) -> None:
    record = storms[name].result().record
    assert [worker.people for worker in record.workers] == [20, 20]
    claimed: dict[str, int] = {}
    for worker in record.workers:
        for key, number in worker.totals.items():
            claimed[key] = claimed.get(key, 0) + number
    assert claimed == dict(totals(record.measurements))


@pytest.mark.parametrize(
    ("name", "file", "profile"),
    [
        ("good", "loadtest/people.toml", "people"),
        ("under stress", "loadtest/people.toml", "stress"),
        ("by bots", "loadtest/people.toml", "bots"),
        ("our own people", "ours.toml", "people"),
    ],
)
def test_the_record_says_who_they_were(storms: Storms, name: str, file: str, profile: str) -> None:
    storm = storms[name].result()
    parameters = storm.record.parameters
    assert parameters.people_file.endswith(file)
    assert parameters.profile == profile
    path = Path(parameters.people_file) if file == "ours.toml" else profiles.DEFAULT
    habits = profiles.load(path, profile).with_form_median(0.5)
    assert parameters.behaviour == encode(habits)
    report = (storm.folder / "report.html").read_text()
    assert f"{file}, profile {profile}" in report


@pytest.mark.parametrize("name", ["our own people"])
def test_a_storm_of_other_people_is_not_compared(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    (left_out,) = series.load(storm.folder / "record.json").left_out
    assert "behaviour" in left_out


@pytest.mark.parametrize(("name", "at_the_opening"), [("good", True), ("by bots", False)])
def test_each_profile_comes_in_its_own_way(storms: Storms, name: str, at_the_opening: bool) -> None:
    """Some people come at the opening itself; bots have all come before. It counts when they meant to come."""
    phases = storms[name].result().record.measurements.phases
    assert sum(phase.counts["came"] for phase in phases.values()) == 40
    assert (phases["before"].counts["came"] < 40) is at_the_opening


@pytest.mark.parametrize("name", ["good", "two workers", "errors", "waiting pages"])
def test_report_json_and_locust_say_the_same(storms: Storms, name: str) -> None:
    folder = storms[name].result().folder
    (run,) = json.loads((folder / "record.json").read_text())["runs"]
    shown = reading.read((folder / "report.html").read_text())
    phases = run["measurements"]["phases"]
    requests = sum(phase["counts"].get("requests", 0) for phase in phases.values())
    assert shown.pairs["requests"] == str(requests)
    assert sum(run["locust"].values()) == requests
    assert shown.rows["requests, by Locust's own statistics"][0].startswith(f"{requests} (")
    for kind, number_of in run["locust"].items():
        recorded = "claim-request" if kind == "claim" else kind
        assert number_of == sum(phase["durations"].get(recorded, {}).get("count", 0) for phase in phases.values())
    assert shown.pairs["errors"] == str(sum(phase["counts"].get("errors", 0) for phase in phases.values()))
    assert shown.pairs["people"] == str(sum(phase["counts"].get("came", 0) for phase in phases.values()))
    assert shown.pairs["seats sold"] == f"{len(run['ledger']['claims'])} of {run['parameters']['seats']}"
    for count in ("people", "wants", "requests", "aborts", "errors"):
        assert shown.rows[count] == [str(phase["counts"].get(count, 0)) for phase in phases.values()], count
    for percent in (50, 95, 99):
        waits = [decode(Histogram, phase["durations"]["wait"]).percentile(percent) for phase in phases.values()]
        assert list(map(reading.number, shown.rows[f"wait p{percent}"])) == pytest.approx(waits, rel=0.01), percent


@pytest.mark.parametrize("name", ["waiting pages"])
def test_a_waiting_page_is_no_error_and_the_wait_goes_on(storms: Storms, name: str) -> None:
    whole = storms[name].result().record.measurements.whole()
    assert whole.counts["saw-waiting"] > 0
    assert whole.counts["errors"] == 0
    assert whole.durations["wait"].largest > 0.4


@pytest.mark.parametrize("name", ["without styles"])
def test_people_go_on_with_a_page_that_lacks_a_file_and_the_storm_says_which(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    whole = storm.record.measurements.whole()
    assert whole.counts["errors"] == whole.counts["error-lost-file"] > 0
    assert whole.counts["served"] > 0 and whole.counts["unanswered"] == 0
    assert "/wp-content/style.css?ver=1 (404): a file of the page is missing" in storm.output


@pytest.mark.parametrize("name", ["loses answers"])
def test_a_claim_whose_answer_was_lost_is_found_again_by_what_the_page_offers(storms: Storms, name: str) -> None:
    record = storms[name].result().record
    counts = record.measurements.whole().counts
    assert counts["saw-waiting"] >= 5
    assert counts["saw-again"] >= 5
    assert all(each.holds for each in check(record)), check(record)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("slow", "before: wait p95 is"),
        ("oversells", "never oversold: 13 seats sold of 10"),
        ("loses", "no confirmation lost: not in the ledger: ABCD-00"),
        ("loses tickets", "no ticket lost: seats whose code their people did not get: success+person-"),
        ("ends early", "no seat unsold while wanted: "),
        ("never opens", "the course opened: the form was seen 0 times"),
        ("opens early", "not open before its time: the form was seen "),
        ("errors", "people-with-errors is"),
        ("cut off", "people-with-errors is"),
        ("without styles", "people-with-errors is"),
        ("dies", "people-with-errors is"),
    ],
)
def test_a_bad_site_fails(storms: Storms, name: str, reason: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (1, "FAIL"), storm.output
    assert reason in (storm.folder / "report.html").read_text()
    counts = storm.record.measurements.whole().counts
    assert {f"error-{example.kind}" for example in storm.record.examples} == {
        name for name in counts if name.startswith("error-")
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("generator killed", "generator process 0 was killed by signal 9 in the middle of the storm"),
        ("generator frozen", "worker 0 has not reported for 5."),
        ("terminated", "the storm was interrupted by SIGTERM"),
        ("interrupted", "the storm was interrupted by SIGINT"),
        ("hung up", "the storm was interrupted by SIGHUP"),
    ],
)
def test_a_storm_that_does_not_come_to_its_end_is_void_with_what_it_measured(
    storms: Storms, name: str, reason: str
) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (3, "VOID"), storm.output
    assert reason in storm.output
    assert "Traceback" not in storm.output
    record = storm.record
    assert record.measurements.phases["before"].counts["wants"] > 0
    assert record.ledger is not None
    assert (storm.folder / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("generator late", "storm: silence is "),
        ("generator short", "the generator had no descriptor, port or memory for a connection"),
        ("somebody else", "answers were pages without the site's marker"),
    ],
)
def test_a_storm_that_cannot_be_trusted_is_void(storms: Storms, name: str, reason: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (3, "VOID"), storm.output
    assert reason in storm.output


@pytest.mark.parametrize("name", ["hopeless"])
def test_a_storm_that_can_no_longer_pass_is_cut(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (1, "FAIL"), storm.output
    assert storm.record.seconds_run < 30
    assert re.search(r"the storm was cut \d+ s after the opening", (storm.folder / "report.html").read_text())


@pytest.mark.parametrize("name", ["disk full"])
def test_a_pass_without_its_evidence_is_void(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (3, "VOID"), storm.output
    assert "VOID: the evidence could not be written" in storm.output
    assert "File too large" in storm.output
    assert "Traceback" not in storm.output
    left = {file.name for file in storm.folder.iterdir()} - {"storm.log"}
    assert left == {"verdict.env"}, "the record fits no more, and nothing stands alone"
    texts = [file.read_text() for file in storm.folder.iterdir() if file.name in left]
    assert all("VOID" in text and "PASS" not in text for text in texts)


@pytest.mark.parametrize("name", ["killed"])
def test_a_storm_that_is_killed_leaves_void_and_no_load_behind(storms: Storms, name: str) -> None:
    storm = storms[name].result()
    assert storm.code == -signal.SIGKILL
    assert storm.verdict == "VOID"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("files elsewhere", "(such as http://files.example.org/wp-content/style.css?ver=1): people would load less"),
        ("leads elsewhere", "redirects to https://www.example.org/register/storm-1/: http://"),
        ("another site", "carries no data-floodgate-state: this is not the page of a Floodgate course"),
        ("not ready", "is not ready: database"),
        ("another commit", "runs commit c0ffee, and badcafe is to be judged"),
        ("wrong token", "refuses the storm"),
        ("no ledger", "the ledger was not read"),
        ("down", "http://127.0.0.1:1 does not answer: Connection refused"),
        ("no task", "a task was to be stopped at the opening: Unable to locate credentials"),
        ("no fleet", "the fleet of the storm: Unable to locate credentials"),
    ],
)
def test_what_cannot_be_stormed_is_void(storms: Storms, name: str, reason: str) -> None:
    storm = storms[name].result()
    assert (storm.code, storm.verdict) == (3, "VOID"), storm.output
    assert reason in storm.output
    assert "Traceback" not in storm.output
    assert (storm.folder / "junit.xml").exists()


def test_each_storm_is_looked_at() -> None:
    names = {name for name in STORMS if f'"{name}"' in Path(__file__).read_text().split("PASSING =")[1]}
    assert names == set(STORMS)
