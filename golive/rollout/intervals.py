"""Confidence intervals of 95 %: for shares, their difference, means and medians. Plain Python."""

from dataclasses import dataclass
from math import exp, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_STEPS = 2_000


@dataclass(frozen=True)
class Estimate:
    """A value and the interval that covers the truth in 95 % of cases."""

    value: float
    low: float
    high: float


def share(count: int, total: int) -> Estimate | None:
    """The share `count / total` with Wilson's score interval; None of nothing.

    Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. JASA 22, 209-212;
    without correction for continuity.
    """
    if total == 0:
        return None
    value = count / total
    centre = value + _Z**2 / (2 * total)
    half = _Z * sqrt(value * (1 - value) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return Estimate(value, max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one - other` of two shares of different businesses, with Newcombe's hybrid score interval.

    Newcombe, R. G. (1998): Interval estimation for the difference between independent proportions. Statistics in
    Medicine 17, 873-890; method 10, without correction for continuity.
    """
    value = one.value - other.value
    low = value - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(value, low, high)


def mean(total: int, average: float | None, deviation: float | None) -> Estimate | None:
    """The mean of `total` values, whose average and sample standard deviation are given, with Student's t interval.

    None of fewer than two values. Student (1908): The probable error of a mean. Biometrika 6, 1-25.
    """
    if total < 2 or average is None or deviation is None:
        return None
    half = t_quantile((1 + CONFIDENCE) / 2, total - 1) * deviation / sqrt(total)
    return Estimate(average, average - half, average + half)


def middle_ranks(total: int) -> tuple[int, int] | None:
    """Of `total` values in order, from 1, the two between which the median lies: the distribution-free interval.

    Thompson, W. R. (1936): On confidence ranges for the median. Annals of Mathematical Statistics 7, 122-128. The
    ranks are those of the binomial distribution with one half, so it covers at least 95 %; None of fewer than six
    values, since five cannot.
    """
    below, rank = _binomial_half(total, 0), 0
    while below <= (1 - CONFIDENCE) / 2 and rank < total:
        rank += 1
        below += _binomial_half(total, rank)
    return (rank, total + 1 - rank) if rank else None


def t_quantile(level: float, freedom: int) -> float:
    """The value below which Student's t with this freedom lies with probability `level`, from one half up."""
    low, high = 0.0, 1.0
    while _t_above_zero(high, freedom) < level - 0.5:
        high *= 2
    for _ in range(60):
        centre = (low + high) / 2
        low, high = (centre, high) if _t_above_zero(centre, freedom) < level - 0.5 else (low, centre)
    return (low + high) / 2


def _t_above_zero(value: float, freedom: int) -> float:
    """The probability between zero and the value, by Simpson's rule."""
    constant = lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(freedom * pi) / 2
    width = value / _STEPS
    heights = (exp(constant - (freedom + 1) / 2 * log1p((at * width) ** 2 / freedom)) for at in range(_STEPS + 1))
    weights = (1 if at in (0, _STEPS) else 4 if at % 2 else 2 for at in range(_STEPS + 1))
    return width / 3 * sum(weight * height for weight, height in zip(weights, heights, strict=True))


def _binomial_half(total: int, count: int) -> float:
    """The probability of `count` heads in `total` tosses."""
    return exp(lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1) - total * log(2))
