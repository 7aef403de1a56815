"""Lead ads and messaging: Meta tells the app what happens on the Page, for as long as a feature needs it."""

import logging
from collections.abc import Iterator

from features.activation.handlers.missing import asset_missing
from features.activation.handling import Actor, Look, Step, StepState
from features.activation.page_subscriptions import FIELDS, bring_in_line, hand_over, left_behind, page_of
from features.fetching import NoUsableToken
from features.models import Feature
from mbe.errors import DeadToken, NotVisible, PermissionMissing, Refused

logger = logging.getLogger(__name__)


def subscription(look: Look) -> Iterator[Step]:
    """Subscribe the app to what its features need of the Page, and take back what a Page left behind needed."""
    page_id = page_of(look.feature)
    if look.feature.is_enabled is False:
        yield Step("switched_off", StepState.TO_DO, actor=Actor.MERCHANT)
    elif page_id:
        yield _subscription(look, page_id)
    else:
        yield asset_missing("page_id")
    _take_back(look, left_behind(look.installation))


def end(look: Look) -> None:
    """Take back what nobody needs any more, when the feature goes."""
    own = page_of(look.feature)
    _take_back(look, sorted({*left_behind(look.installation), own} - {""}))


def needs(feature: Feature) -> tuple[str, ...]:
    """Give the fields of the Page that a feature needs."""
    return FIELDS.get(feature.feature_type, ())


def _subscription(look: Look, page_id: str) -> Step:
    own = needs(look.feature)
    fields, is_in_line = bring_in_line(look.installation, page_id, look.calls, own)
    facts = {"page_id": page_id, "fields": list(fields)}
    if is_in_line and {*own} <= {*fields}:
        return Step("page_subscribed", StepState.DONE, facts)
    return Step("page_subscription_differs", StepState.FAILED, {**facts, "needed": list(own)})


def _take_back(look: Look, pages: list[str]) -> None:
    for page_id in pages:
        try:
            bring_in_line(look.installation, page_id, look.calls)
        except (NotVisible, PermissionMissing, Refused) as error:
            logger.info("the subscription of Page %s is out of reach: %s", page_id, error)
            hand_over(look.installation, page_id)
        except (DeadToken, NoUsableToken):
            hand_over(look.installation, page_id)
            raise
