"""Addresses as a browser asks for them, and when two of them are one site."""

from __future__ import annotations

import pytest

from loadtest.crowd.browser.address import joined, normal, site
from loadtest.request.options import origin


@pytest.mark.parametrize(
    ("written", "address"),
    [
        pytest.param("HTTP://LocalHost:8080/A", "http://localhost:8080/A", id="capitals"),
        pytest.param("https://example.org:443", "https://example.org/", id="default port"),
        pytest.param("http://example.org:443/", "http://example.org:443/", id="the other scheme's port"),
        pytest.param("https://anmeldung-münchen.de/", "https://xn--anmeldung-mnchen-tzb.de/", id="umlaut"),
        pytest.param("https://straße.de/", "https://xn--strae-oqa.de/", id="sharp s"),
        pytest.param("http://[::1]:8080/", "http://[::1]:8080/", id="IPv6"),
        pytest.param("http://u:p@example.org/#top", "http://example.org/", id="user and fragment"),
        pytest.param("http://example.org/kürse/a b", "http://example.org/k%C3%BCrse/a%20b", id="letters in the path"),
        pytest.param("http://example.org/%20?a=ü&b=%2F", "http://example.org/%20?a=%C3%BC&b=%2F", id="query"),
        pytest.param(
            "http://example.org/p?tags[]={a}|b^`'", "http://example.org/p?tags[]={a}|b^`%27", id="signs in the query"
        ),
        pytest.param("http://example.org/{a}/b|c'd`", "http://example.org/%7Ba%7D/b|c'd%60", id="signs in the path"),
        pytest.param("http://example.org/p?#top", "http://example.org/p?", id="a query of nothing"),
        pytest.param("http://example.org/a/./b/../c/.", "http://example.org/a/c/", id="dots"),
        pytest.param("http://example.org/a/%2E%2e/b?c=/../d", "http://example.org/b?c=/../d", id="dots in disguise"),
        pytest.param("http://example.org/../.b/c..", "http://example.org/.b/c..", id="dots of names"),
        pytest.param("http://example.org/a//../b//", "http://example.org/a/b//", id="empty parts"),
    ],
)
def test_an_address_is_written_as_a_browser_writes_it(written: str, address: str) -> None:
    assert normal(written) == address
    assert normal(address) == address


@pytest.mark.parametrize(
    ("page", "reference", "address"),
    [
        pytest.param("http://example.org/a/b", "c?d=e", "http://example.org/a/c?d=e", id="beside the page"),
        pytest.param(
            "http://example.org/a//b/c", "d", "http://example.org/a//b/d", id="an empty part of the page's path"
        ),
        pytest.param("http://example.org/a//b/", "../c", "http://example.org/a//c", id="one folder up, beside it"),
        pytest.param(
            "http://example.org/a/", "b//c.css", "http://example.org/a/b//c.css", id="an empty part of its own"
        ),
        pytest.param("http://example.org//a/b", "c", "http://example.org//a/c", id="a page behind two strokes"),
        pytest.param("http://example.org/a/b", r"..\c?d=\e", r"http://example.org/c?d=\e", id="strokes that lean back"),
        pytest.param("http://example.org/a/b?c=/d/", "?e", "http://example.org/a/b?e", id="a query"),
        pytest.param("http://example.org/a//b?c", "#e", "http://example.org/a//b?c", id="a place on the page"),
        pytest.param("http://example.org/a/b", "//cdn.example/c//d/..", "http://cdn.example/c//", id="another site"),
        pytest.param("http://example.org/a/b", "mailto:a@example.org", None, id="no address of a site"),
    ],
)
def test_a_reference_leads_where_a_browser_goes(page: str, reference: str, address: str | None) -> None:
    assert joined(page, reference) == address


NO_ADDRESSES = ["http://[", "http:///path", "ftp://example.org/", "example.org", "http://a:port/", "http://a..de/"]
NO_ADDRESSES += [f"http://{'a' * 64}.de/", "http://.de/", "http://a.de../"]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normal(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("http://127.0.0.1:8080/a", "http://localhost:8080/b", True, id="this machine"),
        pytest.param("http://[::1]/", "http://localhost/", True, id="this machine, IPv6"),
        pytest.param("http://127.0.0.1:8080/", "http://localhost:8081/", False, id="another port"),
        pytest.param("https://Example.org./", "https://example.org:443/x", True, id="final dot, capitals, port"),
        pytest.param("https://münchen.de/", "https://xn--mnchen-3ya.de/", True, id="ASCII form"),
        pytest.param("http://example.org/", "https://example.org/", False, id="another scheme"),
        pytest.param("http://example.org/", "http://www.example.org/", False, id="www"),
    ],
)
def test_one_site_is_one_however_it_is_spelled(one: str, other: str, same: bool) -> None:
    assert (site(one) == site(other)) is same


def test_the_site_that_is_stormed_is_given_its_plain_spelling() -> None:
    assert origin("HTTPS://Anmeldung.Example.ORG:443/") == "https://anmeldung.example.org"
    with pytest.raises(ValueError, match="without a path"):
        origin("https://example.org/path")
