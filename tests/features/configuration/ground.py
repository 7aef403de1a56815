"""What the tests of configuration begin with: a connected business, and what was wanted and asked for."""

from typing import Any

from django.db import connection

from features.configuration.models import Push, Wanted
from features.configuration.planning import ask, plan
from features.configuration.wanting import want
from features.models import Feature, Installation
from mbe.customizing import SETTINGS
from partners.tenancy import tenant
from tests.features.test_sync import sync
from tests.meta import Meta

State = Push.State
Status = Wanted.Status
BY = "ada"
VALUES = {
    "text": "Book Now",
    "url": "https://book.example/salon",
    "origins": ["https://one.example", "https://two.example"],
}
CUSTOMIZABLE = sorted(SETTINGS)


def connected(meta: Meta, *types: str, external_id: str = "salon", pages: int = 1) -> Installation:
    """A business with these features, synced; its only token is the login's."""
    meta.turn(refuse_system_user_token=True)
    return sync(meta.installation(external_id, *types, pages=pages))


def the(feature_type: str) -> Feature:
    """The only feature of this type."""
    return Feature.objects.select_related("installation").get(feature_type=feature_type)


def values_for(feature_type: str) -> dict[str, Any]:
    """Something for each setting of a type."""
    return {each.name: VALUES[each.kind] for each in SETTINGS[feature_type]}


def wanting(feature: Feature, version: int | None = None, **values: Any) -> Wanted:
    """Want this as a person would."""
    with tenant(feature.partner_id):
        return want(feature, values, by=BY, version=version)


def planned(feature: Feature, version: int | None = None, **values: Any) -> Push:
    """Want this, and plan it."""
    wanting(feature, version, **values)
    with tenant(feature.partner_id):
        (push,) = plan([feature], by=BY)
    return push


def asked(feature: Feature, version: int | None = None, **values: Any) -> Push:
    """Want this, plan it, and ask for it."""
    push = planned(feature, version, **values)
    with tenant(feature.partner_id):
        assert ask([push]) == 1
    return again(push)


def again(push: Push) -> Push:
    """The row as it is now."""
    return Push.objects.select_related("feature__wanted", "installation").get(pk=push.pk)


def status_of(feature: Feature) -> str:
    """How Meta compares with what is wanted."""
    return Wanted.objects.get(feature=feature).status


def at_meta(meta: Meta, feature: Feature) -> dict[str, Any]:
    """What the sandbox has for an instance."""
    for each in meta.counters()["connections"]:
        for one in each["features"]:
            if one["feature_instance_id"] == feature.feature_instance_id:
                return {"enabled": one["enabled"], **one["settings"]}
    raise AssertionError("no such instance there")


def change_at_meta(meta: Meta, feature: Feature, **settings: Any) -> None:
    """The merchant changes something there; no webhook comes."""
    external_id = feature.installation.business.external_business_id
    meta.change(external_id, configure={feature.feature_instance_id: settings})


def turn_configuration(meta: Meta, **knobs: Any) -> None:
    """Turn the knobs of written configurations."""
    meta._call("put", "knobs", configuration=knobs)


def posts(meta: Meta) -> int:
    """How often something was posted."""
    return calls(meta, "POST")


def reads(meta: Meta) -> int:
    """How often the configuration was read."""
    return calls(meta, "GET")


def calls(meta: Meta, method: str) -> int:
    """How often the configuration's edge was called."""
    counted = meta.counters()["calls"].items()
    return sum(count for words, count in counted if words.split("?")[0].rstrip("/") == f"{method} fbe_business")


def expire_leases() -> None:
    """The worker that had the claim is dead, and its lease over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE configuration_push SET claimed_until = now() - interval '1 second'")
