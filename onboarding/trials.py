"""Whom the buttons of test apps reach: testers, and not the partner's customers."""

from django.db.models import Exists, OuterRef, QuerySet

from features.models import AccessToken, Installation
from onboarding.models import EntryPoint
from partners.models import Business, MetaApp


def hidden_from(business: Business) -> set[int]:
    """The test apps whose buttons a link without an entry point does not open for this business, by their keys.

    A test app is for testers (`MetaApp.is_test`), and no row says which business is one: so it is hidden from all but
    those that have come to it, by a link for one of its entry points, by Meta itself or by an import. A business that
    no live app has a button for, be it switched off, and that has come to none, is nobody's customer yet: from it
    nothing is hidden. Call it inside `tenant`.
    """
    is_test = dict(MetaApp.objects.filter(partner_id=business.partner_id).values_list("pk", "is_test"))
    trials = {pk for pk, is_one in is_test.items() if is_one}
    come = set(_come(business.pk).values_list("meta_app_id", flat=True))
    is_customer = bool(come - trials) or _has_live_button(business)
    return trials - come if is_customer else set()


def _has_live_button(business: Business) -> bool:
    live = EntryPoint.objects.filter(partner_id=business.partner_id, meta_app__is_test=False)
    return any(business.serves(each) for each in live.values_list("vertical", flat=True).distinct())


def _come(business_id: int) -> QuerySet[Installation]:
    has_token = Exists(AccessToken.objects.filter(installation=OuterRef("pk")))
    rows = Installation.objects.filter(business_id=business_id)
    return rows.exclude(~has_token, state=Installation.State.PENDING)
