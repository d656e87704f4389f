"""The claim path alone: who gets which answer, in which form, and what it does without its database."""

from __future__ import annotations

import html
import json
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from preview import composition
from tests.site.inside import CLASSES, php, rows
from tests.site.task import ROOT, Task, eventually
from tests.site.turns import CountedLine
from tests.site.visitor import Form, Storm, as_person, ledger, make_storm, marker

FIELDS = [
    {"key": "level", "label": "Level", "type": "select", "required": True, "options": ["A", "B & C"], "max_length": 50},
    {"key": "notes", "label": "Notes <i>", "type": "textarea", "required": False, "options": [], "max_length": 20},
]


def change(task: Task, storm: Storm, **columns: object) -> None:
    """Change the course as an organiser could."""
    changes = ", ".join(f"{name} = {value!r}" for name, value in columns.items())
    rows(task.host, f"UPDATE wp_floodgate_courses SET {changes} WHERE slug = '{storm.slug}'")


def with_fields(task: Task, seats: int = 5) -> Form:
    """Return the form of a course that asks two things."""
    storm = make_storm(task, seats)
    change(task, storm, fields=json.dumps(FIELDS))
    return Form.on(task, storm.path)


def test_who_asks_again_is_told_that_the_seat_is_theirs(task: Task) -> None:
    storm = make_storm(task, 3)
    form = Form.on(task, storm.path)
    first, again = (form.send("ada@example.org") for _ in range(2))
    assert [marker(page.text, "state") for page in (first, again)] == ["confirmed"] * 2
    assert [marker(page.text, "again") for page in (first, again)] == [None, "yes"]
    assert marker(first.text, "code") == marker(again.text, "code")
    assert ledger(task, storm.slug)["taken"] == 1


@pytest.mark.parametrize(
    ("one_per_email", "seats"), [pytest.param(1, 1, id="one person"), pytest.param(0, 2, id="several people")]
)
def test_whether_an_address_is_one_person_is_the_organisers_choice(task: Task, one_per_email: int, seats: int) -> None:
    storm = make_storm(task, 5)
    change(task, storm, one_per_email=one_per_email)
    form = Form.on(task, storm.path)
    spellings = ["Zoë Straße", "ZOË STRASSE", "Zoe\u0308  Straße", "Max Straße"]
    codes = {marker(form.send("home@example.org", name).text, "code") for name in spellings}
    assert len(codes) == seats
    assert ledger(task, storm.slug)["taken"] == seats


def test_the_organisers_choice_changes_in_the_middle_of_a_claim_and_gives_nobody_two_seats(task: Task) -> None:
    """Until somebody has a seat the choice may change; a claim that is under way then was made by the old one."""
    claims = """
    $courses = new Floodgate\\Registration\\Courses($database);
    $claims = new Floodgate\\Registration\\Claims($database);
    $ada = Floodgate\\Registration\\Claimant::from('Ada', 'ada@example.org');
    $read = $courses->find($argv[1]);
    $database->write('UPDATE wp_floodgate_courses SET one_per_email = 0 WHERE slug = ?', [$argv[1]]);
    try {
        $claims->claim($read, $ada);
    } catch (Floodgate\\Registration\\DatabaseError $error) {
        echo $error->getMessage();
    }
    $claims->claim($courses->find($argv[1]), $ada);
    """
    storm = make_storm(task, 5)
    assert "the course changed" in php(task, claims, storm.slug)
    assert (ledger(task, storm.slug)["sold"], ledger(task, storm.slug)["taken"]) == (1, 1)


def test_answers_to_the_organisers_questions_are_kept(task: Task) -> None:
    form = with_fields(task)
    typed = {"answer[level]": "B & C", "answer[notes]": " two\r\n lines\t", "answer[other]": "x"}
    assert form.send("ada@example.org", **typed).status_code == 200
    [[kept]] = rows(task.host, "SELECT answers FROM wp_floodgate_claims ORDER BY id DESC LIMIT 1")
    assert json.loads(kept.replace("\\\\", "\\")) == {"level": "B & C", "notes": "two\nlines"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param({}, "“Level” needs an answer", id="missing"),
        pytest.param({"answer[level]": "C"}, "choose one of the answers to “Level”", id="not offered"),
        pytest.param({"answer[level]": "A", "answer[notes]": "x" * 21}, "shorten “Notes <i>” to 20", id="too long"),
        pytest.param({"answer[level][]": "A"}, "“Level” needs an answer", id="list for one answer"),
        pytest.param({"answer": "A"}, "“Level” needs an answer", id="text for all answers"),
    ],
)
def test_a_wrong_answer_is_explained_and_kept_in_the_form(task: Task, typed: dict[str, str], says: str) -> None:
    form = with_fields(task)
    page = form.send("ada@example.org", **typed)
    assert (page.status_code, marker(page.text, "state")) == (422, "invalid")
    assert says in html.unescape(page.text)
    assert "<i>" not in page.text
    assert 'value="ada@example.org"' in page.text
    answer = form.send("ada@example.org", accept="application/json", **typed).json()
    assert answer["state"] == "invalid"
    assert [sentence for sentence in answer["mistakes"].values() if says in sentence]


def test_a_course_that_has_ended_takes_nobody_and_forgets_nobody(task: Task) -> None:
    storm = make_storm(task, 5)
    form = Form.on(task, storm.path)
    code = marker(form.send("early@example.org").text, "code")
    change(task, storm, closes_at=int((storm.now + 0.001) * 1000))
    late = form.send("late@example.org")
    assert (late.status_code, marker(late.text, "state")) == (409, "ended")
    again = form.send("early@example.org")
    assert (marker(again.text, "state"), marker(again.text, "code")) == ("confirmed", code)
    assert ledger(task, storm.slug)["taken"] == 1


def test_a_program_is_answered_in_json(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    answers = [form.send(f"{who}@example.org", accept="application/json") for who in ("ada", "ada", "bob")]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json"}
    first, again, late = (answer.json() for answer in answers)
    assert first == {"course": storm.slug, "state": "confirmed", "code": first["code"], "again": False}
    assert again == {**first, "again": True}
    assert (answers[2].status_code, late) == (409, {"course": storm.slug, "state": "sold-out"})


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_a_post_claims(task: Task, method: str) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    data = {"name": "Ada", "email": "ada@example.org", **form.hidden}
    answer = requests.request(method, form.action, data=data, allow_redirects=False, timeout=30)
    reads = method in ("GET", "HEAD")
    assert answer.status_code == (303 if reads else 405)
    assert answer.headers.get("Location") == (storm.path if reads else None)
    assert ledger(task, storm.slug)["sold"] == 0


def test_a_course_that_does_not_exist_has_no_page_either(task: Task) -> None:
    answer = requests.post(f"{task.url}/floodgate/claim/no-such-course/", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register/no-such-course/")


def test_a_form_that_is_too_large_is_refused_before_php(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    assert form.send("ada@example.org", "x" * 300_000).status_code == 413


def test_a_form_with_all_that_it_has_room_for_is_taken(task: Task) -> None:
    storm = make_storm(task, 1)
    questions = [{**FIELDS[1], "key": f"n{n}", "max_length": 1_000} for n in range(20)]
    change(task, storm, fields=json.dumps(questions))
    answers = {f"answer[n{n}]": "\U0001f3ca" * 1_000 for n in range(20)}
    assert Form.on(task, storm.path).send("ada@example.org", "\U0001f3ca" * 200, **answers).status_code == 200


def test_what_a_request_left_on_the_connection_is_forgotten(task: Task) -> None:
    """A transaction that its request did not end: the next one on the same connection knows nothing of it."""
    abandoned = """
    $database->write("START TRANSACTION");
    $database->write("UPDATE wp_floodgate_courses SET taken = taken + 1 WHERE slug = ?", [$argv[1]]);
    $same = $database->row("SELECT CONNECTION_ID() AS id")["id"];
    unset($database);
    $database = Floodgate\\Registration\\Database::ofProcess(getenv('DB_HOST'), (int) getenv('DB_PORT'),
        getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 'wp_');
    echo json_encode($database->row(
        "SELECT CONNECTION_ID() = ? AS kept, taken FROM wp_floodgate_courses WHERE slug = ?", [(int) $same, $argv[1]]));
    """
    storm = make_storm(task, 1)
    outcome = json.loads(php(task, abandoned, storm.slug))
    assert outcome == {"kept": "1", "taken": "0"}


def test_without_its_database_people_wait_and_the_connection_comes_back(task: Task) -> None:
    storm = make_storm(task, 2)
    form = Form.on(task, storm.path)
    assert form.send("ada@example.org").status_code == 200  # the workers hold connections now
    task.host.engine("kill", task.host.database)
    try:
        page, program = (form.send("bob@example.org", accept=kind) for kind in ("text/html", "application/json"))
    finally:
        task.host.engine("start", task.host.database)
    assert (page.status_code, marker(page.text, "state")) == (503, "waiting")
    assert (program.status_code, program.json()["data"]["status"]) == (503, 503)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in (page, program))
    task.wait_until_ready()
    assert form.send_until_answered("bob@example.org")[0] == "confirmed"
    assert marker(form.send("ada@example.org").text, "again") == "yes"


TWICE = """
    $_SERVER['REQUEST_METHOD'] = 'POST';
    $_SERVER['HTTP_ACCEPT'] = 'application/json';
    while (($line = fgets(STDIN)) !== false) {
        [$slug, $_POST] = json_decode($line, true);
        $_SERVER['REQUEST_URI'] = "/floodgate/claim/$slug/";
        Floodgate\\Http\\LeanClaim::answer();
        gc_collect_cycles();
    }
"""


def test_a_database_that_has_become_a_reader_sells_nothing_and_sells_again_as_a_writer(task: Task) -> None:
    """What a failover leaves at the old writer's address until its name leads elsewhere."""
    if task.host.server == "mariadb":
        pytest.skip("MariaDB's read_only does not hold for the tests' account, which may do everything")
    storm = make_storm(task, 2)
    form = Form.on(task, storm.path)
    assert form.send("ada@example.org").status_code == 200
    rows(task.host, "SET GLOBAL super_read_only = ON")
    try:
        page = form.send("bob@example.org")
        assert task.get(storm.path).status_code == 200
    finally:
        rows(task.host, "SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF")
    assert (page.status_code, marker(page.text, "state")) == (503, "waiting")
    assert marker(form.send("bob@example.org").text, "state") == "confirmed"
    assert ledger(task, storm.slug)["taken"] == 2


def test_a_claim_is_two_round_trips(task: Task) -> None:
    """One takes up the kept connection, one is the claim: with a seat or without, for the first time or again."""
    gateway, address = task.host.engine(
        *("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}} {{.IPAddress}}{{end}}"),
        task.host.database,
    ).split()
    plain, asking = make_storm(task, 2), make_storm(task, 5)
    change(task, asking, fields=json.dumps(FIELDS))
    forms = {storm.slug: Form.on(task, storm.path) for storm in (plain, asking)}
    with CountedLine((address, 3306)) as line:
        # A site that sends mails writes one more row.
        mail = {f"MAIL_{name}": "1" for name in ("FROM", "HOST", "PORT", "USER", "PASSWORD", "PER_SECOND")}
        variables = {**task.environment, "DB_PORT": str(line.port), **mail}
        options = composition.wordpress(task.host.network, None, task.host.authorities, variables)
        run = ("run", "--rm", "--interactive", "--label", task.host.label)
        process = subprocess.Popen(
            [
                *(*task.host.engine.docker, *run, "--add-host", f"{composition.DATABASE}:{gateway}", *options),
                *(task.built, "php", "-d", "opcache.enable_cli=0", "-r", CLASSES.partition("$database")[0] + TWICE),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None

        def claim(storm: Storm, who: str) -> tuple[str, bool | None, int]:
            assert process.stdin is not None
            assert process.stdout is not None
            data = {"name": "Ada", "email": f"{who}@example.org", "answer": {"level": "A"}, "browser": "a" * 32}
            data.update(forms[storm.slug].hidden)
            before = line.turns
            process.stdin.write(json.dumps([storm.slug, data]) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            return answer["state"], answer.get("again"), line.turns - before

        for storm in (plain, asking):
            claim(storm, "first")  # makes the connection, and learns of the course
        claims = [
            claim(storm, who) for storm, who in [(plain, "b"), (plain, "b"), (plain, "c"), (plain, "d"), (asking, "b")]
        ]
        process.stdin.close()
        process.wait(30)
    assert claims == [
        ("confirmed", False, 2),
        ("confirmed", True, 2),
        ("sold-out", None, 2),
        ("sold-out", None, 2),
        ("confirmed", False, 2),
    ]
    assert line.made == 1


def test_a_database_that_says_nothing_keeps_nobody_longer_than_people_wait(task: Task) -> None:
    storm = make_storm(task, 2)
    form = Form.on(task, storm.path)
    for person in ("ada@example.org", "bob@example.org"):
        assert form.send(person).status_code in (200, 409)  # the workers hold connections now
    source = (ROOT / "src/wordpress/mu-plugins/floodgate/Registration/ProcessLink.php").read_text()
    [patience] = map(int, re.findall(r"const PATIENCE = (\d+);", source))
    task.host.engine("pause", task.host.database)
    try:
        with ThreadPoolExecutor(3) as pool:
            page, ready = (pool.submit(task.get, path) for path in (f"/?replytocom={storm.slug}", "/floodgate/ready"))
            answers = [form.send("ada@example.org"), page.result()]
    finally:
        task.host.engine("unpause", task.host.database)
    for answer in answers:
        assert (answer.status_code, marker(answer.text, "state")) == (503, "waiting")
        # The patience is the database's; beside it there is the work of a machine that may be busy.
        assert answer.elapsed.total_seconds() < patience + 1.5
    assert ready.result().json() == {"ready": False, "reason": "database"}
    assert "floodgate: claim: " in task.log("wordpress")
    assert form.send_until_answered("ada@example.org")[0] == "confirmed"


def test_a_database_that_rds_has_not_certified_is_not_talked_to(task: Task) -> None:
    """Each way to the database, in a container that trusts what the image trusts, and not the tests' server."""
    status = "register_shutdown_function(static fn (): int => print(http_response_code()));"
    ways = {
        "claim": CLASSES,
        "WordPress": "require '/var/www/wordpress/core/wp-load.php'; echo 'loaded';",
        "ready": f"{status} require '/var/www/wordpress/ready.php';",
        "warm": f"{status} require '/var/www/wordpress/warm.php';",
    }
    each = 'for code; do php -d display_errors=stderr -r "$code" 2>&1; printf "\\0"; done'
    environment = {**task.environment, "DB_PATIENCE": "1"}
    options = composition.wordpress(task.host.network, None, task.host.authorities, environment)
    mount = options.index(f"{task.host.authorities}:/etc/floodgate/rds:ro")
    del options[mount - 1 : mount + 1]
    call = ("run", "--rm", "--label", task.host.label, *options, task.built)
    output = task.host.engine(*call, "sh", "-c", each, "sh", *ways.values())
    words_of = dict(zip(ways, output.split("\0"), strict=False))
    words_of["install"] = task.host.engine.run(*call, "floodgate-install").stdout
    assert "loaded" not in words_of.pop("WordPress")
    assert all("SSL" in words for words in words_of.values()), words_of
    assert [words_of[way].rstrip()[-3:] for way in ("ready", "warm")] == ["503", "503"]


def test_a_ghost_request_and_its_person_have_one_seat(task: Task) -> None:
    """The client is gone before the answer: the database is held up meanwhile, so that it is."""
    storm = make_storm(task, 5)
    form = Form.on(task, storm.path)
    task.host.engine("pause", task.host.database)
    try:
        with pytest.raises(requests.ReadTimeout):
            requests.post(
                form.action,
                data={"name": "Ada", "email": "ghost@example.org", **form.hidden},
                headers=as_person("ghost"),
                timeout=0.3,
            )
    finally:
        task.host.engine("unpause", task.host.database)
    eventually(lambda: ledger(task, storm.slug)["sold"] == 1)
    back = form.send("ghost@example.org")
    assert (marker(back.text, "state"), marker(back.text, "again")) == ("confirmed", "yes")
    assert ledger(task, storm.slug)["taken"] == 1


def test_a_database_that_came_without_routines_gets_them_with_the_first_claim(task: Task) -> None:
    storm = make_storm(task, 2)
    made = "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()"
    schema = task.environment["DB_NAME"]
    [[routine]] = rows(task.host, made, schema)
    rows(task.host, f"DROP PROCEDURE {routine}", schema)
    assert marker(Form.on(task, storm.path).send("ada@example.org").text, "state") == "confirmed"
    assert rows(task.host, made, schema) == [[routine]]


def test_an_old_form_is_renewed_with_what_was_typed(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    old = php(
        task,
        "echo (new Floodgate\\Registration\\FormToken(getenv('WP_SALT')))->issue($argv[1], time() - 90000);",
        storm.slug,
    )
    page = form.send("ada@example.org", token=old)
    assert (page.status_code, marker(page.text, "state")) == (422, "invalid")
    renewed = re.search(r'name="token" value="([^"]+)"', page.text)
    assert renewed
    assert abs(int(renewed[1].partition(".")[0]) - time.time()) < 660
    assert Form(form.action, {"token": renewed[1]}).send("ada@example.org").status_code == 200


def test_a_connection_that_failed_is_never_used_again(task: Task) -> None:
    """What is wrong with it may last: a server that has become a read-only replica answers pings."""
    connect = """Floodgate\\Registration\\Database::ofProcess(getenv('DB_HOST'), (int) getenv('DB_PORT'),
        getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 'wp_')"""
    code = f"""
    $number = static fn ($database): string => (string) $database->row("SELECT CONNECTION_ID() AS id")["id"];
    $first = $number($database);
    unset($database);
    $database = {connect};
    $kept = $number($database) === $first;
    $database->abandon();
    $database->abandon();
    unset($database);
    echo json_encode([$kept, $number({connect}) === $first]);
    """
    assert json.loads(php(task, code)) == [True, False]


def test_the_classes_of_a_claim_are_there_before_it(task: Task) -> None:
    """Looking for them and linking them anew would be a sixth of what a claim costs PHP."""
    (preload,) = re.findall(r"^opcache\.preload => (\S+)", task.exec("wordpress", "php-fpm8.4", "-i"), re.MULTILINE)
    output = task.exec(
        "wordpress",
        *("php", "-d", "opcache.enable_cli=1", "-d", f"opcache.preload={preload}", "-r"),
        "echo json_encode(opcache_get_status()['preload_statistics']['classes']);",
    )
    assert {"Floodgate\\Http\\LeanClaim", "Floodgate\\Registration\\Claims"} <= set(json.loads(output))
