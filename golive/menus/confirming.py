"""Confirm that a menu offers what is meant, and take that back."""

from django.utils.timezone import now

from golive.menus.models import LONGEST_NAME, MenuConfirmation
from golive.menus.offers import active_entry_points, offers_of
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import MetaApp
from partners.tenancy import tenant


class OfferChanged(Exception):
    """What is meant to be offered is no longer what the person has read, or is nothing at all."""


def confirm(
    app: MetaApp, vertical: str, seen: str, *, picture: bytes, picture_type: str, note: str, by: By
) -> MenuConfirmation:
    """Keep that somebody saw this vertical's menu; `seen` is the fingerprint of what the page said.

    Raises OfferChanged where that is not what is meant now, or where nothing is meant.
    """
    with tenant(app.partner_id):
        fresh = MetaApp.objects.get(pk=app.pk)
        offers = offers_of(fresh, active_entry_points(fresh))
        offer = next((each for each in offers if each.vertical == vertical and each.fingerprint == seen), None)
        if offer is None or not offer.features:
            raise OfferChanged
        row = MenuConfirmation.objects.create(
            partner_id=app.partner_id,
            meta_app=app,
            vertical=vertical,
            offered=offer.as_json,
            fingerprint=seen,
            confirmed_by=by.name[:LONGEST_NAME],
            note=note,
            picture=picture,
            picture_type=picture_type,
        )
        record(Action.CONFIRMED, row, by=by, changes={"offered": [[], offer.features]})
    return row


def standing_confirmation(app: MetaApp, number: int) -> MenuConfirmation | None:
    """The confirmation of this app with that number, without its picture; None where it was taken back, or is none."""
    with tenant(app.partner_id):
        return MenuConfirmation.objects.defer("picture").filter(pk=number, meta_app=app, withdrawn_at=None).first()


def withdraw(app: MetaApp, number: int, by: By) -> bool:
    """Take a confirmation of this app back; False where there is none, or it was taken back before."""
    with tenant(app.partner_id):
        rows = MenuConfirmation.objects.select_for_update().defer("picture")
        row = rows.filter(pk=number, meta_app=app, withdrawn_at=None).first()
        if row is None:
            return False
        row.withdrawn_at, row.withdrawn_by = now(), by.name[:LONGEST_NAME]
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(Action.CHANGED, row, by=by, changes={"withdrawn_at": [None, row.withdrawn_at]})
    return True
