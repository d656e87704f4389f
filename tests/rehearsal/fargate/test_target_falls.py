"""A task that fails its load balancer's check under load is told of: ECS would replace it."""

from __future__ import annotations

import pytest

from rehearsal.fargate.stand.target_falls import fallen, in_words, parse

STATISTICS = """# pxname,svname,status,chkfail,chkdown
listener-80,FRONTEND,OPEN,,
hop-web,hop-web,no check,,
web,a1,UP,9,2
web,a1-open,no check,,
web,b2,DOWN,3,1
web,BACKEND,UP,,4
"""


def test_what_haproxy_tells_is_read_by_target() -> None:
    assert parse(STATISTICS) == {"web/a1": 2, "web/b2": 1}


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        pytest.param({"a": 1, "b": 0}, {"a": 1, "b": 0}, [], id="none"),
        pytest.param({"a": 1, "b": 0}, {"a": 2, "b": 1}, ["a", "b"], id="both"),
        pytest.param({"a": 3}, {"a": 0}, [], id="counted anew"),
        pytest.param({"a": 3}, {"a": 1}, ["a"], id="counted anew, and fallen since"),
        pytest.param({}, {"a": 1}, [], id="came meanwhile"),
        pytest.param({"a": 1}, {}, [], id="gone"),
    ],
)
def test_who_fell_meanwhile_is_found(before: dict[str, int], after: dict[str, int], names: list[str]) -> None:
    assert fallen(before, after) == names


def test_nothing_is_said_of_nothing() -> None:
    assert in_words([]) == ""
    assert in_words(["a", "b"]).startswith("2 tasks failed the load balancer's check meanwhile: ECS would")
