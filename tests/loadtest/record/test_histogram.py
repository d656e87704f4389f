from __future__ import annotations

import json
import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.record.codec import RecordError, decode, encode
from loadtest.record.histogram import Histogram

durations = st.lists(st.floats(min_value=1e-6, max_value=3600.0), min_size=1, max_size=200)


def of(values: Iterable[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(durations, st.sampled_from([1, 50, 90, 95, 99, 100]))
def test_a_percentile_is_within_one_percent_of_the_nearest_rank(values: list[float], percent: float) -> None:
    true = sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]
    found = of(values).percentile(percent)
    assert found is not None
    assert abs(found - true) <= 0.01 * true


@given(st.lists(durations, min_size=1, max_size=5))
def test_merging_parts_gives_the_whole(parts: list[list[float]]) -> None:
    merged = Histogram()
    for part in parts:
        merged.merge(of(part))
    whole = of(value for part in parts for value in part)
    assert (merged.buckets, merged.count, merged.smallest, merged.largest) == (
        whole.buckets,
        whole.count,
        whole.smallest,
        whole.largest,
    )
    assert merged.total == pytest.approx(whole.total)
    assert [merged.percentile(p) for p in (50, 95, 99)] == [whole.percentile(p) for p in (50, 95, 99)]


@given(durations)
def test_its_json_form_gives_it_back(values: list[float]) -> None:
    histogram = of(values)
    assert decode(Histogram, json.loads(json.dumps(encode(histogram)))) == histogram


def test_an_empty_one_knows_no_percentile_and_no_mean() -> None:
    assert Histogram().percentile(95) is None
    assert Histogram().mean is None
    assert decode(Histogram, encode(Histogram())) == Histogram()


def test_percentiles_of_merged_parts_are_not_the_mean_of_their_percentiles() -> None:
    fast, slow = of([0.1] * 900), of([5.0] * 100)
    fast.merge(slow)
    assert fast.percentile(95) == pytest.approx(5.0, rel=0.01)
    assert fast.percentile(50) == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(-0.001, id="negative"),
        pytest.param(math.inf, id="infinite"),
        pytest.param(math.nan, id="not a number"),
    ],
)
def test_what_is_no_duration_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite number of seconds"):
        Histogram().add(value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(None, "record: expected an object, found NoneType", id="null"),
        pytest.param({}, "record.buckets: missing", id="empty object"),
        pytest.param(
            {"buckets": {"1": 2}, "count": 1, "total": 1.0, "smallest": 1.0, "largest": 1.0},
            "counts do not add up",
            id="wrong count",
        ),
        pytest.param(
            {"buckets": {}, "count": 0, "total": 0.0, "smallest": 1.0, "largest": 0.0},
            "counts do not add up",
            id="largest without values",
        ),
        pytest.param(
            {"buckets": {"one": 1}, "count": 1, "total": 1.0, "smallest": 1.0, "largest": 1.0},
            "buckets.one: expected",
            id="bucket without number",
        ),
    ],
)
def test_what_is_no_histogram_is_refused(data: object, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        decode(Histogram, data)
