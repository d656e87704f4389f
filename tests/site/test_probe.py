"""The canary's script reads a real site."""

from __future__ import annotations

import runpy

from tests.site.task import COURSE, ROOT, Task


def test_the_probe_reads_the_course_of_a_site(task: Task) -> None:
    look = runpy.run_path(str(ROOT / "src/probe/index.py"))["look"]
    assert look(task.site) == f"{task.site}{COURSE} is open"
