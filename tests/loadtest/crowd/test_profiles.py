"""What people files are taken, and how a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loadtest.crowd import profiles
from loadtest.crowd.habits import Component, Distribution
from loadtest.crowd.profiles import DEFAULT, parse
from loadtest.record.exit_codes import BadInput

TEXT = DEFAULT.read_text()


def swap(old: str, new: str) -> Callable[[str], str]:
    def swapped(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return swapped


def test_the_profiles_that_come_with_it() -> None:
    shipped = profiles.read(DEFAULT)
    assert list(shipped) == ["people", "stress", "bots"]
    people, stress, bots = shipped.values()
    assert (stress.reload_gap.mixture, stress.paced) == ((Component(1.0, 1.0, 0.0),), True)
    assert (stress.form, stress.submit_twice) == (people.form, people.submit_twice)
    assert bots.form.median < people.form.median / 10


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [("retry_gap", 0.2, 1.0), ("patience", 1.6, 16.0), ("form", 22.0, 160.0), ("reload_gap", 0.3, 49.0)],
)
def test_the_ranges_that_the_file_names_hold_nearly_all_values(share: str, low: float, high: float) -> None:
    distribution = getattr(profiles.load(), share)
    within = sum(p.weight * (p.share_below(high) - p.share_below(low)) for p in distribution.mixture)
    assert 0.89 < within < 0.99


def test_each_figure_names_its_source() -> None:
    """Each has one behind it, or in the comment above its table."""
    above = ""
    for line in TEXT[TEXT.index("# The pause between") :].splitlines():
        above = above + line if line.startswith("#") else above
        if line.startswith("[") and line.endswith("]"):
            in_one_table = "shares" in line or "times" in line
            assert "[" in above or in_one_table, f"{line} has no source"
        elif not line:
            above = ""
    shares = TEXT[TEXT.index("[people.shares]") : TEXT.index("# Everyone presses")]
    assert all("  [" in line for line in shares.splitlines() if "=" in line)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (swap("[people.patience]", "[people.pateince]"), "[people] pateince: unknown; known are reload_gap, eager_gap"),
        (swap("late = 0.3 ", "lete = 0.3 "), "[people.shares] lete: unknown; known are late, watch_clock"),
        (swap("floor = 5.0", "flor = 5.0"), "[people.form] flor: unknown; known are mixture, floor"),
        (swap("weight = 0.5", "weight = 0.6"), "[people.reload_gap] mixture: the weights add up to 1.1; they must add"),
        (
            swap("median = 4.0", "median = -4.0"),
            "[people.reload_gap] mixture, part 2, median: expected seconds from 0.001 to 3600, found -4.0",
        ),
        (swap("sigma = 0.7", "sigma = nan"), "[people.patience] mixture, part 1, sigma: expected a number from 0 to 3"),
        (
            swap("sigma = 0.7", "sgma = 0.7"),
            "[people.patience] mixture, part 1, sgma: unknown; known are weight, median, si",
        ),
        (swap("give_up = 0.02 ", "give_up = 2 "), "[people.shares] give_up: expected a share from 0 to 1, found 2"),
        (swap("give_up = 0.02 ", "give_up = true "), "[people.shares] give_up: expected a share from 0 to 1, found Tr"),
        (swap("after = 3.0", 'after = "3 s"'), "[people.times] double_submit_after: expected seconds from 0.001"),
        (swap("floor = 5.0", "floor = -5.0"), "[people.form] floor: expected seconds from 0 to 3600, found -5.0"),
        (swap("paced = false", "paced = 1"), "[people] paced: expected true or false, found 1"),
        (swap("give_up = 0.02 ", "#"), "[people.shares] give_up: missing"),
        (swap("[people.times]\ndouble", "[unlike.times]\ndouble"), "[people.times] double_submit_after: missing"),
        (swap("[stress.patience]\nmixture = [", "[stress.patience]\nmixture = [] #"), "[stress.patience] mixture: exp"),
        (lambda _: "people = 3", "[people]: expected a table"),
        (lambda _: "[bots]", "[people]: this profile is missing"),
        (lambda _: "people =", "is not TOML"),
    ],
)
def test_a_wrong_file_is_one_message_that_names_the_place(change: Callable[[str], str], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(change(TEXT), "ours.toml")
    assert message in str(refused.value)


def test_a_message_names_the_line() -> None:
    wrong = TEXT.replace("give_up = 0.02", "give_up = 7")
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if text.startswith("give_up = 7"))
    with pytest.raises(BadInput, match=rf"^ours.toml:{line}: \[people.shares\] give_up: "):
        parse(wrong, "ours.toml")


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: No such file"), (b"\xff", "is not UTF-8: invalid start byte")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "ours.toml").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        profiles.load(tmp_path / "ours.toml")


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="there is no profile 'robots'; its profiles are people, stress, bots"):
        profiles.load(DEFAULT, "robots")


@pytest.mark.parametrize(
    ("mixture", "median"),
    [
        pytest.param((Component(1.0, 60.0, 0.5),), 60.0, id="one component"),
        pytest.param((Component(0.5, 1.0, 0.0), Component(0.5, 9.0, 0.0)), 1.0, id="no spread"),
        pytest.param((Component(0.5, 1.0, 0.5), Component(0.5, 4.0, 0.5)), 2.0, id="equal spreads"),
    ],
)
def test_the_median_of_a_mixture(mixture: tuple[Component, ...], median: float) -> None:
    assert Distribution(mixture).median == pytest.approx(median, rel=1e-6)
