"""Whether people have confirmed that an app's feature menus offer what is meant to be offered."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from golive.menus.models import MenuConfirmation
from golive.menus.offers import Offer, active_entry_points, offers_of
from partners.models import MetaApp
from partners.tenancy import tenant


class Reason(models.TextChoices):
    """Why a menu is not confirmed."""

    NEVER_CONFIRMED = "never_confirmed", _("Nobody has confirmed this menu yet.")
    FEATURES_CHANGED = (
        "features_changed",
        _("What is meant to be offered has changed since: look anew and confirm anew."),
    )
    WITHDRAWN = "withdrawn", _("The confirmation was taken back.")
    NOTHING_OFFERED = "nothing_offered", _("The app offers no feature of this vertical: its menu would be empty.")


@dataclass(frozen=True)
class MenuState:
    """One vertical's menu; `reason` is one of `Reason`, empty where `is_green`.

    `confirmed_at` and `confirmed_by` are of the newest confirmation, whether it still counts or not. `url` leads to
    where the menu is confirmed.
    """

    vertical: str
    is_green: bool
    confirmed_at: datetime | None
    confirmed_by: str
    reason: str
    url: str


@dataclass(frozen=True)
class Standing:
    """A state with what it was judged by; the confirmation comes without its picture."""

    state: MenuState
    offer: Offer
    newest: MenuConfirmation | None


def menu_states(meta_app: MetaApp) -> list[MenuState]:
    """How the menu of each vertical stands that the app's active entry points lead to; none without entry points."""
    return [each.state for each in standings(meta_app)]


def standings(meta_app: MetaApp) -> list[Standing]:
    """As `menu_states`, with more about each."""
    with tenant(meta_app.partner_id):
        offers = offers_of(meta_app, active_entry_points(meta_app))
        rows = MenuConfirmation.objects.filter(partner=meta_app.partner_id, meta_app=meta_app).defer("picture")
        newest = {each.vertical: each for each in rows.order_by("vertical", "-pk").distinct("vertical")}
    return [_standing(meta_app, offer, newest.get(offer.vertical)) for offer in offers]


def reason_to_doubt(offer: Offer, newest: MenuConfirmation | None) -> str:
    """Why this confirmation does not stand for this offer; empty where it does."""
    if not offer.features:
        return Reason.NOTHING_OFFERED
    if newest is None:
        return Reason.NEVER_CONFIRMED
    if newest.withdrawn_at is not None:
        return Reason.WITHDRAWN
    return "" if newest.fingerprint == offer.fingerprint else Reason.FEATURES_CHANGED


def _standing(meta_app: MetaApp, offer: Offer, newest: MenuConfirmation | None) -> Standing:
    reason = reason_to_doubt(offer, newest)
    state = MenuState(
        vertical=offer.vertical,
        is_green=not reason,
        confirmed_at=newest.confirmed_at if newest else None,
        confirmed_by=newest.confirmed_by if newest else "",
        reason=str(reason),
        url=f"{reverse('golive-menus', args=[meta_app.pk])}#{offer.vertical}",
    )
    return Standing(state, offer, newest)
