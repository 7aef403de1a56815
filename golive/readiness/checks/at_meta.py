"""Checks of what Meta says about the app itself: its secret and its subscriptions."""

from features.activation.page_subscriptions import FIELDS
from golive.readiness.checks.callback import callback_url
from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red
from golive.readiness.steps import Step
from mbe.errors import DeadToken, NotVisible, Refused
from mbe.subscriptions import Subscription
from partners.encryption import UnknownKey
from partners.models import MetaApp

INSTALL_FIELD = "fbe_install"
# Meta's codes for a wrong proof, which the secret makes, and for an app that it does not know.
_OF_ID_OR_SECRET = (100, 101)


def app_token(ground: Ground, _: str) -> Result:
    """Whether Meta accepts the app's id with its secret.

    What Meta refuses for another reason, as what an app that is restricted asks for, says nothing of the secret.
    """
    try:
        told = ground.subscriptions
    except UnknownKey:
        return red(Step.NO_KEY)
    except (DeadToken, NotVisible, Refused) as error:
        if isinstance(error, Refused) and error.code not in _OF_ID_OR_SECRET:
            raise
        return red(Step.SECRET, said=str(error)[:300])
    return green(app_id=ground.app.app_id, subscriptions=[each.object for each in told.subscriptions])


def subscribed_fields(ground: Ground, _: str) -> Result:
    """Whether installs come to our callback, and what the app's features need of Pages as well."""
    ours = callback_url(ground.app)
    wanted = {"user": {INSTALL_FIELD}, "page": _page_fields(ground.app)}
    for name, fields in wanted.items():
        found = ground.subscriptions.of(name)
        step = _step(found, ours, fields) if fields else None
        if step is not None:
            missing = sorted(fields - set(found.fields if found else ()))
            foreign = found.callback_url if found and step == Step.FOREIGN_CALLBACK else ""
            return red(step, object=name, missing_fields=missing, callback_at_meta=foreign, callback=ours)
    subscribed = [f"{name}: {', '.join(sorted(fields))}" for name, fields in wanted.items() if fields]
    return green(callback=ours, fields=subscribed)


def _page_fields(app: MetaApp) -> set[str]:
    return {field for name in app.features for field in FIELDS.get(name, ())}


def _step(found: Subscription | None, ours: str, fields: set[str]) -> Step | None:
    if found is None:
        return Step.NOT_SUBSCRIBED
    if found.callback_url != ours:
        return Step.FOREIGN_CALLBACK
    if not found.is_active:
        return Step.INACTIVE
    return Step.MISSING_FIELDS if fields - set(found.fields) else None
