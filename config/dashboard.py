"""The admin's first page: how the connections stand, and what needs somebody's attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from features.activation.models import Activation
from features.admin_shows import STATE_TONES, feature_label
from features.configuration.models import Wanted
from features.models import Installation
from partners.changelist import capped, capped_count
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
    everything = [_reconnect(installations), *_activations(viewer), _drifted(viewer), _unknown(viewer), _failed(viewer)]
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
    newest = _newest(rows.select_related("business"))
    return Attention(
        title=_("Connections that need the business once more"),
        advice=_("Send each a new launch link."),
        count=_count(newest),
        url=reverse("admin:features_installation_changelist") + "?state__exact=reconnect",
        rows=[(_page("features_installation", each), str(each.business), each.explanation) for each in newest],
    )


def _activations(viewer: Viewer) -> list[Attention]:
    needed, failed = Activation.State.ACTION_NEEDED, Activation.State.FAILED
    advice = _("The feature's page says what is to be done, and by whom.")
    return [
        _activations_in(viewer, needed, _("Features that need somebody"), advice),
        _activations_in(
            viewer, failed, _("Features that failed"), _("The feature's page says why, and what Meta says.")
        ),
    ]


def _activations_in(viewer: Viewer, state: Activation.State, title: str, advice: str) -> Attention:
    rows = visible(Activation.objects.filter(state=state), viewer)
    newest = _newest(rows.select_related("feature", "installation__business"))
    return Attention(
        title=title,
        advice=advice,
        count=_count(newest),
        url=reverse("admin:activation_activation_changelist") + f"?state__exact={state}",
        rows=[
            (_page("features_feature", each.feature), str(each.installation.business), _what_and_who(each))
            for each in newest
        ],
    )


def _what_and_who(activation: Activation) -> str:
    words = (feature_label(activation.feature.feature_type), activation.get_actor_display())
    return " · ".join(filter(None, words))


def _drifted(viewer: Viewer) -> Attention:
    drift = Wanted.Status.DRIFT
    rows = visible(Wanted.objects.filter(status=drift, feature__removed_at=None), viewer)
    newest = _newest(rows.select_related("feature__installation__business"))
    features = [each.feature for each in newest]
    return Attention(
        title=_("Configurations changed at Meta"),
        advice=_("Push ours to bring back what is wanted, or adopt Meta's values."),
        count=_count(newest),
        url=reverse("admin:features_feature_changelist") + f"?configuration={drift}",
        rows=[
            (_page("features_feature", each), str(each.installation.business), feature_label(each.feature_type))
            for each in features
        ],
    )


def _unknown(viewer: Viewer) -> Attention:
    unknown = DeliveredNotice.Outcome.UNKNOWN_BUSINESS
    rows = visible(DeliveredNotice.objects.filter(outcome=unknown), viewer)
    newest = _newest(rows.only("external_business_id", "fbe_event", "field"))
    return Attention(
        title=_("Notices about businesses that the portal does not know"),
        advice=_("Adopt a business to take it over, with the token that came for it."),
        count=_count(newest),
        url=reverse("admin:webhooks_deliverednotice_changelist") + f"?outcome__exact={unknown}",
        rows=[
            (_page("webhooks_deliverednotice", each), each.external_business_id, each.fbe_event or each.field)
            for each in newest
        ],
    )


def _failed(viewer: Viewer) -> Attention:
    rows = visible(Delivery.objects.filter(status=Delivery.Status.FAILED), viewer)
    newest = _newest(rows.only("received_at", "problem"))
    return Attention(
        title=_("Deliveries that could not be processed"),
        advice=_("Have them processed again once the cause is gone."),
        count=_count(newest),
        url=reverse("admin:webhooks_delivery_changelist") + f"?status__exact={Delivery.Status.FAILED}",
        rows=[(_page("webhooks_delivery", each), str(each), each.problem) for each in newest],
    )


def _newest(rows: QuerySet[Any]) -> list[Any]:
    """The newest few, each with how many rows there are, counted in the same statement."""
    all_of_them = ArraySubquery(rows.order_by().values("pk")[: MOST_COUNTED + 1])
    total = Func(all_of_them, function="cardinality", output_field=IntegerField())
    return list(rows.annotate(total=total).order_by("-pk")[:MOST_SHOWN])


def _count(newest: Sequence[Any]) -> str:
    return capped(newest[0].total if newest else 0, MOST_COUNTED)


def _page(name: str, row: Any) -> str:
    return reverse(f"admin:{name}_change", args=[row.pk])
