"""The notices that told of businesses, and what stands in them."""

from datetime import timedelta

from django.db.models import QuerySet

from mbe.events import parse_body
from partners.models import MetaApp
from webhooks.models import DeliveredNotice

# Meta may take a while; only after it does a missing webhook count as missing, and a later one tells of something else.
PATIENCE = timedelta(minutes=5)


def about_installs(app: MetaApp) -> QuerySet[DeliveredNotice]:
    """The app's notices that made the portal look at a business, without those of the second channel."""
    rows = DeliveredNotice.objects.filter(
        partner=app.partner_id, meta_app=app, installation__meta_app=app, outcome=DeliveredNotice.Outcome.HINTED
    )
    return rows.exclude(field__startswith="business_integration").select_related("delivery")


def listed_in(notice: DeliveredNotice) -> frozenset[str] | None:
    """The instances that the notice lists, which stand in its delivery's body; None where it has no list, as in v2."""
    notices = parse_body(notice.delivery.raw_body)
    found = next((each for each in notices if each.digest == notice.digest), None)
    return frozenset(found.feature_instance_ids) if found is not None and found.lists_features else None
