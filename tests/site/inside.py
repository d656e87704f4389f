"""The site from inside: its database, and the plugin's classes without WordPress."""

from __future__ import annotations

from tests.site.task import Host, Task


class Failed(Exception):
    """The code ended with an error; its message is what PHP said."""


CLASSES = """
require '/var/www/wordpress/mu-plugins/floodgate/autoload.php';
$database = Floodgate\\Registration\\Database::ofProcess(getenv('DB_HOST'), (int) getenv('DB_PORT'),
    getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 'wp_');
"""


def rows(host: Host, sql: str, database: str = "floodgate") -> list[list[str]]:
    """Return the rows of a query, as text; a null is "NULL"."""
    return host.sql.rows(sql, database)


def query(task: Task, sql: str) -> list[str]:
    """Return the first column of a query on the task's own database, as text."""
    return [row[0] for row in rows(task.host, sql, task.environment["DB_NAME"])]


def php(task: Task, code: str, *arguments: str) -> str:
    """Return what PHP code prints that has the plugin's classes and a connection in ``$database``. Raise Failed."""
    command = ("php", "-d", "display_errors=stderr", "-r", CLASSES + code, "--", *arguments)
    done = task.host.engine.run("exec", task.container("wordpress"), *command)
    if done.returncode:
        raise Failed(f"{done.stdout}{done.stderr}")
    return done.stdout
