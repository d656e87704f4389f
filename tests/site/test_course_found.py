"""How people come upon a course: list, site map, search, links that are shared; and how they do not upon a draft."""

from __future__ import annotations

import html
import http.client
import io
import json
import re
import uuid
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from PIL import Image

from tests.site.inside import query
from tests.site.organiser import Course, Organiser, wordpress
from tests.site.task import COURSE, Task, eventually
from tests.site.visitor import Editor, Form, make_storm, marker

SUMMARY = 'Three Saturdays at the "wheel" & kiln: <centre>, pull, glaze.'


class Head(HTMLParser):
    """What a page says of itself to programs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.canonical = ""
        self.data: dict[str, Any] = {}
        self._is_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        for key in ("name", "property"):
            if tag == "meta" and key in attributes:
                self.meta[attributes[key]] = attributes["content"]
        if tag == "link" and attributes.get("rel") == "canonical":
            self.canonical = attributes["href"]
        self._is_data = tag == "script" and attributes.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.data = json.loads(data)
            self._is_data = False


@pytest.fixture(scope="module")
def organiser(editor: Editor) -> Organiser:
    return Organiser(editor)


def test_dev_is_installed_as_a_site_that_nobody_lists(task: Task) -> None:
    """Before anybody else here has said otherwise."""
    assert wordpress(task, "return get_option('blog_public');") in {"0", 0}
    assert read(task, COURSE).meta.get("robots") == "noindex"


@pytest.fixture
def public(task: Task) -> Iterator[None]:
    """A site that search engines may list, as production's is."""
    wordpress(task, "return update_option('blog_public', '1');")
    yield
    wordpress(task, "return update_option('blog_public', '0');")


def jpeg(width: int = 1600, height: int = 900) -> bytes:
    memory = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(memory, "JPEG")
    return memory.getvalue()


def save(organiser: Organiser, course: Course | None, file: tuple[str, bytes] | None = None, **changes: str) -> str:
    """Submit a course's form as a browser does that may send a file, and return the screen."""
    form = organiser.open("floodgate-course", **({"course": course.id} if course else {})).form("title")
    sent = {"picture_file": file} if file else {"picture_file": ("", b"")}
    data = {**form.fields, "do": "save", **changes}
    return organiser.editor.post(form.action, data=data, files=sent, timeout=60).text


def read(task: Task, path: str) -> Head:
    return Head(task.get(path).text)


def shown(task: Task, path: str, what: str) -> bool:
    return what in task.get(path).text


def is_shown(task: Task, path: str, what: str, wanted: bool) -> bool:
    return shown(task, path, what) is wanted


@pytest.fixture(scope="module")
def course(organiser: Organiser) -> Course:
    made = organiser.course(
        "Glaze & fire",
        slug="glaze-and-fire",
        summary=SUMMARY,
        zone="Europe/Berlin",
        place="Old Mill, Court 2",
        seats="1",
        starts="2099-06-05T18:30",
        ends="2099-06-05T21:00",
        closes="2099-06-01T00:00",
    )
    assert "The course was saved" in save(organiser, made, ("clay.jpg", jpeg()), picture_alt="A bowl")
    return made


def test_a_shared_link_shows_title_summary_and_picture(task: Task, course: Course) -> None:
    head = eventually(lambda: found if "og:image" in (found := read(task, course.path)).meta else None)
    assert head.canonical == head.meta["og:url"] == task.site + course.path
    assert head.meta["og:title"] == "Glaze & fire"
    assert head.meta["description"] == head.meta["og:description"] == SUMMARY
    assert (head.meta["og:image:alt"], head.meta["twitter:card"]) == ("A bowl", "summary_large_image")
    picture = requests.get(head.meta["og:image"].replace(task.site, task.url), timeout=30)
    assert Image.open(io.BytesIO(picture.content)).size == (
        int(head.meta["og:image:width"]),
        int(head.meta["og:image:height"]),
    )
    assert int(head.meta["og:image:width"]) >= 1200


def test_programs_read_an_event_that_stays_true(task: Task, course: Course) -> None:
    """Whoever keeps it for a day must not tell people of seats that are gone: open and sold out say the same."""
    event = read(task, course.path).data
    assert (event["@type"], event["name"], event["description"]) == ("Event", "Glaze & fire", SUMMARY)
    assert (event["startDate"], event["endDate"]) == ("2099-06-05T18:30:00+02:00", "2099-06-05T21:00:00+02:00")
    assert event["location"]["name"] == "Old Mill, Court 2"
    offer = event["offers"]
    assert (offer["validFrom"], offer["availabilityEnds"]) == ("2020-01-01T10:00:00+01:00", "2099-06-01T00:00:00+02:00")
    assert marker(Form.on(task, course.path).send("ada@example.org").text, "state") == "confirmed"
    sold_out = eventually(lambda: page if marker(page := task.get(course.path).text, "state") == "sold-out" else None)
    assert Head(sold_out).data == event
    assert "InStock" not in sold_out


@pytest.mark.parametrize(
    ("opens_in", "bytes_max"), [pytest.param(0, 1150, id="open"), pytest.param(3600, 1250, id="closed")]
)
def test_the_pages_of_a_storm_stay_light(task: Task, opens_in: float, bytes_max: int) -> None:
    """What a thousand people reload: 1,046 and 1,185 bytes before links had a preview, by the same course's name."""
    storm = make_storm(task, 12, opens_in)
    query(task, f"UPDATE wp_floodgate_courses SET title = 'Swimming for beginners' WHERE slug = '{storm.slug}'")
    eventually(lambda: shown(task, storm.path, "Swimming for beginners"))
    page = requests.get(task.url + storm.path, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30)
    body = page.raw.read(decode_content=False)
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(body) <= bytes_max


def test_a_course_without_a_date_is_no_event(task: Task, organiser: Organiser) -> None:
    plain = organiser.course("Talk", text="<h2>First</h2>Words &amp; more.\n\nOther " + "words " * 60)
    head = read(task, plain.path)
    assert head.data == {}
    assert head.meta["description"].startswith("First Words & more. Other words")
    assert head.meta["description"].endswith("words …")
    assert len(head.meta["description"]) <= 162


def test_a_picture_is_shown_in_its_sizes_and_leaves_no_hole(task: Task, organiser: Organiser, course: Course) -> None:
    page = task.get(course.path).text
    tag = re.search(r'<img src="([^"]*)" srcset="([^"]*)"[^>]*alt="A bowl">', page)
    assert tag, page
    widths = [int(width) for width in re.findall(r" (\d+)w", tag[2])]
    assert widths == sorted(widths)
    assert widths[-1] == 1600
    assert all(
        requests.head(a.replace(task.site, task.url), timeout=30).ok for a in re.findall(r"(http\S+) \d+w", tag[2])
    )
    assert eventually(lambda: shown(task, "/", 'alt="A bowl"'))

    other = organiser.course("Bowls", slug="bowls")
    save(organiser, other, ("bowl.jpg", jpeg(900, 600)))
    eventually(lambda: shown(task, other.path, "<img "))
    [attachment] = query(task, f"SELECT JSON_EXTRACT(picture, '$.id') FROM wp_floodgate_courses WHERE id = {other.id}")
    wordpress(task, f"return (bool) wp_delete_attachment({attachment}, true);")
    eventually(lambda: not shown(task, other.path, "<img "))


def test_a_file_that_is_no_picture_is_refused_and_nothing_typed_is_lost(organiser: Organiser) -> None:
    screen = save(organiser, None, ("notes.txt", b"no picture"), title="Papers", seats="7", opens="2020-01-01T10:00")
    assert "The picture could not be taken: It is neither JPEG, PNG, WebP, AVIF nor GIF." in screen
    assert 'value="Papers"' in screen
    for name in ("page.jpg", "IMG_0001.HEIC"):
        screen = save(organiser, None, (name, b"<script>alert(1)</script>"), title="Papers", opens="2020-01-01T10:00")
        assert "neither JPEG, PNG, WebP, AVIF nor GIF" in screen, name
    assert "File is empty" in save(organiser, None, ("a.jpg", b""), title="Papers", opens="2020-01-01T10:00")


def test_a_form_of_yesterday_says_that_its_picture_is_not_kept(organiser: Organiser) -> None:
    screen = save(organiser, None, ("clay.jpg", jpeg()), title="Late", opens="2020-01-01T10:00", _wpnonce="0")
    assert "What you typed is still here" in screen
    assert "Only the picture must be chosen again." in screen
    assert "chosen again" not in save(organiser, None, title="Late", opens="2020-01-01T10:00", _wpnonce="0")


def test_a_picture_with_a_name_in_any_script_is_shared_by_an_address_of_ascii(task: Task, organiser: Organiser) -> None:
    made = organiser.course("Named", starts="2099-06-05T18:30")
    assert "The course was saved" in save(organiser, made, ("Größe 写真 🧶.jpg", jpeg()))
    head = eventually(lambda: found if "og:image" in (found := read(task, made.path)).meta else None)
    assert head.meta["og:image"].isascii()
    assert head.data["image"] == [head.meta["og:image"]]
    picture = requests.get(head.meta["og:image"].replace(task.site, task.url), timeout=30)
    assert Image.open(io.BytesIO(picture.content)).width >= 1200


def test_the_site_map_has_what_can_be_found(task: Task, organiser: Organiser, course: Course, public: None) -> None:
    draft = organiser.course("Unseen", draft="1")
    assert "as a draft: only organisers see" in organiser.open("floodgate-course", course=draft.id, notice="added").html
    assert task.site in task.get("/robots.txt").text
    eventually(lambda: shown(task, "/wp-sitemap.xml", "/wp-sitemap-courses-1.xml"))
    listed = eventually(lambda: re.findall(r"<loc>([^<]*)</loc>", task.get("/wp-sitemap-courses-1.xml").text))
    assert task.site + course.path in listed
    assert task.site + draft.path not in listed
    assert eventually(lambda: "robots" not in read(task, course.path).meta)


def test_a_site_that_is_not_public_says_so_on_courses_too(task: Task, course: Course) -> None:
    """Stages before production are copies that nobody is to find."""
    eventually(lambda: read(task, course.path).meta.get("robots") == "noindex")
    ticket = Form.on(task, "/register/swimming-for-beginners/").send("grace@example.org").text
    assert Head(ticket).meta["robots"] == "noindex"


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        pytest.param("kiln", True, id="summary"),
        pytest.param("GLAZE fire", True, id="two words of the title"),
        pytest.param("court mill", True, id="place"),
        pytest.param("glaze violin", False, id="one word that it has not"),
        pytest.param("unseen", False, id="draft"),
    ],
)
def test_search_finds_courses(task: Task, course: Course, sought: str, found: bool) -> None:
    page = task.get(f"/?s={sought.replace(' ', '+')}")
    assert page.status_code == 200
    assert (course.path in page.text) is found
    assert "register/unseen" not in page.text


def test_a_course_is_found_however_its_words_are_written(task: Task, organiser: Organiser) -> None:
    title = "Fußball für Mädchen: T-Shirt drücken"
    text = "The potter’s <b>wheel</b> &amp; Ελληνικά, 日本語の会話, ガラス, Łódź, C++"
    course = organiser.course(title, text=text, place="Smørgata 2")
    found = [
        *("drücken", "drucken", "DRUECKEN", "fussball", "FUSSBALL", "Fußball", "madchen", "Ma\u0308dchen", "t-shirt"),
        *('"wheel, potter\'s"', "potters", "ελληνικα", "ΕΛΛΗΝΙΚΆ", "会話", "ガラス", "ｶﾞﾗｽ", "ｗｈｅｅｌ　ＰＯＴＴＥＲ"),
        *("lodz", "smorgata", "smoergata", "c++", "T\u2011Shirt", "whe\u00adel"),
    ]
    others = ["カラス", "wheels", "fußbad", "&", "potter violin", ""]
    courses = "new Floodgate\\Registration\\Courses(Floodgate\\Registration\\Database::ofWordPress())"
    words = json.dumps(found + others).replace("'", "\\u0027")
    matching = wordpress(
        task,
        f"$course = ({courses})->find('{course.slug}'); return array_values(array_filter(json_decode('{words}'),"
        " fn ($sought) => Floodgate\\Site\\CourseSearch::matches($course, $sought)));",
    )
    assert matching == found


def test_a_course_is_listed_in_the_signs_that_were_typed(task: Task, organiser: Organiser) -> None:
    """WordPress retouches a whole page of a theme of blocks: dashes, dots, multiplication, trade marks, smilies."""
    title = "2x2 -- Let's \"talk\" (tm)... :-) room 8O - at 8) :?: it's &#45; C++ | ;-) 10:30"
    course = organiser.course(
        title, summary=f"Summary: {title}", place="Room 3x4 -- 2nd floor", starts="2099-01-01T10:00"
    )
    eventually(lambda: shown(task, "/", course.path))
    item = next(part for part in task.get("/").text.split("<li") if course.path in part).split("</li>")[0]
    words = html.unescape(re.sub(r"<[^>]+>", "", item))
    assert f"{title}Summary: {title}" in words
    assert "Room 3x4 -- 2nd floor" in words
    assert title in html.unescape(re.sub(r"<[^>]+>", "", task.get(course.path).text))


def test_a_course_that_is_over_leaves_the_list_and_keeps_its_ledger(task: Task, organiser: Organiser) -> None:
    over = organiser.course("Last month's dance", slug="dance")
    Form.on(task, over.path).send("ada@example.org")
    eventually(lambda: shown(task, "/", over.path))
    moment = "CAST(UNIX_TIMESTAMP() * 1000 AS UNSIGNED) - 86400000 *"
    query(task, f"UPDATE wp_floodgate_courses SET starts_at = {moment} 9, ends_at = {moment} 8 WHERE id = {over.id}")
    eventually(lambda: not shown(task, "/", over.path))
    assert task.get(over.path).status_code == 200
    assert "ada@example.org" in organiser.open(view="registrations", course=over.id).html
    assert "dance" in organiser.courses()

    reading = organiser.follow(f"{task.url}/wp-admin/options-reading.php").form("floodgate_over_days")
    reading.action = f"{task.url}/wp-admin/options.php"
    assert reading.fields["floodgate_over_days"] == "7"
    for typed, stays in (("30", True), ("soon", True), ("7", False)):
        organiser.submit(reading, changes={"floodgate_over_days": typed})
        eventually(partial(is_shown, task, "/", over.path, stays))


def test_a_list_without_a_course_says_so_to_the_smoke_test_too(task: Task) -> None:
    """A deployment whose courses are all over is no broken one."""
    shown_list = wordpress(task, "return Floodgate\\Site\\CourseList::show([]);")
    assert 'data-floodgate-courses="none"' in shown_list
    assert "There is nothing to register for" in shown_list


def test_a_draft_is_the_organisers_alone(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Surprise", slug=f"surprise-{uuid.uuid4().hex[:6]}", starts="2099-01-01T10:00")
    form = Form.on(task, course.path)
    assert "The course was saved" in save(organiser, course, draft="1")
    eventually(lambda: task.get(course.path).status_code == 404)
    assert task.get(f"{course.path}course.ics").status_code == 404
    assert not shown(task, "/", course.path)
    # A form from before: it takes no seat, whether a container remembers the course or not.
    for email in ("ada@example.org", "grace@example.org"):
        assert form.send(email).status_code == 303
    preview = organiser.editor.get(task.url + course.path, timeout=30)
    assert preview.status_code == 200
    assert "Draft: only organisers see this page" in preview.text
    assert "no-store" in preview.headers["Cache-Control"]
    assert task.get(course.path).status_code == 404
    assert query(task, f"SELECT taken FROM wp_floodgate_courses WHERE id = {course.id}") == ["0"]
    unticked = organiser.open("floodgate-course", course=course.id).form("title")
    organiser.submit(unticked, "save", {"draft": None})
    eventually(lambda: task.get(course.path).status_code == 200)
    assert marker(form.send("ada@example.org").text, "state") == "confirmed"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param('<img src="https://elsewhere.example/a.png">', "https://elsewhere.example/a.png", id="picture"),
        pytest.param('<img src="//elsewhere.example/a.png">', "//elsewhere.example/a.png", id="no scheme"),
        pytest.param('<video poster="https://elsewhere.example/p.jpg"></video>', "elsewhere.example/p.jpg", id="video"),
        pytest.param('<iframe src="https://elsewhere.example/"></iframe>', "&lt;iframe&gt;", id="frame"),
        pytest.param("Hello <script>alert(1)</script>", "&lt;script&gt;", id="script"),
    ],
)
def test_what_a_page_would_not_show_is_refused_when_it_is_saved(organiser: Organiser, text: str, says: str) -> None:
    screen = organiser.add_course(title="Shown", text=text)
    assert says in screen.html
    assert "floodgate-text-mistake" in screen.html


def test_what_lies_here_is_shown(task: Task, organiser: Organiser) -> None:
    text = f'<img src="{task.site}/wp-content/a.png"> <img src="/wp-content/b.png"> <a href="https://elsewhere.example/">x</a>'
    course = organiser.course("Shown here", text=text)
    assert "/wp-content/b.png" in task.get(course.path).text


@pytest.mark.parametrize(
    "path",
    [
        "/register/glaze%2Dand-fire/",
        "/register/gl%61ze-and-fire",
        "/register/glaze-and-fire",
        "/Register/GLAZE-and-Fire/",
        "//register/glaze-and-fire/",
        "/register//glaze-and-fire/?from=mail",
    ],
)
def test_a_course_has_one_address(task: Task, course: Course, path: str) -> None:
    # Of itself requests writes an address as everybody does.
    connection = http.client.HTTPConnection(task.url.removeprefix("http://"), timeout=30)
    connection.request("GET", path, headers={"Host": task.site.removeprefix("http://")})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.getheader("Location", "").replace(task.site, "")) == (301, course.path)
