"""Adopting a business that Meta speaks of and we did not know."""

from collections.abc import Iterable

from django.db import transaction

from features.hints import installation_of, mark_dirty
from features.models import Cause, Installation
from features.tokens import ReceivedToken, keep
from features.wake import workers
from partners.encryption import unseal
from partners.models import Business
from partners.tenancy import tenant
from webhooks.models import DeliveredNotice


def lock_known(notices: Iterable[DeliveredNotice]) -> None:
    """Lock what is there already of many that are adopted in one transaction: in one order, as the workers do."""
    known = Installation.objects.filter(
        meta_app_id__in={each.meta_app_id for each in notices},
        business__external_business_id__in={each.external_business_id for each in notices},
    )
    list(known.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def adopt(notice: DeliveredNotice) -> Installation:
    """Make the notice's business ours (or find it), give it the tokens that waited, and ask for its sync."""
    with tenant(notice.partner_id):
        business, _ = Business.objects.get_or_create(
            partner_id=notice.partner_id,
            external_business_id=notice.external_business_id,
            defaults={"name": notice.external_business_id},
        )
        installation = installation_of(notice.meta_app, business)
        waiting = DeliveredNotice.objects.filter(
            meta_app_id=notice.meta_app_id,
            external_business_id=notice.external_business_id,
            outcome=DeliveredNotice.Outcome.UNKNOWN_BUSINESS,
        )
        tokens = waiting.order_by("pk").values_list("sealed_token", "delivery__received_at")
        keep([ReceivedToken(installation, unseal(sealed), received_at=at) for sealed, at in tokens if sealed])
        waiting.update(outcome=DeliveredNotice.Outcome.HINTED, installation=installation, sealed_token=None)
        mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.STAFF)
        transaction.on_commit(workers.wake)
    return installation
