"""Which of an app's failed webhooks speak of one business. They were verified, so that what they say counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from django.db.models import BinaryField, Case, F, When

from features.models import Feature, Installation
from mbe.errors import UnreadableBody
from mbe.events import Notice, parse_body
from partners.encryption import UnknownKey, unseal_bytes
from partners.models import Business, MetaApp
from webhooks.models import Delivery

# The newest ones; of one more it is known only that it is there. A page opens no larger bodies.
MOST_OPENED = 20
MOST_BYTES = 256 * 1024


class About(Enum):
    """Whom a webhook is about."""

    THIS = auto()
    OTHERS = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Failed:
    """A webhook that could not be processed."""

    delivery: Delivery
    about: About


@dataclass(frozen=True)
class Known:
    """By what Meta can name the business."""

    external_business_id: str
    business_manager_id: str
    feature_instance_ids: frozenset[str]


def failed_webhooks(
    app: MetaApp, business: Business, installation: Installation | None, features: Sequence[Feature]
) -> list[Failed]:
    """The newest failed webhooks of the app, with one statement; inside the door of its partner."""
    known = Known(
        business.external_business_id,
        installation.business_manager_id if installation else "",
        frozenset(each.feature_instance_id for each in features),
    )
    body = Case(When(size__lte=MOST_BYTES, then=F("sealed_body")), output_field=BinaryField())
    rows = Delivery.objects.filter(partner_id=app.partner_id, meta_app=app, status=Delivery.Status.FAILED)
    newest = rows.defer("sealed_body").annotate(body=body).order_by("-pk")[: MOST_OPENED + 1]
    return [
        Failed(each, _about(each.body, known) if place < MOST_OPENED else About.UNKNOWN)
        for place, each in enumerate(newest)
    ]


def _about(sealed: bytes | None, known: Known) -> About:
    if sealed is None:
        return About.UNKNOWN
    try:
        notices = parse_body(unseal_bytes(sealed))
    except (UnknownKey, UnreadableBody):
        return About.UNKNOWN
    told = {_about_notice(each, known) for each in notices}
    return next((each for each in (About.THIS, About.UNKNOWN) if each in told), About.OTHERS)


def _about_notice(notice: Notice, known: Known) -> About:
    """As webhooks are resolved: by external id, else by Business Manager, else by feature instances."""
    if notice.kind == "other":
        return About.OTHERS
    if notice.external_business_id:
        return About.THIS if notice.external_business_id == known.external_business_id else About.OTHERS
    manager = notice.business_manager_id
    is_its_own = bool(manager) and manager == known.business_manager_id
    if is_its_own or known.feature_instance_ids.intersection(notice.feature_instance_ids):
        return About.THIS
    return About.OTHERS if manager and known.business_manager_id else About.UNKNOWN
