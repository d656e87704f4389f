"""Each mail that is due goes out once, whatever the mail server does, and the organiser sees what became of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from ipaddress import ip_network

import pytest
import requests
from aiosmtpd.smtp import Envelope

from tests.site.inside import php, query
from tests.site.mail_server import PASSWORD, Answer, MailServer, serve
from tests.site.organiser import Form as Filled
from tests.site.organiser import Organiser, Screen
from tests.site.task import Exit, Task, eventually
from tests.site.visitor import Editor, Form, Storm, ledger, make_storm, marker

FROM = "register@example.org"
SUBNET = "{{(index .IPAM.Config 0).Subnet}}"


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
        """Run the scheduled work once, in the container that serves."""
        container, options = (
            self.task.container("wordpress"),
            [f"--env={name}={value}" for name, value in changes.items()],
        )
        done = self.task.host.engine.run("exec", *options, container, "floodgate-cron")
        return Exit(done.returncode, done.stdout + done.stderr)

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
    server, variables = serve(host, tmp_path_factory.mktemp("mail"), FROM)
    sending = Task(host, "mailing", beside=task, **variables)
    sending.serve()
    yield Mailing(sending, server, variables)
    server.stop()
    sending.remove()


@pytest.fixture
def mailing(running: Mailing) -> Mailing:
    """An empty outbox and a server that takes all."""
    query(running.task, "DELETE FROM wp_floodgate_outbox")
    query(running.task, "UPDATE wp_floodgate_courses SET remind_hours = NULL")
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


def test_mails_of_a_kind_that_a_later_version_knows_hold_up_no_other(mailing: Mailing) -> None:
    """As after a site went back to the version before, whose sender meets what the later one had put in."""
    _, later = mailing.register("later@example.com")
    _, code = mailing.register("ada@example.com")
    query(mailing.task, f"UPDATE wp_floodgate_outbox SET kind = 'certificate' WHERE code = '{later}'")
    sent = mailing.send()
    assert sent.code == 0, sent.log
    assert [mailing.state(each) for each in (code, later)] == ["sent", "waiting"]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        pytest.param("user@müller-example.de", "user@xn--mller-example-wob.de", id="a domain with other letters"),
        pytest.param("ada@straße.example", "ada@xn--strae-oqa.example", id="a domain with a letter of its own"),
        pytest.param("a..b@example.com", '"a..b"@example.com', id="dots side by side"),
        pytest.param("a.@example.com", '"a."@example.com', id="a dot at the end"),
        pytest.param(".o'hara+x@example.com", """".o'hara+x"@example.com""", id="a dot at the beginning"),
    ],
)
def test_a_mail_goes_to_the_mailbox_that_is_meant(mailing: Mailing, typed: str, written: str) -> None:
    """As RFC 5321 writes it: dots that may not stand outside quotes stand in them. The quotes are not the mailbox's."""
    contents: list[bytes] = []

    def keep(envelope: Envelope) -> str:
        contents.append(envelope.original_content or b"")
        return mailing.server.take(envelope)

    mailing.server.answer = keep
    _, code = mailing.register(typed)
    done = mailing.send()
    assert (done.code, mailing.state(code)) == (0, "sent"), done.log
    [mail] = mailing.server.kept
    assert mail.recipients == [written.replace('"', "")]
    # Python's own reading of the header leaves the quotes out.
    assert f"To: Ada Lovelace <{written}>\r\n".encode() in contents[0]


def test_a_mail_is_one_that_every_server_takes(mailing: Mailing) -> None:
    """In ASCII, whatever its letters are, and in lines that end as a mail's do."""
    contents: list[bytes] = []

    def keep(envelope: Envelope) -> str:
        contents.append(envelope.original_content or b"")
        return mailing.server.take(envelope)

    mailing.server.answer = keep
    _, code = mailing.register("ada@example.com", "محمد Töpfer")
    done = mailing.send()
    assert (done.code, mailing.state(code)) == (0, "sent"), done.log
    [mail] = mailing.server.kept
    assert "محمد Töpfer" in mail.text
    assert contents[0].isascii()
    assert mail.text.count("\n") == mail.text.count("\r\n") > 2
    assert max(map(len, contents[0].splitlines())) <= 78


def test_a_mail_says_which_of_its_words_are_english(mailing: Mailing) -> None:
    """The site speaks Arabic, the plugin does not, and each text has its own direction."""
    mailing.register("ada@example.com", "محمد")
    query(mailing.task, "REPLACE INTO wp_options (option_name, option_value, autoload) VALUES ('WPLANG', 'ar', 'yes')")
    try:
        sent = mailing.send()
    finally:
        query(mailing.task, "UPDATE wp_options SET option_value = '' WHERE option_name = 'WPLANG'")
    assert sent.code == 0, sent.log
    [mail] = mailing.server.kept
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert '<body lang="en"' in mail.html
    assert '<p dir="auto">You have a seat.' in mail.html
    assert '<td dir="auto">محمد</td>' in mail.html


def test_who_asks_again_gets_no_second_mail_and_who_gets_no_seat_none(mailing: Mailing) -> None:
    storm = make_storm(mailing.task, 1)
    sent = form(mailing.task, storm)
    own = {"ada": {"browser": "a" * 32}, "bob": {}}
    states = [marker(sent.send(f"{who}@example.com", **own[who]).text, "state") for who in ("ada", "ada", "bob")]
    assert states == ["confirmed", "confirmed", "sold-out"]
    assert query(mailing.task, "SELECT state FROM wp_floodgate_outbox") == ["waiting"]


def test_the_page_says_that_a_mail_is_on_its_way_where_there_is_one(mailing: Mailing, task: Task) -> None:
    for site, sentence in ((mailing.task, "on its way to your e-mail address"), (task, "write the code down")):
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


def test_a_mail_that_nobody_can_make_keeps_no_other_from_going_out(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    query(mailing.task, f"UPDATE wp_floodgate_claims SET email = 'ada@-' WHERE code = '{code}'")
    mailing.register("bob@example.com")
    for _ in range(2):
        assert mailing.send().code == 0
    assert mailing.state(code) == "refused"
    assert [mail.recipients for mail in mailing.server.kept] == [["bob@example.com"]]


def test_a_mail_that_a_killed_sender_began_is_not_sent_blindly(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    query(mailing.task, "UPDATE wp_floodgate_outbox SET state = 'sending'")
    run = mailing.send()
    assert "mails unknown: 1" in run.log
    assert mailing.state(code) == "unknown"
    assert mailing.server.kept == []


def test_nothing_is_said_in_clear_or_to_another_server(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    # The engine's own bridge names no gateway until the engine has started twice; it is the first address all the same.
    subnet = mailing.task.host.engine("network", "inspect", "--format", SUBNET, "bridge").strip()
    other = str(next(ip_network(subnet).hosts()))
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


def test_a_mail_brings_the_date_to_the_calendar(mailing: Mailing) -> None:
    slug, _ = mailing.register("ada@example.com")
    query(
        mailing.task,
        f"UPDATE wp_floodgate_courses SET starts_at = 4084187400000, place = 'Old Mill' WHERE slug = '{slug}'",
    )
    mailing.send()
    [mail] = mailing.server.kept
    assert "When: June 3, 2099, 4:30 pm UTC" in mail.text
    assert "Where: Old Mill" in mail.text
    [attached] = mail.message.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "course.ics")
    assert "LOCATION:Old Mill" in attached.get_content()
    assert attached.get_param("method") is None


def seat_link(mailing: Mailing) -> str:
    """Return the address of the seat in the one mail that came."""
    [mail] = mailing.server.kept
    link = re.search(rf"{mailing.task.site}(/floodgate/seat/\S+)", mail.text)
    assert link, mail.text
    return link[1]


def give_back(mailing: Mailing, path: str, **pressed: str) -> requests.Response:
    host = {"Host": mailing.task.site.removeprefix("http://")}
    return requests.post(mailing.task.url + path, headers=host, data=pressed, allow_redirects=False, timeout=60)


def test_the_link_of_a_mail_shows_the_seat_and_gives_it_back(mailing: Mailing) -> None:
    slug, code = mailing.register("ada@example.com", seats=1)
    mailing.send()
    path = seat_link(mailing)
    for _ in range(2):  # to look changes nothing: programs look at links too
        page = mailing.task.get(path)
        assert (page.status_code, marker(page.text, "state")) == (200, "confirmed")
        assert (marker(page.text, "code") or "").replace("-", "") == code
        assert page.headers["Cache-Control"] == "no-store"
    question = give_back(mailing, path, ask="1")
    assert (question.status_code, marker(question.text, "state")) == (200, "give-back")
    assert ledger(mailing.task, slug)["taken"] == 1, "a seat is given back by one touch"
    returned = give_back(mailing, path)
    assert (returned.status_code, marker(returned.text, "state")) == (200, "cancelled")
    assert ledger(mailing.task, slug)["taken"] == 0
    after = give_back(mailing, path)
    assert (after.status_code, after.headers["Location"]) == (303, f"/register/{slug}/")
    again = form(mailing.task, Storm(slug, f"/register/{slug}/", 0, 0)).send("ada@example.com")
    assert marker(again.text, "state") == "confirmed"
    give_back(mailing, path)
    assert ledger(mailing.task, slug)["taken"] == 1, "an old link gave a new seat back"


def test_a_link_that_nobody_signed_shows_and_takes_nothing(mailing: Mailing) -> None:
    slug, _ = mailing.register("ada@example.com")
    mailing.send()
    *front, key, _ = seat_link(mailing).split("/")
    number, moment, signature = key.split("-")
    forged = "f" * 32 if signature[0] != "f" else "0" * 32
    for other in (
        f"{number}-{moment}-{forged}",
        f"{int(number) + 1}-{moment}-{signature}",
        "0-0-0",
        f"{number}-{moment}",
    ):
        path = "/".join([*front, other, ""])
        assert [mailing.task.get(path).status_code, give_back(mailing, path).status_code] == [404, 404]
    assert ledger(mailing.task, slug)["taken"] == 1


def test_no_log_has_the_key_to_a_seat(mailing: Mailing) -> None:
    mailing.register("ada@example.com")
    mailing.send()
    path = seat_link(mailing)
    mailing.task.get(path, Referer=mailing.task.site + path)
    log = eventually(lambda: found if "/floodgate/seat/" in (found := mailing.task.log("nginx")) else None)
    assert path.split("/")[4] not in log


# Hours until the course begins, of its reminder, and since somebody registered; and whether they are reminded.
REMINDERS = {
    "due": (23, 24, 48, True),
    "not-yet": (25, 24, 48, False),
    "begun": (-1, 24, 48, False),
    "registered-since": (23, 24, 0, False),
    "none-wanted": (23, None, 48, False),
}


def test_people_are_reminded_once_before_the_course(mailing: Mailing) -> None:
    hour = 3_600_000
    now = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
    for case, (begins_in, remind, registered_ago, _) in REMINDERS.items():
        slug, code = mailing.register(f"{case}@example.com")
        dates = f"starts_at = {now} + {begins_in * hour}, remind_hours = {remind or 'NULL'}"
        query(mailing.task, f"UPDATE wp_floodgate_courses SET {dates} WHERE slug = '{slug}'")
        since = f"claimed_at = {now} - {registered_ago * hour}"
        query(mailing.task, f"UPDATE wp_floodgate_claims SET {since} WHERE code = '{code}'")
    query(mailing.task, "UPDATE wp_floodgate_outbox SET state = 'sent'")
    mailing.send()
    mailing.send()
    assert [(mail.recipients, str(mail.message["Subject"])) for mail in mailing.server.kept] == [
        ([f"{case}@example.com"], "Soon: Storm") for case, (*_, reminded) in REMINDERS.items() if reminded
    ]


def test_who_was_reminded_of_another_day_is_reminded_of_the_new_one(mailing: Mailing) -> None:
    now = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
    slug, code = mailing.register("ada@example.com")

    def move(hours: int, passed: int = 0) -> int:
        """Let the course begin in so many hours, let hours pass, and count the mails that come."""
        query(
            mailing.task,
            f"UPDATE wp_floodgate_courses SET starts_at = {now} + {hours * 3_600_000}, remind_hours = 24"
            f" WHERE slug = '{slug}'",
        )
        earlier = f"- {passed * 3_600_000}"
        query(mailing.task, f"UPDATE wp_floodgate_outbox SET queued_at = queued_at {earlier} WHERE kind = 'reminder'")
        mailing.send()
        mailing.send()
        return len(mailing.server.kept)

    query(mailing.task, f"UPDATE wp_floodgate_claims SET claimed_at = {now} - 999999999 WHERE code = '{code}'")
    query(mailing.task, "UPDATE wp_floodgate_outbox SET state = 'sent'")
    assert move(23) == 1
    assert move(20, passed=3) == 1, "the same day"
    assert move(150) == 1, "moved by days: not yet"
    assert move(23, passed=130) == 2
    assert {str(mail.message["Subject"]) for mail in mailing.server.kept} == {"Soon: Storm"}


class OrganiserHere(Organiser):
    """One whose links and forms lead to their task, whatever the site's address."""

    def follow(self, url: str) -> Screen:
        """Follow a link, as ``Organiser.follow`` does."""
        return super().follow(url.replace(self.task.site, self.task.url))

    def submit(self, form: Filled, button: str = "", changes: Mapping[str, str | None] | None = None) -> Screen:
        """Send a form, as ``Organiser.submit`` does."""
        form.action = form.action.replace(self.task.site, self.task.url)
        return super().submit(form, button, changes)


def organised(mailing: Mailing, people: int) -> tuple[Organiser, int]:
    """Return an organiser, and a course of theirs with so many people, whose confirmations are out."""
    organiser = OrganiserHere(Editor.logged_in(mailing.task))
    course = organiser.course(f"Weaving {uuid.uuid4().hex[:6]}")
    for number in range(people):
        form(mailing.task, Storm(course.slug, course.path, 0, 0)).send(f"person-{number}@example.com")
    query(mailing.task, "UPDATE wp_floodgate_outbox SET state = 'sent'")
    return organiser, course.id


def organised_storm(mailing: Mailing, slug: str) -> tuple[Organiser, str]:
    """Return an organiser to whom a storm's course belongs now, and its number."""
    query(mailing.task, f"UPDATE wp_floodgate_courses SET origin = 'organiser' WHERE slug = '{slug}'")
    [course] = query(mailing.task, f"SELECT id FROM wp_floodgate_courses WHERE slug = '{slug}'")
    return OrganiserHere(Editor.logged_in(mailing.task)), course


def test_a_message_is_looked_at_and_then_goes_to_everybody_once(mailing: Mailing) -> None:
    organiser, course = organised(mailing, 3)
    screen = organiser.open(view="message", course=course)
    text = "Please bring an <apron>.\n\nThe door is open from 5."
    preview = organiser.submit(screen.form("subject"), "preview", {"subject": "Bring an apron", "text": text})
    assert "Send to 3 people" in preview.html
    assert "an &lt;apron&gt;." in preview.html
    assert mailing.send().code == 0
    assert mailing.server.kept == [], "a preview sent something"
    stale = organiser.submit(preview.form("subject"), "send", {"_wpnonce": "0"})
    assert (stale.form("subject").fields["subject"], stale.form("subject").fields["text"]) == ("Bring an apron", text)
    # A button that is pressed again and again, at once and later.
    with ThreadPoolExecutor() as presses:
        sent = list(presses.map(lambda _: organiser.submit(preview.form("subject"), "send"), range(3)))
    sent.append(organiser.submit(preview.form("subject"), "send"))
    assert all("The message is on its way" in screen.html for screen in sent)
    mailing.send()
    mailing.send()
    assert sorted(mail.recipients[0] for mail in mailing.server.kept) == [f"person-{n}@example.com" for n in range(3)]
    assert {str(mail.message["Subject"]) for mail in mailing.server.kept} == {"Bring an apron"}
    assert all("Please bring an <apron>." in mail.text and "&lt;apron&gt;" in mail.html for mail in mailing.server.kept)
    assert len({re.findall(r"/floodgate/seat/\S+", mail.text)[0] for mail in mailing.server.kept}) == 3
    log = organiser.open(view="message", course=course).html
    assert "Bring an apron" in log
    assert "Sent: 3" in log


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"subject": " ", "text": "a"}, "what the message is about", id="no subject"),
        pytest.param({"subject": "a", "text": "\n"}, "write the message", id="no text"),
        pytest.param({"subject": "a", "text": "x" * 5001}, "shorten this to 5000", id="a text too long"),
    ],
)
def test_a_message_that_says_nothing_is_not_sent(mailing: Mailing, changes: dict[str, str | None], says: str) -> None:
    organiser, course = organised(mailing, 1)
    answer = organiser.submit(organiser.open(view="message", course=course).form("subject"), "send", changes)
    assert says in answer.html
    assert query(mailing.task, f"SELECT id FROM wp_floodgate_messages WHERE course_id = {course}") == []


def test_half_a_setting_is_refused_at_the_start(mailing: Mailing) -> None:
    run = mailing.task.run("floodgate-cron", MAIL_HOST="", MAIL_PER_SECOND="")
    assert run.code == 78
    assert "are not set: MAIL_HOST MAIL_PER_SECOND" in run.log


def test_the_organiser_sees_what_became_of_mails_and_sends_one_again(mailing: Mailing) -> None:
    slug, code = mailing.register("ada@example.com")
    mailing.server.answer = lambda _: "550 5.1.1 no such mailbox"
    mailing.send()
    organiser, course = organised_storm(mailing, slug)
    editor = organiser.editor
    address = f"{mailing.task.url}/wp-admin/admin.php?page=floodgate&view=registrations&course={course}"
    ledger = editor.get(address, timeout=60).text
    assert "Refused by the mail server: 1" in ledger
    assert "no such mailbox" in ledger
    link = re.search(r'href="([^"]*view=send-again[^"]*)"', ledger)
    assert link, ledger
    mailing.server.answer = mailing.server.take
    done = editor.get(link[1].replace("&#038;", "&").replace("&amp;", "&"), timeout=60)
    assert "The e-mail goes out again" in done.text
    mailing.send()
    assert mailing.state(code) == "sent"
    assert "Sent: 1" in editor.get(address, timeout=60).text


# Of a part of the ledger: whose line an organiser ends, on which screen, and the mail's subject and words.
ENDED = {
    "claims": ("ada", "cancel", "Cancelled: Storm", "have cancelled your registration"),
    "queue": ("bob", "leave-list", "Waiting list: Storm", "taken you off the waiting list"),
}


@pytest.mark.parametrize("tick", [True, False], ids=["ticked", "not ticked"])
@pytest.mark.parametrize("part", ENDED)
def test_an_organiser_decides_whether_somebody_is_told_that_a_seat_or_place_is_gone(
    mailing: Mailing, part: str, *, tick: bool
) -> None:
    who, view, subject, words = ENDED[part]
    storm, _ = waiting(mailing, ["bob"])
    mailing.send()
    mailing.server.kept.clear()
    organiser, course = organised_storm(mailing, storm.slug)
    listed = organiser.open(view="registrations", course=course, part=part, s=who)
    screen = organiser.follow(next(link for link in listed.links if f"view={view}" in link))
    done = organiser.submit(screen.form("tell"), changes={} if tick else {"tell": None})
    assert ("an e-mail goes to" in done.html) is tick
    mailing.send()
    mailing.send()
    mails = [mail for mail in mailing.server.kept if mail.recipients == [f"{who}@example.com"]]
    assert [str(mail.message["Subject"]) for mail in mails] == [subject] * tick
    assert all(words in mail.text and "/floodgate/seat/" not in mail.text for mail in mails)
    if part == "claims":
        shown = organiser.open(view="registrations", course=course, part="cancellations").html
        assert ("Sent " in shown, "None about it" in shown) == (tick, not tick)


def test_who_gives_a_seat_back_has_it_in_writing(mailing: Mailing) -> None:
    mailing.register("ada@example.com")
    mailing.send()
    path = seat_link(mailing)
    mailing.server.kept.clear()
    give_back(mailing, path)
    give_back(mailing, path)
    mailing.send()
    [mail] = mailing.server.kept
    assert (mail.recipients, str(mail.message["Subject"])) == (["ada@example.com"], "Cancelled: Storm")
    assert "You have given your seat back" in mail.text


def test_no_mail_about_a_cancellation_goes_to_who_was_erased_since(mailing: Mailing) -> None:
    _, code = mailing.register("ada@example.com")
    mailing.send()
    give_back(mailing, seat_link(mailing))
    mailing.server.kept.clear()
    query(mailing.task, f"UPDATE wp_floodgate_cancellations SET name = '', email = '' WHERE code = '{code}'")
    mailing.send()
    assert mailing.server.kept == []


@pytest.mark.parametrize("waits", [False, True], ids=["a seat", "a place"])
def test_a_corrected_address_gets_the_mail_and_the_link_of_the_wrong_one_ends(mailing: Mailing, *, waits: bool) -> None:
    storm, _ = waiting(mailing, ["bob"])
    mailing.send()
    who, part = ("bob", "queue") if waits else ("ada", "claims")
    mailing.server.kept[:] = [mail for mail in mailing.server.kept if mail.recipients == [f"{who}@example.com"]]
    old = seat_link(mailing)
    mailing.server.kept.clear()
    organiser, course = organised_storm(mailing, storm.slug)
    listed = organiser.open(view="registrations", course=course, part=part, s=who)
    screen = organiser.follow(next(link for link in listed.links if "view=correct" in link))
    done = organiser.submit(screen.form("email"), changes={"email": f"{who}@example.net"})
    assert "goes to the new address" in done.html
    mailing.send()
    [mail] = mailing.server.kept
    assert mail.recipients == [f"{who}@example.net"]
    assert give_back(mailing, old, do="leave").status_code == 303
    counted = query(mailing.task, f"SELECT CONCAT_WS(' ', taken, queued) FROM wp_floodgate_courses WHERE id = {course}")
    assert counted == ["1 1"], "who got the mail of somebody else gave their seat or place away"
    assert marker(mailing.task.get(seat_link(mailing)).text, "state") == ("queued" if waits else "confirmed")


def waiting(mailing: Mailing, people: list[str]) -> tuple[Storm, Form]:
    """Return a course of one seat that Ada has, and for which the others wait."""
    storm = make_storm(mailing.task, 1)
    query(mailing.task, f"UPDATE wp_floodgate_courses SET waiting_list = 1 WHERE slug = '{storm.slug}'")
    sent = form(mailing.task, storm)
    states = [marker(sent.send(f"{who}@example.com", who, queue="1").text, "state") for who in ["ada", *people]]
    assert states == ["confirmed", *["queued"] * len(people)]
    return storm, sent


def test_who_waits_is_told_by_mail_and_takes_the_seat_by_its_link(mailing: Mailing) -> None:
    storm, sent = waiting(mailing, ["bob"])
    page = sent.send("bob@example.com", "bob", find="1").text
    assert "/floodgate/seat/" not in page, "who knows an address can take the seat that is held for it"
    assert "the link in the e-mail" in page
    mailing.send()
    subjects = {mail.recipients[0]: str(mail.message["Subject"]) for mail in mailing.server.kept}
    assert subjects == {"ada@example.com": "Your seat: Storm", "bob@example.com": "Waiting list: Storm"}
    mailing.server.kept[:] = [mail for mail in mailing.server.kept if mail.recipients == ["ada@example.com"]]
    give_back(mailing, seat_link(mailing))
    mailing.server.kept.clear()
    mailing.send()
    mailing.server.kept[:] = [mail for mail in mailing.server.kept if mail.recipients == ["bob@example.com"]]
    [mail] = mailing.server.kept
    assert str(mail.message["Subject"]) == "A seat for you: Storm"
    assert "held for you until" in mail.text
    path = seat_link(mailing)
    assert marker(mailing.task.get(path).text, "place") == "offered"
    mailing.server.kept.clear()
    taken = requests.post(mailing.task.url + path, data={"do": "take"}, timeout=60)
    assert marker(taken.text, "state") == "confirmed"
    mailing.send()
    mailing.send()
    [mail] = mailing.server.kept
    assert str(mail.message["Subject"]) == "Your seat: Storm"
    assert ledger(mailing.task, storm.slug)["taken"] == 1
    assert marker(mailing.task.get(path).text, "state") == "confirmed", "the link leads to the ticket from now on"


def test_an_offer_that_passed_is_told_and_one_that_was_taken_back_is_not_sent(mailing: Mailing) -> None:
    storm, _ = waiting(mailing, ["bob", "cem"])
    mailing.send()
    mailing.server.kept.clear()
    query(mailing.task, "DELETE FROM wp_floodgate_claims WHERE email = 'ada@example.com'")
    query(mailing.task, f"UPDATE wp_floodgate_courses SET taken = 0 WHERE slug = '{storm.slug}'")
    mailing.server.stop()
    mailing.send()  # Bob's offer waits with its mail, and its time passes meanwhile
    query(mailing.task, "UPDATE wp_floodgate_queue SET offered_until = 1 WHERE email = 'bob@example.com'")
    mailing.server.start()
    mailing.due()
    mailing.send()
    subjects = {mail.recipients[0]: str(mail.message["Subject"]) for mail in mailing.server.kept}
    assert subjects == {"bob@example.com": "Your seat was passed on: Storm", "cem@example.com": "A seat for you: Storm"}


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        pytest.param("a" * 32, "a" * 32, "confirmed", id="the same window"),
        pytest.param("a" * 32, "b" * 32, "sent", id="another window"),
        pytest.param("a" * 32, "", "sent", id="no script"),
        pytest.param("", "", "sent", id="never a script"),
        pytest.param("x", "x", "sent", id="made up badly"),
    ],
)
@pytest.mark.parametrize("find", [{}, {"find": "1"}], ids=["the form again", "the code again"])
def test_a_code_is_shown_to_the_window_that_has_it_and_sent_to_everybody_else(
    mailing: Mailing, find: dict[str, str], first: str, second: str, state: str
) -> None:
    storm = make_storm(mailing.task, 2)
    sent = form(mailing.task, storm)
    code = marker(sent.send("ada@example.com", browser=first).text, "code")
    assert code
    page = sent.send("ada@example.com", browser=second, **find)
    assert (page.status_code, marker(page.text, "state")) == (200, state)
    assert (code in page.text) is (state == "confirmed")
    answer = sent.send("ada@example.com", accept="application/json", browser=second, **find).json()
    shown = {"code": code, "again": True} if state == "confirmed" else {}
    assert answer == {"course": storm.slug, "state": state, **shown}


def test_who_asks_for_the_code_gets_the_mail_again_and_not_each_time(mailing: Mailing) -> None:
    slug, code = mailing.register("ada@example.com")
    sent = form(mailing.task, Storm(slug, f"/register/{slug}/", 0, 0))
    for minutes, mails in ((0, 1), (9, 1), (11, 2), (0, 2)):
        mailing.send()
        ago = f"done_at - {minutes * 60_000}"
        query(mailing.task, f"UPDATE wp_floodgate_outbox SET done_at = {ago} WHERE code = '{code}' AND state = 'sent'")
        for _ in range(3):
            assert marker(sent.send("ada@example.com", find="1").text, "state") == "sent"
        mailing.send()
        assert len(mailing.server.kept) == mails
    # Who registered before the site sent mails has one now.
    query(mailing.task, f"DELETE FROM wp_floodgate_outbox WHERE code = '{code}'")
    sent.send("ada@example.com")
    mailing.send()
    assert len(mailing.server.kept) == 3
