"""Staff turn a rollout: to a percentage, to all, back; and choose the arm of one business."""

from onboarding.models import ArmOverride, EntryPoint
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import Business
from partners.tenancy import tenant


def turn(entry_point: EntryPoint, percent: int, by: By) -> None:
    """Give the v3 menu to this share of the businesses, 0 to 100, and write who did it."""
    with tenant(entry_point.partner_id):
        locked = EntryPoint.objects.select_for_update().get(pk=entry_point.pk)
        before = locked.minimal_onboarding_percent
        if percent == before:
            return
        locked.turn_to(percent)
        locked.save(update_fields=["minimal_onboarding_percent", "previous_percent"])
        record(Action.CHANGED, locked, by=by, changes={"minimal_onboarding_percent": [before, percent]})


def choose(entry_point: EntryPoint, business: Business, arm: bool | None, by: By) -> None:
    """Choose the arm of one business whatever the percentage, or (None) leave it to the percentage again."""
    with tenant(entry_point.partner_id):
        chosen = ArmOverride.objects.filter(entry_point=entry_point, business=business)
        before = chosen.values_list("use_minimal_onboarding", flat=True).first()
        if before == arm:
            return
        if arm is None:
            chosen.delete()
        else:
            ArmOverride.objects.update_or_create(
                partner_id=entry_point.partner_id,
                entry_point=entry_point,
                business=business,
                defaults={"use_minimal_onboarding": arm},
            )
        changes = {f"{business.external_business_id}: use_minimal_onboarding": [before, arm]}
        record(Action.CHANGED, entry_point, by=by, changes=changes)
