"""A share of the people come by addresses of their own, and are otherwise who they were."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from loadtest.crowd import profiles
from loadtest.crowd.tracking import PARAMETERS, address
from loadtest.record.measurements import Recorder
from tests.loadtest import timeline

URL = "http://localhost/register/spring/"


def test_a_share_of_the_people_come_by_addresses_that_nobody_else_has() -> None:
    addresses = [address(URL, 0.3, 1, person) for person in range(2000)]
    tracked = [each for each in addresses if each != URL]
    assert 0.27 < len(tracked) / len(addresses) < 0.33
    assert len(set(tracked)) == len(tracked)
    assert {urlsplit(each)._replace(query="").geturl() for each in tracked} == {URL}
    names = {tuple(parse_qs(urlsplit(each).query)) for each in tracked}
    assert len(names) == len(PARAMETERS), "each kind occurs"
    assert addresses == [address(URL, 0.3, 1, person) for person in range(2000)]
    assert addresses != [address(URL, 0.3, 2, person) for person in range(2000)]


@pytest.mark.parametrize(
    ("profile", "share"),
    [pytest.param("people", 0.3, id="people"), pytest.param("bots", 0.0, id="programs know the address")],
)
def test_the_people_file_says_how_many(profile: str, share: float) -> None:
    assert profiles.load(profile=profile).tracked == share


def test_a_people_file_from_before_has_none_of_them() -> None:
    text = "".join(line for line in profiles.DEFAULT.read_text().splitlines(True) if not line.startswith("tracked"))
    assert {habits.tracked for habits in profiles.parse(text, "ours.toml").values()} == {0.0}


def test_they_ask_by_their_address_each_time_and_all_else_of_them_is_the_same() -> None:
    acts = {}
    for share in (0.0, 1.0):
        _, sent = timeline.live(range(5), Recorder(), habits=replace(profiles.load(), tracked=share))
        acts[share] = [(each.person, each.method, each.start, each.end) for each in sent]
        addresses = {(each.person, each.url) for each in sent if each.method == "GET"}
        assert len(addresses) == 5, "a person stays with one address"
        assert all(("?" in url) == bool(share) for _, url in addresses)
    assert acts[0.0] == acts[1.0]
