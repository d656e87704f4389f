"""What a visitor sees of a course."""

from __future__ import annotations

from tests.browser.visitor import Visitor, assert_fine
from tests.src.task import Task
from tests.src.visitor import make_storm


def test_before_and_at_the_opening(task: Task, somebody: Visitor) -> None:
    course = make_storm(task, 3, 4)
    somebody.go(course.path)
    somebody.sees("closed")
    assert_fine(somebody.violations())
    somebody.sees("open")
    assert_fine(somebody.violations())
