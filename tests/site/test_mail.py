"""Each mail that is due goes out once, whatever the mail server does, and the organiser sees what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bench.generator import certificate
from tests.ports import free_port
from tests.site.inside import php, query
from tests.site.mail_server import PASSWORD, USER, Answer, MailServer
from tests.site.task import Exit, Task
from tests.site.visitor import Editor, Form, Storm, make_storm, marker

FROM = "register@example.org"
GATEWAY = "{{(index .IPAM.Config 0).Gateway}}"


@dataclass
class Mailing:
    """A task that sends mails, beside the one that does not, and the server that takes them."""

    task: Task
    server: MailServer
    variables: dict[str, str]

    def register(self, email: str, name: str = "Ada Lovelace", seats: int = 5) -> tuple[str, str]:
        """Take a seat in a course of its own; the course's slug and the code."""
        storm = make_storm(self.task, seats)
        page = form(self.task, storm).send(email, name).text
        return storm.slug, (marker(page, "code") or page).replace("-", "")

    def send(self, **changes: str) -> Exit:
        """Run the scheduled work once."""
        return self.task.run("floodgate-cron", **{**self.variables, **changes})

    def state(self, code: str) -> str:
        """Return what the outbox says of a registration's mail; empty: nothing."""
        return " ".join(query(self.task, f"SELECT state FROM wp_floodgate_outbox WHERE code = '{code}'"))

    def due(self) -> None:
        """Let the time pass after which mails are tried again."""
        query(self.task, "UPDATE wp_floodgate_outbox SET due_at = 0 WHERE state = 'waiting'")


def form(task: Task, storm: Storm) -> Form:
    """Return a course's form that is sent to this task, whatever the site's address."""
    found = Form.on(task, storm.path)
    return replace(found, action=found.action.replace(task.site, task.url))


@pytest.fixture(scope="module")
def running(task: Task, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailing]:
    host = task.host
    gateway = host.engine("network", "inspect", "--format", GATEWAY, host.network).strip()
    port = free_port()
    chain, key = certificate.write(tmp_path_factory.mktemp("mail"), gateway)
    # The tasks trust it as they trust their database.
    trust = "cat >/authorities/mail.crt && openssl rehash /authorities"
    host.engine("exec", "-i", host.database, "sh", "-c", trust, stdin=chain.read_text())
    server = MailServer(port, chain, key)
    variables = {
        "MAIL_FROM": FROM,
        "MAIL_HOST": gateway,
        "MAIL_PORT": str(port),
        "MAIL_USER": USER,
        "MAIL_PASSWORD": PASSWORD,
        "MAIL_PER_SECOND": "100",
        "MAIL_CONFIGURATION_SET": "floodgate-dev",
    }
    sending = Task(host, "mailing", beside=task, **variables)
    sending.serve()
    yield Mailing(sending, server, variables)
    server.stop()
    sending.remove()


@pytest.fixture
def mailing(running: Mailing) -> Mailing:
    """An empty outbox and a server that takes all."""
    query(running.task, "DELETE FROM wp_floodgate_outbox")
    running.server.kept.clear()
    running.server.answer = running.server.take
    running.server.stop()
    running.server.start()
    return running


def test_a_seat_is_confirmed_by_a_mail_once(mailing: Mailing) -> None:
    slug, code = mailing.register("ada@example.com", "Ada <b>Lovelace</b>")
    assert mailing.state(code) == "waiting"
    first, second = mailing.send(), mailing.send()
    assert (first.code, second.code) == (0, 0), first.log + second.log
    assert "mails sent: 1" in first.log
    [mail] = mailing.server.kept
    shown = "-".join(re.findall("....", code))
    assert mail.sender == FROM
    assert mail.recipients == ["ada@example.com"]
    assert mail.message["From"] == f"Riverside Courses <{FROM}>"
    assert mail.message["Subject"] == "Your seat: Storm"
    assert mail.message["Message-ID"].endswith("@example.org>")
    assert mail.message["X-Mailer"] is None
    assert mail.message["X-SES-CONFIGURATION-SET"] == "floodgate-dev"
    assert shown in mail.text
    assert f"{mailing.task.site}/register/{slug}/" in mail.text
    assert shown in mail.html
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in mail.html
    assert query(mailing.task, f"SELECT message_id FROM wp_floodgate_outbox WHERE code = '{code}'") == ["0102-000001"]


def test_who_asks_again_gets_no_second_mail_and_who_gets_no_seat_none(mailing: Mailing) -> None:
    storm = make_storm(mailing.task, 1)
    sent = form(mailing.task, storm)
    states = [marker(sent.send(f"{who}@example.com").text, "state") for who in ("ada", "ada", "bob")]
    assert states == ["confirmed", "confirmed", "sold-out"]
    assert query(mailing.task, "SELECT state FROM wp_floodgate_outbox") == ["waiting"]


def test_the_page_says_that_a_mail_is_on_its_way_where_there_is_one(mailing: Mailing, task: Task) -> None:
    for site, sentence in ((mailing.task, "on its way to your address"), (task, "write the code down")):
        storm = make_storm(site, 1)
        assert sentence in form(site, storm).send("ada@example.com").text
    assert len(query(mailing.task, "SELECT id FROM wp_floodgate_outbox")) == 1


def test_a_dead_mail_server_delays_and_loses_nothing(mailing: Mailing) -> None:
    mailing.server.stop()
    codes = [mailing.register(f"person-{n}@example.com")[1] for n in range(3)]
    run = mailing.send()
    assert run.code == 70
    assert "no mail server, the mails wait" in run.log
    assert [mailing.state(code) for code in codes] == ["waiting"] * 3
    mailing.server.start()
    assert mailing.send().code == 0
    assert [each.recipients for each in mailing.server.kept] == [[f"person-{n}@example.com"] for n in range(3)]


@pytest.mark.parametrize(
    ("answer", "state", "again"),
    [
        pytest.param(lambda _: "550 5.1.1 no such mailbox", "refused", 0, id="refused for good"),
        pytest.param(lambda _: "451 4.3.0 later, please", "waiting", 1, id="later"),
        pytest.param(lambda _: None, "unknown", 0, id="hung up before its answer"),
    ],
)
def test_what_the_server_says_decides_whether_a_mail_is_tried_again(
    mailing: Mailing, answer: Answer, state: str, again: int
) -> None:
    _, code = mailing.register("ada@example.com")
    mailing.server.answer = answer
    mailing.send()
    assert mailing.state(code) == state
    mailing.server.answer = mailing.server.take
    mailing.send()
    assert mailing.server.kept == [], "it was tried again at once"
    mailing.due()
    mailing.send()
    assert len(mailing.server.kept) == again


def test_a_mail_that_a_killed_sender_began_is_not_sent_blindly(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    query(mailing.task, "UPDATE wp_floodgate_outbox SET state = 'sending'")
    run = mailing.send()
    assert "mails unknown: 1" in run.log
    assert mailing.state(code) == "unknown"
    assert mailing.server.kept == []


def test_nothing_is_said_in_clear_or_to_another_server(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    other = mailing.task.host.engine("network", "inspect", "--format", GATEWAY, "bridge").strip()
    for changes, reason in (
        ({"MAIL_HOST": other}, "does not encrypt with a certificate of its name"),
        ({"MAIL_PASSWORD": PASSWORD[::-1]}, "refuses the user and password of its secret"),
    ):
        run = mailing.send(**changes)
        assert run.code == 70
        assert reason in run.log
        assert PASSWORD not in run.log
    assert mailing.state(code) == "waiting"
    assert mailing.server.kept == []


def test_a_registration_that_is_gone_gets_no_mail(mailing: Mailing) -> None:
    cancelled, erased = (mailing.register(f"{who}@example.com")[1] for who in ("ada", "bob"))
    query(mailing.task, f"DELETE FROM wp_floodgate_claims WHERE code = '{cancelled}'")
    query(mailing.task, f"UPDATE wp_floodgate_claims SET email = '', name = '' WHERE code = '{erased}'")
    mailing.send()
    assert [mailing.state(code) for code in (cancelled, erased)] == ["dropped", "dropped"]
    assert mailing.server.kept == []


def test_wordpress_sends_its_own_mails_the_same_way(mailing: Mailing) -> None:
    load = "require '/var/www/wordpress/core/wp-load.php'; var_dump(wp_mail('ada@example.com', 'A subject', 'A text'));"
    assert "bool(true)" in php(mailing.task, load)
    [mail] = mailing.server.kept
    assert (mail.sender, mail.message["From"]) == (FROM, f"Riverside Courses <{FROM}>")


def test_half_a_setting_is_refused_at_the_start(mailing: Mailing) -> None:
    run = mailing.send(MAIL_HOST="", MAIL_PER_SECOND="")
    assert run.code == 78
    assert "are not set: MAIL_HOST MAIL_PER_SECOND" in run.log


def test_the_organiser_sees_what_became_of_mails_and_sends_one_again(mailing: Mailing) -> None:
    slug, code = mailing.register("ada@example.com")
    mailing.server.answer = lambda _: "550 5.1.1 no such mailbox"
    mailing.send()
    query(mailing.task, f"UPDATE wp_floodgate_courses SET origin = 'organiser' WHERE slug = '{slug}'")
    [course] = query(mailing.task, f"SELECT id FROM wp_floodgate_courses WHERE slug = '{slug}'")
    editor = Editor(mailing.task)
    editor.log_in()
    address = f"{mailing.task.url}/wp-admin/admin.php?page=floodgate&view=registrations&course={course}"
    ledger = editor.get(address, timeout=60).text
    assert "Refused by the mail server: 1" in ledger
    assert "no such mailbox" in ledger
    link = re.search(r'href="([^"]*view=send-again[^"]*)"', ledger)
    assert link, ledger
    mailing.server.answer = mailing.server.take
    done = editor.get(link[1].replace("&#038;", "&").replace("&amp;", "&"), timeout=60)
    assert "The mail goes out again" in done.text
    mailing.send()
    assert mailing.state(code) == "sent"
    assert "Sent: 1" in editor.get(address, timeout=60).text
