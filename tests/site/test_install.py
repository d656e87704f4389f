"""The install step: run once or often, alone or several at once, the site is the same; a wrong setting is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.site.inside import query
from tests.site.task import DATABASE_PASSWORD, Host, Task


@pytest.fixture(scope="module")
def twice_at_once(host: Host) -> tuple[Task, list[str]]:
    """Two install steps on one empty database, started together."""
    task = Task(host, "twice", DB_NAME="twice")
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: task.install(), range(2)))
    assert [run.code for run in runs] == [0, 0], [run.log for run in runs]
    return task, [run.log for run in runs]


def test_of_two_at_once_one_installs(twice_at_once: tuple[Task, list[str]]) -> None:
    _, logs = twice_at_once
    assert sum("installed WordPress" in log for log in logs) == 1
    assert sum("made the front page" in log for log in logs) == 1
    for version in (1, 2):
        assert sum(f"applied registration migration {version}" in log for log in logs) == 1


def test_a_later_run_changes_nothing(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    again = task.install()
    assert again.code == 0
    assert again.log.splitlines() == [f"floodgate-install: the site is ready at {task.url}"]


def test_a_rotated_secret_sets_the_password_once(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    logs = [task.install(WP_ADMIN_PASSWORD="another password").log for _ in range(2)]
    assert ["set the password" in log for log in logs] == [True, False]
    assert "another password" not in "".join(logs)


def test_the_site_is_a_user_of_its_own_in_one_database(host: Host) -> None:
    """The master user makes it, its password follows the secret, and another database is none of its business."""
    master = {"DB_MASTER_USER": "administrator", "DB_MASTER_PASSWORD": DATABASE_PASSWORD}
    # As RDS's: it makes users and gives rights, and has none of the server's own, such as to define for others.
    host.sql.rows(
        f"CREATE USER administrator@'%' IDENTIFIED BY '{DATABASE_PASSWORD}'; GRANT SELECT, INSERT, UPDATE, DELETE, "
        "CREATE, DROP, RELOAD, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, "
        "SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, TRIGGER ON *.* TO administrator@'%' WITH GRANT OPTION",
        "mysql",
    )
    first, second = "first o'two", "another one"
    task = Task(host, "own", DB_NAME="own_user", DB_USER="site", DB_PASSWORD=first)
    try:
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: task.install(**master), range(2)))
        assert [run.code for run in runs] == [0, 0], [run.log for run in runs]
        grants = [grant for [grant] in host.sql.rows("SHOW GRANTS FOR site@'%'", "mysql")]
        assert len(grants) == 2
        assert grants[0].startswith("GRANT USAGE ON *.* TO "), "rights of the server"
        assert "ON `own\\_user`.* TO" in grants[1].replace("\\\\", "\\")
        assert "GRANT OPTION" not in grants[1]
        assert task.run("floodgate-cron").code == 0, "it does the scheduled work"
        neighbour = task.run("floodgate-cron", DB_NAME="ownXuser")
        assert "Access denied" in neighbour.log
        logs = [task.install(**master, DB_PASSWORD=second).log for _ in range(2)]
        assert ["set the password of the database's user site" in log for log in logs] == [True, False]
        assert second not in "".join(logs)
    finally:
        host.sql.rows("DROP USER IF EXISTS site@'%', administrator@'%'", "mysql")


def test_older_tables_are_upgraded_once(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    query(task, "UPDATE wp_options SET option_value = '57155' WHERE option_name = 'db_version'")
    logs = [task.install().log for _ in range(2)]
    assert ["upgraded WordPress's tables from version 57155" in log for log in logs] == [True, False]


def test_a_migration_that_was_cut_short_is_completed(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    query(
        task,
        "ALTER TABLE wp_floodgate_courses DROP COLUMN closes_at; DELETE FROM wp_floodgate_migrations WHERE version = 2",
    )
    assert "applied registration migration 2" in task.install().log
    assert query(task, "SELECT closes_at FROM wp_floodgate_courses") == ["NULL"]


def test_seats_that_are_taken_stay(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    query(task, "UPDATE wp_floodgate_courses SET taken = 9")
    assert "keeps 9 seats" in task.install(COURSE_SEATS="5").log
    assert query(task, "SELECT seats FROM wp_floodgate_courses") == ["9"]


def test_new_settings_reach_the_course(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    changed = {"COURSE_TITLE": "Diving", "SITE_TITLE": "Lakeside"}
    run = task.install(**changed)
    assert 'named the site "Lakeside"' in run.log
    assert query(task, "SELECT CONCAT(slug, ' ', title) FROM wp_floodgate_courses") == ["swimming-for-beginners Diving"]
    query(task, "UPDATE wp_options SET option_value = 'Our own name' WHERE option_name = 'blogname'")
    assert task.install(**changed).code == 0
    assert query(task, "SELECT option_value FROM wp_options WHERE option_name = 'blogname'") == ["Our own name"]


def test_what_an_organiser_changed_stays_until_the_setting_changes(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    course = "SELECT CONCAT_WS(' ', title, seats, opens_at) FROM wp_floodgate_courses"

    def install(title: str, seats: str) -> list[str]:
        run = task.install(COURSE_TITLE=title, COURSE_SEATS=seats)
        assert run.code == 0
        logs.append(run.log)
        return query(task, course)

    logs: list[str] = []

    install("Rowing", "30")
    query(task, "UPDATE wp_floodgate_courses SET title = 'Sculling', seats = 31, opens_at = 1893456000000")
    assert install("Rowing", "30") == ["Sculling 31 1893456000000"]
    assert install("Rowing", "40") == ["Sculling 40 1893456000000"]
    assert install("Rafting", "40") == ["Rafting 40 1893456000000"]
    notices = (
        ['had seats "31" from an organiser' in log for log in logs],
        ['had title "Sculling"' in log for log in logs],
    )
    assert notices == ([False, False, True, False], [False, False, False, True])
    [kept] = query(task, "SELECT option_value FROM wp_options WHERE option_name = 'floodgate_course_overruled'")
    assert "Sculling" in kept
    assert "i:31" in kept, "for the organiser's screen: both"


def test_an_opening_after_the_organisers_closing_is_told(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    query(task, "UPDATE wp_floodgate_courses SET closes_at = 1900000000000")
    logs = [task.install(COURSE_OPENS_AT="2031-01-01T12:00:00+01:00").log, task.install().log]
    assert ["never opens" in log for log in logs] == [True, False]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Anfänger_schwimmen 🏊 №1!", "anfanger-schwimmen-no1"), ("Плавание", "plavanie"), ("🏊", "course")],
)
def test_a_course_has_an_address_that_it_is_found_at(
    twice_at_once: tuple[Task, list[str]], title: str, slug: str
) -> None:
    task, _ = twice_at_once
    query(task, "DELETE FROM wp_floodgate_courses; DELETE FROM wp_options WHERE option_name = 'floodgate_course'")
    run = task.install(COURSE_TITLE=title)
    assert run.code == 0, run.log
    assert query(task, "SELECT CONCAT(slug, ' ', title) FROM wp_floodgate_courses") == [f"{slug} {title}"]


def test_times_are_those_that_were_written(twice_at_once: tuple[Task, list[str]]) -> None:
    """An opening at 12:00+01:00 is at noon, by the site's zone where that is an hour ahead, or else by its offset."""
    task, _ = twice_at_once
    course = "SELECT time_zone FROM wp_floodgate_courses WHERE origin = 'settings'"
    assert query(task, course) == ["+01:00"]
    assert "set the site's time zone to Europe/Berlin" in task.install(SITE_TIME_ZONE="Europe/Berlin").log
    assert query(task, course) == ["NULL"]
    summer = {"SITE_TIME_ZONE": "Europe/Berlin", "COURSE_OPENS_AT": "2027-07-01T12:00:00+01:00"}
    task.install(**summer)
    assert query(task, course) == ["+01:00"]
    query(task, "UPDATE wp_floodgate_courses SET time_zone = 'Europe/Lisbon' WHERE origin = 'settings'")
    task.install(**{**summer, "COURSE_OPENS_AT": "2027-07-01T12:00:00+02:00"})
    assert query(task, course) == ["Europe/Lisbon"]
    query(task, "UPDATE wp_options SET option_value = 'Asia/Tokyo' WHERE option_name = 'timezone_string'")
    assert "time zone" not in task.install(**summer).log


def test_the_stock_theme_gives_way_unless_somebody_has_edited_it(twice_at_once: tuple[Task, list[str]]) -> None:
    task, _ = twice_at_once
    theme = "SELECT option_value FROM wp_options WHERE option_name = 'stylesheet'"
    assert query(task, theme) == ["floodgate"]
    stock = (
        "UPDATE wp_options SET option_value = 'twentytwentyfive' WHERE option_name = 'stylesheet';"
        "DELETE FROM wp_options WHERE option_name = 'floodgate_theme'"
    )
    query(task, stock)
    assert "chose the theme floodgate" in task.install().log
    edited = (
        "$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_URI' => '/'];"
        "require '/var/www/wordpress/core/wp-load.php';"
        "$id = wp_insert_post(['post_type' => 'wp_template_part', 'post_status' => 'publish', 'post_name' => 'footer',"
        " 'post_title' => 'Footer', 'post_content' => 'Ours']);"
        "wp_set_object_terms($id, 'twentytwentyfive', 'wp_theme');"
    )
    done = task.run("php", "-r", edited)
    assert done.code == 0, done.log
    query(task, stock)
    assert "chose the theme" not in task.install().log
    assert query(task, theme) == ["twentytwentyfive"]


def test_organisers_are_let_in_once(twice_at_once: tuple[Task, list[str]]) -> None:
    task, logs = twice_at_once
    assert sum("gave registration to the roles administrator and editor" in log for log in logs) == 1
    roles = "SELECT option_value FROM wp_options WHERE option_name = 'wp_user_roles'"
    before = query(task, roles)
    assert before[0].count("floodgate_manage") == 2
    query(
        task,
        "UPDATE wp_options SET option_value = REPLACE(option_value, 'floodgate_manage', 'floodgate_refuse')"
        " WHERE option_name = 'wp_user_roles'",
    )
    task.install()
    assert "floodgate_manage" not in query(task, roles)[0]


@pytest.mark.parametrize(
    "command",
    [pytest.param(["floodgate-install"], id="install step"), pytest.param(["php-fpm8.4", "--test"], id="php-fpm")],
)
def test_what_is_missing_is_named(host: Host, command: list[str]) -> None:
    run = host.wordpress(host.environment(DB_HOST=None, WP_SALT=None), *command, network="none")
    assert run.code == 78
    assert run.log.splitlines() == ["floodgate: cannot start, these environment variables are not set: DB_HOST WP_SALT"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("WP_SALT", "short", "at least 64"),
        ("SITE_URL", "example.org", "scheme://host"),
        ("SITE_URL", "https://example.org/blog", "without a path"),
        ("FLOODGATE_STAGE", "test", '"dev" or "prod"'),
        ("COURSE_SEATS", "many", "a number from 1"),
        ("COURSE_OPENS_AT", "2027-03-01 12:00", "a time with its offset"),
        ("COURSE_OPENS_AT", "2027-13-01T12:00:00+01:00", "a date and time that exist"),
        ("WP_ADMIN_EMAIL", "nobody", "an e-mail address"),
        ("SITE_TIME_ZONE", "Berlin", "the name of a time zone"),
    ],
)
def test_a_wrong_setting_is_named(host: Host, name: str, value: str, says: str) -> None:
    run = host.wordpress(host.environment(**{name: value}), "floodgate-install", network="none")
    assert run.code == 78
    assert len(run.log.splitlines()) == 1
    assert name in run.log
    assert says in run.log


def test_a_database_that_does_not_come_ends_the_wait(host: Host) -> None:
    run = host.wordpress(host.environment(DB_PORT="3399", DB_PATIENCE="1"), "floodgate-install")
    assert run.code == 75
    assert "no database at database:3399 within 1 s" in run.log
