"""How what Meta has compares with what is wanted, and the locks under which that is written."""

from collections.abc import Iterable

from django.utils import timezone

from features.configuration.models import Push, Wanted
from features.configuration.observed import observed
from features.models import Feature, Installation
from mbe.customizing import differences

Status = Wanted.Status


def lock_installations(ids: Iterable[int]) -> None:
    """Lock these installations in the order in which everybody does; below them no further lock is needed."""
    list(Installation.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update().values_list("pk"))


def locked(features: Iterable[Feature]) -> list[Feature]:
    """The features as they are now, oldest first, with what is wanted of them; their installations are locked."""
    features = list(features)
    lock_installations(each.installation_id for each in features)
    rows = Feature.objects.filter(pk__in=[each.pk for each in features])
    return list(rows.select_related("wanted", "installation").order_by("pk"))


def wanted_of(feature: Feature) -> Wanted | None:
    """What is wanted of a feature, if anything."""
    # The relation's own error is an AttributeError.
    return getattr(feature, "wanted", None)


def waiting_of(features: Iterable[Feature]) -> set[int]:
    """Of these features the ids of those with a push that waits."""
    rows = Push.objects.filter(feature__in=[each.pk for each in features], state=Push.State.WAITING)
    return set(rows.values_list("feature_id", flat=True))


def is_met(wanted: Wanted) -> bool:
    """Whether Meta has all that is wanted, as far as was read."""
    return not differences(wanted.values, observed(wanted.feature))


def set_status(wanted: Wanted, otherwise: Status, *, is_waiting: bool = False) -> bool:
    """Say on the row how it compares, `otherwise` being the word where it does not; whether that is news."""
    status = Status.PUSHING if is_waiting else Status.AS_WANTED if is_met(wanted) else otherwise
    if status == wanted.status:
        return False
    wanted.status, wanted.status_at = status, timezone.now()
    return True


def after_dropping(push: Push, wanted: Wanted) -> Status:
    """The word for what is wanted and not there, when nothing comes of a push that was asked for."""
    if wanted.values != push.wanted:
        return Status.UNPUSHED
    if differences(push.based_on, observed(wanted.feature)):
        return Status.DRIFT
    return Status(push.status_before or Status.UNPUSHED)
