"""A client that dies in the middle of its claim, while another claim of the course is under way."""

from __future__ import annotations

import subprocess

from preview import composition
from tests.site.cut_line import CutLine
from tests.site.inside import CLASSES, rows
from tests.site.task import Task, eventually
from tests.site.visitor import make_storm

CLAIM = """
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$claimant = Floodgate\\Registration\\Claimant::from('Ada Lovelace', 'ada@example.org');
echo "ready\n";
fgets(STDIN);
(new Floodgate\\Registration\\Claims($database))->claim($course, $claimant);
"""


def test_a_claim_of_a_client_that_is_gone_is_kept_and_counted_or_neither(task: Task) -> None:
    storm = make_storm(task, 5)
    engine, database = task.host.engine, task.host.database
    this = f"slug = '{storm.slug}'"
    inspected = "{{range .NetworkSettings.Networks}}{{.Gateway}} {{.IPAddress}}{{end}}"
    gateway, address = engine("inspect", "--format", inspected, database).split()
    # Under the database's own name, which its certificate is for.
    options = ("--add-host", f"{composition.DATABASE}:{gateway}", "--interactive", "--rm", "--label", task.host.label)
    with CutLine((address, 3306)) as line:
        variables = {**task.environment, "DB_PORT": str(line.port)}
        container = composition.wordpress(task.host.network, None, task.host.authorities, variables)
        claim = subprocess.Popen(
            [*engine.docker, "run", *options, *container, task.built, "php", "-r", CLASSES + CLAIM, "--", storm.slug],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        other = subprocess.Popen(
            [*engine.docker, "exec", "-i", database, "sql", "floodgate"], stdin=subprocess.PIPE, text=True
        )
        assert claim.stdin is not None
        assert claim.stdout is not None
        assert other.stdin is not None
        assert claim.stdout.readline() == "ready\n"
        other.stdin.write(f"START TRANSACTION; UPDATE wp_floodgate_courses SET taken = taken WHERE {this};\n")
        other.stdin.flush()
        eventually(lambda: rows(task.host, "SELECT 1 FROM information_schema.innodb_trx"))
        line.hold()
        claim.stdin.write("\n")
        claim.stdin.flush()
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
