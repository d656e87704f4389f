"""What breaks in the middle of a storm, and is made to stand again."""

from __future__ import annotations

import time

from tests.site.seats.plan import Fault
from tests.site.task import Task

KILL_WORKERS = """
foreach (glob('/proc/[0-9]*/cmdline') as $file) {
    if (str_starts_with((string) @file_get_contents($file), 'php-fpm: pool claims')) {
        posix_kill((int) explode('/', $file)[2], SIGKILL);
    }
}
"""


def strike(task: Task, fault: Fault) -> None:
    """Break it, and return when it has been started again."""
    run = task.host.engine
    match fault:
        case Fault.PHP_WORKERS:
            task.exec("wordpress", "php", "-r", KILL_WORKERS)
        case Fault.PHP:
            run("kill", "--signal", "KILL", task.container("wordpress"))
            run("start", task.container("wordpress"))
        case Fault.DATABASE:
            run("kill", "--signal", "KILL", task.host.database)
            run("start", task.host.database)
        case Fault.DATABASE_STOP:
            run("stop", "--time", "10", task.host.database)
            run("start", task.host.database)
        case Fault.DATABASE_PAUSE:
            run("pause", task.host.database)
            time.sleep(1)
            run("unpause", task.host.database)
    task.wait_until_ready()
