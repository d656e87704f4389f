from __future__ import annotations

import pytest

from loadtest.crowd.browser.page import Form, read

URL = "http://localhost/register/spring/"


@pytest.mark.parametrize(
    ("html", "state"),
    [
        ('<main data-floodgate-state="closed">', "closed"),
        ("<main class='x' data-floodgate-state='sold-out' id=y>", "sold-out"),
        ('<main id="a"\n data-floodgate-state="waiting"\n>', "waiting"),
        ('<main data-floodgate-state="marvellous">', None),
        ("<MAIN DATA-Floodgate-State='closed'>", "closed"),
        ('<main data-floodgate-state="open>\n', None),
        ("<main>closed, open, sold-out</main>", None),
        ("data-floodgate-state=open", None),
        ("", None),
    ],
)
def test_the_state_is_what_the_marker_says(html: str, state: str | None) -> None:
    assert read(html, URL, with_assets=True).state == state


def test_the_form_gives_its_address_and_its_hidden_inputs() -> None:
    html = """<main data-floodgate-state="open"><form action="/search"><input type="hidden" name="no"></form>
    <form class="c" id="floodgate-claim" method="post" action="claim?x=1&amp;y=2"><input name="name">
    <input name="email"><input type="hidden" name="course" value="spring &amp; fall">
    <input type="hidden" name="trap"></form></main>"""
    assert read(html, URL, with_assets=False).form == Form(
        "http://localhost/register/spring/claim?x=1&y=2", {"course": "spring & fall", "trap": ""}
    )


@pytest.mark.parametrize(
    "form",
    [
        pytest.param('<form id="floodgate-claim action=/claim></form>', id="in its id"),
        pytest.param('<form id=floodgate-claim action="/claim></form>', id="in its address"),
    ],
)
def test_a_quote_that_nobody_closes_leaves_no_form(form: str) -> None:
    page = read(f'<main data-floodgate-state="open">{form}</main>', URL, with_assets=True)
    assert (page.state, page.form) == ("open", None)


@pytest.mark.parametrize("state", ["closed", "sold-out", "ended"])
def test_without_a_form_there_is_one_that_asks_for_ones_code(state: str) -> None:
    html = f"""<main data-floodgate-state="{state}"><form id="floodgate-find" method="post" action="claim">
    <input type="hidden" name="find" value="1"><input type="hidden" name="name"><button>x</button></form></main>"""
    page = read(html, "https://example.org/register/x/", with_assets=False)
    assert page.form is None
    assert page.find is not None
    assert page.find.action == "https://example.org/register/x/claim"
    assert page.find.hidden == {"find": "1", "name": ""}


def test_a_closed_page_has_no_form_to_submit() -> None:
    html = '<main data-floodgate-state="closed"><form id="floodgate-claim" action="/claim"></form></main>'
    assert read(html, URL, with_assets=False).form is None


def test_the_confirmation_carries_its_code() -> None:
    html = '<main data-floodgate-state="confirmed" data-floodgate-code="ABCD-EFGH-JKLM">'
    assert read(html, URL, with_assets=False).code == "ABCD-EFGH-JKLM"


@pytest.mark.parametrize(
    ("html", "seconds"),
    [
        ('<meta http-equiv="refresh" content="3">', 3.0),
        ("<meta http-equiv=refresh content='2.5; url=/'>", 2.5),
        ('<meta name="viewport" content="1">', None),
    ],
)
def test_a_page_may_say_when_it_reloads_itself(html: str, seconds: float | None) -> None:
    assert read(html, URL, with_assets=False).reload_after == seconds


def test_only_assets_of_the_own_host_are_loaded_each_once() -> None:
    html = """<link rel="stylesheet" href="/a.css"><link rel="preload stylesheet" href="/a.css#x">
    <link rel="canonical" href="/c"><script src="b.js"></script><script>1</script>
    <img src="https://elsewhere.invalid/i.png"><img src="//cdn.invalid/j.png">
    <img src="data:image/png;base64,AA=="><link rel="icon" href="http://localhost/favicon.ico">"""
    assert read(html, URL, with_assets=True).assets == (
        "http://localhost/a.css",
        "http://localhost/register/spring/b.js",
        "http://localhost/favicon.ico",
    )


def test_what_is_no_address_is_passed_over() -> None:
    """An organiser's slip in a text must not end the people who read it."""
    html = """<main data-floodgate-state="open"><img src="http://["><img src="//localhost:x/b.png"><img src="/a.png">
    <form id="floodgate-claim" action="http://["></form></main>"""
    page = read(html, URL, with_assets=True)
    assert page.assets == ("http://localhost/a.png",)
    assert page.form is None


def test_files_are_those_of_the_site_however_the_page_spells_it_and_the_others_are_known() -> None:
    html = """<base href="//LOCALHOST:80/static/"><link rel=stylesheet href="a.css"><script src="http://127.0.0.1/b.js">
    </script><img src="http://cdn.example.org/c.png"><img src=""><img src="data:image/png;base64,AA==">"""
    page = read(html, URL, with_assets=True)
    assert page.assets == ("http://localhost/static/a.css", "http://127.0.0.1/b.js")
    assert page.elsewhere == ("http://cdn.example.org/c.png",)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        pytest.param("/a.css?v=1&copy=2&reg=3", "/a.css?v=1&copy=2&reg=3", id="names of signs that are parameters"),
        pytest.param("/a.css?v=1&notice=2&copyright", "/a.css?v=1&notice=2&copyright", id="names that begin so"),
        pytest.param("/a.css?v=1&amp;copy=2", "/a.css?v=1&copy=2", id="written as it should be"),
        pytest.param("/a.css?v=1&amp=2&lt;&LT", "/a.css?v=1&amp=2%3C%3C", id="an ampersand as a parameter"),
        pytest.param("/a.css?&copy", "/a.css?%C2%A9", id="nothing behind it"),
        pytest.param("/a.css?&copy;=1&#38;b&#x26;c", "/a.css?%C2%A9=1&b&c", id="with a semicolon"),
        pytest.param("/a.css?&nothing&none;", "/a.css?&nothing&none;", id="no names of signs"),
    ],
)
def test_an_address_is_what_a_browser_reads(written: str, address: str) -> None:
    html = f'<link rel="stylesheet" href="{written}"><script src={written}></script>'
    assert read(html, URL, with_assets=True).assets == (f"http://localhost{address}",)


def test_a_hidden_input_has_what_a_browser_would_send() -> None:
    html = """<main data-floodgate-state="open"><form id="floodgate-claim" action="/claim?a=1&copy=2">
    <input type=hidden name=to value="?x=1&section=2&para=3"></form></main>"""
    form = Form("http://localhost/claim?a=1&copy=2", {"to": "?x=1&section=2&para=3"})
    assert read(html, URL, with_assets=False).form == form
