"""The two arms of a rollout side by side: shares with intervals, and whether the difference is real yet."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext, gettext_lazy

from golive.rollout.funnel import Arm, Funnel
from golive.rollout.intervals import Estimate, difference, share

# Below so many businesses in an arm nothing is said about the difference.
FEWEST = 20
_STEPS = {
    "shown": gettext_lazy("shown"),
    "started": gettext_lazy("started"),
    "returned": gettext_lazy("returned"),
    "cancelled": gettext_lazy("cancelled"),
    "failed": gettext_lazy("failed"),
    "open": gettext_lazy("not come back"),
    "connected": gettext_lazy("connected"),
}


@dataclass(frozen=True)
class Cell:
    """One arm at one step: the number, its share of those shown, the interval; the rest is for the bar, 0 to 100."""

    count: int
    share: str
    interval: str
    width: str
    low: str
    high: str


@dataclass(frozen=True)
class Figure:
    """A number with its interval, both for people; without data a dash and nothing."""

    value: str = "-"
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """A step of the funnel in both arms, and the difference in percentage points."""

    label: str
    new: Cell
    old: Cell
    difference: Figure


def lines(funnel: Funnel) -> list[Line]:
    """Every step of the funnel."""
    return [_line(str(label), name, funnel) for name, label in _STEPS.items()]


def averages(funnel: Funnel) -> list[tuple[str, Figure, Figure]]:
    """Features for each connected business, and minutes to the connection: label, new arm, old arm."""
    new, old = funnel.new, funnel.old
    return [
        (gettext("features of a connected business (mean)"), _number(new.features), _number(old.features)),
        (gettext("minutes to connected (median)"), _number(new.minutes), _number(old.minutes)),
    ]


def verdict(funnel: Funnel) -> str:
    """Whether the difference in connected businesses is real yet, in a plain sentence."""
    new, old = funnel.new, funnel.old
    if not new.shown and not old.shown:
        return gettext("No data yet: no business whose arm the percentage decides has seen this button.")
    if not new.shown or not old.shown:
        return _only_one(new if new.shown else old)
    if min(new.shown, old.shown) < FEWEST:
        return gettext(
            "Too few data: each arm needs at least %(fewest)s businesses; the v3 menu has %(new)s, the v2 interface "
            "%(old)s."
        ) % {"fewest": FEWEST, "new": new.shown, "old": old.shown}
    facts = {"a": new.connected, "b": new.shown, "c": old.connected, "d": old.shown, "moved": funnel.moved}
    sign = _sign(_difference(new, old, "connected"))
    if not sign:
        return (
            gettext(
                "Not yet: %(a)s of %(b)s businesses connected with the v3 menu against %(c)s of %(d)s with the v2 "
                "interface, which may be chance."
            )
            % facts
        )
    if sign != _sign(_difference(_unmoved(new), _unmoved(old), "connected")):
        return (
            gettext(
                "Not yet: %(a)s of %(b)s businesses connected with the v3 menu against %(c)s of %(d)s with the v2 "
                "interface, which is more than chance, but not without the %(moved)s businesses that were given the "
                "other arm before they connected."
            )
            % facts
        )
    if sign > 0:
        return gettext("Yes: more connect with the v3 menu, %(a)s of %(b)s against %(c)s of %(d)s.") % facts
    return gettext("Yes: fewer connect with the v3 menu, %(a)s of %(b)s against %(c)s of %(d)s.") % facts


def _only_one(arm: Arm) -> str:
    facts = {"connected": arm.connected, "shown": arm.shown}
    if arm.is_minimal:
        return (
            gettext(
                "Nothing to compare: only the v3 menu was shown, and %(connected)s of %(shown)s businesses connected."
            )
            % facts
        )
    return (
        gettext(
            "Nothing to compare: only the v2 interface was shown, and %(connected)s of %(shown)s businesses connected."
        )
        % facts
    )


def _sign(between: Estimate | None) -> int:
    """The direction of a difference that is more than chance; 0 of any other."""
    if between is None or between.low <= 0 <= between.high:
        return 0
    return 1 if between.value > 0 else -1


def _unmoved(arm: Arm) -> Arm:
    """The arm without those who were taken out of it before they connected: left in, they make it look worse."""
    return replace(arm, shown=arm.shown - arm.moved)


def _line(label: str, name: str, funnel: Funnel) -> Line:
    between = _difference(funnel.new, funnel.old, name)
    return Line(label, _cell(funnel.new, name), _cell(funnel.old, name), _points(between))


def _points(between: Estimate | None) -> Figure:
    if between is None:
        return Figure()
    value, low, high = (f"{100 * each:+.1f}" for each in (between.value, between.low, between.high))
    return Figure(value, f"{low} … {high}")


def _cell(arm: Arm, name: str) -> Cell:
    count = getattr(arm, name)
    found = share(count, arm.shown)
    if found is None:
        return Cell(count, "-", "", "0", "0", "0")
    interval = f"{found.low:.1%} … {found.high:.1%}" if name != "shown" else ""
    return Cell(count, f"{found.value:.1%}", interval, *(_of_hundred(each) for each in vars(found).values()))


def _of_hundred(value: float) -> str:
    return f"{100 * value:.1f}"


def _difference(new: Arm, old: Arm, name: str) -> Estimate | None:
    one, other = share(getattr(new, name), new.shown), share(getattr(old, name), old.shown)
    return difference(one, other) if one and other and name != "shown" else None


def _number(found: Estimate | None) -> Figure:
    # Neither features nor minutes are below none, though an interval round few of them may be.
    return Figure(f"{found.value:.1f}", f"{max(0.0, found.low):.1f} … {found.high:.1f}") if found else Figure()
