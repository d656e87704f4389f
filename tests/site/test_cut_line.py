"""A client that dies in the middle of its claim, while another claim of the course is under way."""

from __future__ import annotations

import subprocess

from tests.site.cut_line import CutLine
from tests.site.inside import CLASSES, rows
from tests.site.task import Task, eventually
from tests.site.visitor import make_storm

CLAIM = """
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$claimant = Floodgate\\Registration\\Claimant::from('Ada Lovelace', 'ada@example.org');
(new Floodgate\\Registration\\Claims($database))->claim($course, $claimant);
"""


def test_a_claim_of_a_client_that_is_gone_is_kept_and_counted_or_neither(task: Task) -> None:
    storm = make_storm(task, 5)
    engine, database = task.host.engine, task.host.database
    this = f"slug = '{storm.slug}'"
    inspected = "{{range .NetworkSettings.Networks}}{{.Gateway}} {{.IPAddress}}{{end}}"
    gateway, address = engine("inspect", "--format", inspected, database).split()
    with CutLine((address, 3306), b"START TRANSACTION") as line:
        other = subprocess.Popen(
            [*engine.docker, "exec", "-i", database, "sql", "floodgate"], stdin=subprocess.PIPE, text=True
        )
        assert other.stdin is not None
        other.stdin.write(f"START TRANSACTION; UPDATE wp_floodgate_courses SET taken = taken WHERE {this};\n")
        other.stdin.flush()
        eventually(lambda: rows(task.host, "SELECT 1 FROM information_schema.innodb_trx"))
        claim = subprocess.Popen(
            [
                *(*engine.docker, "exec", task.container("wordpress")),
                *("env", f"DB_HOST={gateway}", f"DB_PORT={line.port}", "php", "-r", CLASSES + CLAIM, "--", storm.slug),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        line.wait_until_sent()
        waiting = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        eventually(lambda: rows(task.host, waiting))
        line.cut()
        other.stdin.close()
        other.wait(30)
    claim.communicate(timeout=30)
    eventually(lambda: not rows(task.host, "SELECT 1 FROM information_schema.innodb_trx"))
    ((counted, kept),) = rows(
        task.host,
        "SELECT taken, (SELECT COUNT(*) FROM wp_floodgate_claims WHERE course_id = course.id)"
        f" FROM wp_floodgate_courses course WHERE {this}",
    )
    assert counted == kept
