"""Interleaved rounds: two things measured in turn, so that a busy moment of the machine meets both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Comparison:
    """The numbers of each round, pair by pair."""

    measured: list[float]
    reference: list[float]

    @property
    def ratio(self) -> float:
        """The median over the rounds of measured / reference."""
        return median(one / other for one, other in zip(self.measured, self.reference, strict=True))

    @property
    def medians(self) -> tuple[float, float]:
        """The median of each side."""
        return median(self.measured), median(self.reference)


def compare(measured: Callable[[], float], reference: Callable[[], float], rounds: int) -> Comparison:
    """Measure both in every round, each first in every other one."""
    result = Comparison([], [])
    sides = [(measured, result.measured), (reference, result.reference)]
    for number in range(rounds):
        for measure, numbers in sides if number % 2 == 0 else reversed(sides):
            numbers.append(measure())
    return result
