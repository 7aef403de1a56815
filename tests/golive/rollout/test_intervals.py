"""The intervals, against a library of statistics and published examples."""

from math import isclose
from statistics import fmean, stdev
from typing import Any, cast

import pytest
from scipy import stats

from golive.rollout.intervals import difference, mean, middle_ranks, share, t_quantile

SAMPLES = [[1.0, 2.0, 4.0, 8.0, 9.0, 11.0, 30.0], [float(n * n % 37) for n in range(60)], [0.5 * n for n in range(301)]]


@pytest.mark.parametrize(("count", "total"), [(0, 1), (0, 30), (1, 7), (40, 100), (98, 98), (3_333, 10_000)])
def test_a_share_has_wilsons_interval(count: int, total: int) -> None:
    ours, theirs = share(count, total), stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert ours
    assert isclose(ours.low, theirs.low, abs_tol=1e-9)
    assert isclose(ours.high, theirs.high, abs_tol=1e-9)


def test_nothing_has_no_share() -> None:
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0)],
)
def test_a_difference_has_the_interval_of_newcombes_own_table(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    left, right = share(*one), share(*other)
    assert left
    assert right
    found = difference(left, right)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("freedom", [1, 2, 5, 30, 400])
def test_students_t_is_the_librarys(freedom: int) -> None:
    assert isclose(t_quantile(0.975, freedom), stats.t.ppf(0.975, freedom), rel_tol=1e-6)


@pytest.mark.parametrize("values", SAMPLES)
def test_a_mean_has_students_interval(values: list[float]) -> None:
    ours = mean(len(values), fmean(values), stdev(values))
    low, high = stats.t.interval(0.95, len(values) - 1, loc=sum(values) / len(values), scale=stats.sem(values))
    assert ours
    assert isclose(ours.low, low, rel_tol=1e-6)
    assert isclose(ours.high, high, rel_tol=1e-6)


@pytest.mark.parametrize("values", SAMPLES)
def test_a_median_lies_between_the_order_statistics_of_the_binomial(values: list[float]) -> None:
    # Its stubs call the interval a number.
    ranks, theirs = (
        middle_ranks(len(values)),
        cast(Any, stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)),
    )
    assert ranks
    ordered = sorted(values)
    assert (ordered[ranks[0] - 1], ordered[ranks[1] - 1]) == (theirs.low, theirs.high)


@pytest.mark.parametrize("total", [6, 7, 17, 100, 2_001])
def test_the_ranks_of_the_median_cover_95_in_100_and_one_rank_closer_would_not(total: int) -> None:
    ranks = middle_ranks(total)
    assert ranks
    assert stats.binom.cdf(ranks[0] - 1, total, 0.5) <= 0.025 < stats.binom.cdf(ranks[0], total, 0.5)
    assert ranks[0] + ranks[1] == total + 1


@pytest.mark.parametrize(("one", "other"), [((56, 70), (48, 80)), ((40, 100), (35, 98)), ((0, 30), (7, 31))])
def test_a_difference_is_made_of_the_librarys_two_score_intervals(one: tuple[int, int], other: tuple[int, int]) -> None:
    left, right = share(*one), share(*other)
    assert left
    assert right
    first, second = (stats.binomtest(*each).proportion_ci(0.95, method="wilson") for each in (one, other))
    value = one[0] / one[1] - other[0] / other[1]
    below = ((one[0] / one[1] - first.low) ** 2 + (second.high - other[0] / other[1]) ** 2) ** 0.5
    above = ((first.high - one[0] / one[1]) ** 2 + (other[0] / other[1] - second.low) ** 2) ** 0.5
    found = difference(left, right)
    assert isclose(found.low, value - below, abs_tol=1e-9)
    assert isclose(found.high, value + above, abs_tol=1e-9)


def test_five_values_are_too_few_for_a_median_and_one_for_a_mean() -> None:
    assert middle_ranks(5) is None
    assert middle_ranks(6) == (1, 6)
    assert mean(1, 1.0, None) is None
