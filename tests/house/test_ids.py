"""A test's id says in words what is tested, so that ``-k`` finds it."""

from __future__ import annotations

import pytest

from tests.house.ids import is_speechless, speechless

pytest_plugins = ["pytester"]


def test_every_id_says_in_words_what_is_tested(request: pytest.FixtureRequest) -> None:
    """All that is collected, which is every test where pytest is given no path and no mark."""
    assert speechless(request.session.items) == []


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        pytest.param("arguments3-environment3", ("arguments", "environment"), True, id="numbered arguments"),
        pytest.param("PASS-harms0", ("answer", "harms"), True, id="one numbered argument"),
        pytest.param("1024", ("memory",), True, id="a number"),
        pytest.param("-0.5-3", ("low", "high"), True, id="numbers"),
        pytest.param("", ("text",), True, id="nothing"),
        pytest.param("<lambda>-0", ("harm", "code"), True, id="a function without a name"),
        pytest.param("1024 MiB", ("memory",), False, id="a number with its unit"),
        pytest.param("saturated generator", ("harms", "answer"), False, id="words"),
        pytest.param("path12.html", ("path",), False, id="a name with a number"),
    ],
)
def test_an_id_without_words_is_seen(text: str, arguments: tuple[str, ...], expected: bool) -> None:
    assert is_speechless(text, arguments) is expected


def test_a_case_without_a_name_is_found(pytester: pytest.Pytester) -> None:
    planted = pytester.getitems(
        """
        import pytest

        @pytest.mark.parametrize("figures", [[1], [2]], ids=["one figure", None])
        def test_planted(figures):
            ...
        """
    )
    assert [found.rpartition("::")[2] for found in speechless(planted)] == ["test_planted[figures1]"]
