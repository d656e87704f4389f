"""How far a worker's clock is from the parent's, by rounds whose ways there and back take what the tests say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from loadtest.record.record import Record
from tests.loadtest.conftest import ROOT, clean_environment

# Locust patches the process that imports it: what needs it runs in one of its own.
ROUNDS = """
import sys
from loadtest.generator.worker_clocks import ROUNDS, Clocks
from loadtest.generator.messages import Clock

apart, ways = float(sys.argv[1]), [tuple(map(float, way.split("/"))) for way in sys.argv[2].split()]
time, pause = 100.0, 0.0
questions = []

def clock():
    global time
    read = time
    time += pause
    return read

clocks = Clocks(lambda client, question: questions.append(question), clock=clock, now=lambda: 1e9 + clock())
assert not clocks.known(["a"])
for number in range(ROUNDS):
    there, back = ways[number % len(ways)]
    time += there
    answer = Clock(questions[-1].sent_at, 1e9 + time + apart, "v")
    time += back
    pause = float(sys.argv[3])
    clocks.answered("a", answer)
    pause = 0.0
assert clocks.known(["a"]) and len(questions) == ROUNDS
offset = clocks.offsets["a"]
print(offset.apart, offset.error)
"""


def measured(apart: float, ways: str, pause: float = 0.0) -> tuple[float, float]:
    """Return the offset that is found, and by how much it may be wrong.

    ``pause`` passes at each look of the parent's at a clock when an answer is there.
    """
    done = subprocess.run(
        [sys.executable, "-c", ROUNDS, str(apart), ways, str(pause)],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found, error = map(float, done.stdout.split())
    return found, error


@pytest.mark.parametrize(
    ("apart", "ways"),
    [
        pytest.param(0.0, "0.001/0.001", id="together"),
        pytest.param(0.3, "0.001/0.001", id="ahead"),
        pytest.param(-0.3, "0.2/0.3 0.001/0.002 0.4/0.1", id="behind, quickest of three rounds"),
        # The way there takes as long as the clock is ahead: by one way alone they would look equal.
        pytest.param(0.2, "0.2/0.0", id="one way as long as the offset"),
        pytest.param(2.0, "0.0/0.05", id="far ahead"),
    ],
)
def test_the_true_offset_is_within_what_is_told(apart: float, ways: str) -> None:
    found, error = measured(apart, ways)
    assert abs(found - apart) <= error + 1e-6
    quickest = min(sum(map(float, way.split("/"))) for way in ways.split())
    assert error == pytest.approx(quickest / 2, abs=1e-6)


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param("0.0/0.0", id="no way at all"),
        pytest.param("0.01/0.0", id="a way there"),
        pytest.param("0.0/0.01", id="a way back"),
    ],
)
def test_a_parent_that_is_held_up_between_two_looks_at_its_clocks_knows_less(ways: str) -> None:
    found, error = measured(0.0, ways, pause=0.2)
    assert abs(found) <= error + 1e-6


@pytest.mark.parametrize(("apart", "error", "holds"), [(0.1, 0.1, True), (0.2, 0.1, False), (-0.2, 0.1, False)])
def test_clocks_that_may_be_too_far_apart_are_void(record: Record, apart: float, error: float, holds: bool) -> None:
    from loadtest.gate import limits
    from loadtest.gate.verdict import Answer, judge
    from loadtest.request.options import DEFAULT_LIMITS

    record.workers[0].clock_apart, record.workers[0].clock_error = apart, error
    verdict = judge(record, limits.load(DEFAULT_LIMITS))
    assert verdict.answer is (Answer.PASS if holds else Answer.VOID)
