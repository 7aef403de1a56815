"""The walk from the launch link to a feature that works: the first step that is broken is named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from features.models import MbeVersion
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Status, not_reached
from golive.diagnosis.steps.activating import activation
from golive.diagnosis.steps.going import attempt, link
from golive.diagnosis.steps.granting import grant, token
from golive.diagnosis.steps.having import configuration, features
from golive.diagnosis.steps.telling import installs, webhook
from partners.display import moment

# In the order in which a business takes them.
STEPS: dict[str, tuple[Promise, Callable[[Case], Finding]]] = {
    "link": (gettext_lazy("Launch link"), link),
    "attempt": (gettext_lazy("Attempt"), attempt),
    "grant": (gettext_lazy("Consent at Meta"), grant),
    "token": (gettext_lazy("Access token"), token),
    "webhook": (gettext_lazy("Webhook"), webhook),
    "installs": (gettext_lazy("Installs API"), installs),
    "features": (gettext_lazy("Features"), features),
    "configuration": (gettext_lazy("Configuration"), configuration),
    "activation": (gettext_lazy("Activation"), activation),
}


@dataclass(frozen=True)
class Walk:
    """A finding for each step of `STEPS`; `stops_at` is the first broken one, empty where the business is live."""

    case: Case
    findings: Mapping[str, Finding]
    stops_at: str

    @property
    def is_live(self) -> bool:
        """Whether nothing is broken."""
        return not self.stops_at

    @property
    def decisive(self) -> Finding | None:
        """The finding that the business is not live for."""
        return self.findings[self.stops_at] if self.stops_at else None

    @property
    def verdict(self) -> str:
        """All of it in one sentence."""
        return self.decisive.text if self.decisive is not None else _live(self.case)


def deciding(walks: Sequence[Walk]) -> list[Walk]:
    """The walks that say whether the business is live: those on live apps; on test apps only where there are no others.

    What testers try says nothing of a customer.
    """
    return [each for each in walks if not each.case.app.is_test] or list(walks)


def walk(case: Case) -> Walk:
    """Take the steps one by one; of those after the first broken one only what is known to be fine is told."""
    found = {name: look(case) for name, (_label, look) in STEPS.items()}
    stops_at = next((name for name, each in found.items() if each.status == Status.BROKEN), "")
    is_after = False
    for name, each in found.items():
        if is_after and each.status != Status.OK:
            found[name] = not_reached()
        is_after = is_after or name == stops_at
    return Walk(case, found, stops_at)


def _live(case: Case) -> str:
    row = case.installation
    is_v2 = row is not None and row.mbe_version == MbeVersion.V2
    at = moment(case.turn.occurred_at if case.turn else None)
    if is_v2:
        return _("Live: connected since %(at)s, and Meta still answers in v2.") % {"at": at}
    if case.taken_away:
        return _("Live: connected since %(at)s, and what staff have not had uninstalled works.") % {"at": at}
    return _("Live: connected since %(at)s, and what the business came for works.") % {"at": at}
