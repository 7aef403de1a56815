"""The admin's first page: how the connections stand, and what needs somebody's attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from features.admin_shows import STATE_TONES
from features.models import Installation
from partners.changelist import capped_count
from partners.gate import visible
from partners.viewing import Viewer
from webhooks.models import DeliveredNotice, Delivery

MOST_COUNTED = 1_000
MOST_SHOWN = 5


@dataclass(frozen=True)
class Number:
    """A count with its name and the list behind it."""

    label: str
    count: str
    url: str
    tone: str


@dataclass(frozen=True)
class Attention:
    """Rows that wait for somebody: the newest few, how many there are, and the list behind them."""

    title: str
    advice: str
    count: str
    url: str
    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Dashboard:
    """What the first page shows."""

    numbers: Sequence[Number]
    attentions: Sequence[Attention]


def dashboard(viewer: Viewer) -> Dashboard:
    """The dashboard of what is in view; every count is bounded."""
    installations = visible(Installation.objects.all(), viewer)
    everything = [_reconnect(installations), _unknown(viewer), _failed(viewer)]
    return Dashboard(_numbers(installations), [each for each in everything if each.rows])


def _numbers(installations: QuerySet[Installation]) -> list[Number]:
    url = reverse("admin:features_installation_changelist")
    return [
        Number(
            label=str(state.label),
            count=capped_count(installations.filter(state=state), MOST_COUNTED),
            url=f"{url}?state__exact={state.value}",
            tone=STATE_TONES[state],
        )
        for state in Installation.State
    ]


def _reconnect(installations: QuerySet[Installation]) -> Attention:
    rows = installations.filter(state=Installation.State.RECONNECT)
    newest = rows.select_related("business").order_by("-pk")[:MOST_SHOWN]
    return Attention(
        title=_("Connections that need the business once more"),
        advice=_("Send each a new launch link."),
        count=capped_count(rows, MOST_COUNTED),
        url=reverse("admin:features_installation_changelist") + "?state__exact=reconnect",
        rows=[(_page("features_installation", each), str(each.business), each.explanation) for each in newest],
    )


def _unknown(viewer: Viewer) -> Attention:
    unknown = DeliveredNotice.Outcome.UNKNOWN_BUSINESS
    rows = visible(DeliveredNotice.objects.filter(outcome=unknown), viewer)
    newest = rows.only("external_business_id", "fbe_event", "field").order_by("-pk")[:MOST_SHOWN]
    return Attention(
        title=_("Notices about businesses that the portal does not know"),
        advice=_("Adopt a business to take it over, with the token that came for it."),
        count=capped_count(rows, MOST_COUNTED),
        url=reverse("admin:webhooks_deliverednotice_changelist") + f"?outcome__exact={unknown}",
        rows=[
            (_page("webhooks_deliverednotice", each), each.external_business_id, each.fbe_event or each.field)
            for each in newest
        ],
    )


def _failed(viewer: Viewer) -> Attention:
    rows = visible(Delivery.objects.filter(status=Delivery.Status.FAILED), viewer)
    newest = rows.only("received_at", "problem").order_by("-pk")[:MOST_SHOWN]
    return Attention(
        title=_("Deliveries that could not be processed"),
        advice=_("Have them processed again once the cause is gone."),
        count=capped_count(rows, MOST_COUNTED),
        url=reverse("admin:webhooks_delivery_changelist") + f"?status__exact={Delivery.Status.FAILED}",
        rows=[(_page("webhooks_delivery", each), str(each), each.problem) for each in newest],
    )


def _page(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_change", args=[row.pk])
