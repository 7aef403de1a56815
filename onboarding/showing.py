"""That a merchant opened a link, and saw a button: the first step of the rollout's funnel."""

from django.utils import timezone

from onboarding.arms import assignments_of
from onboarding.cards import entry_points_of, obstacle
from onboarding.models import LaunchLink, Showing
from partners.models import MetaApp
from partners.tenancy import tenant


def note_shown(link: LaunchLink, meta_app: MetaApp | None = None) -> None:
    """Write once for each business, button and arm that it was shown; a button that cannot be pressed does not count.

    With `meta_app` only that app's buttons were shown. It is one statement for the whole page, and two pages opened at
    once write no more than one. The link was used, whatever is on the page.
    """
    with tenant(link.partner_id):
        LaunchLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())
        shown = entry_points_of(link, meta_app.app_id if meta_app else None)
        assigned = assignments_of(shown, link.business)
        Showing.objects.bulk_create(
            [
                Showing(
                    partner_id=link.partner_id,
                    entry_point=each,
                    business=link.business,
                    use_minimal_onboarding=assigned[each.pk].use_minimal_onboarding,
                    is_arm_chosen=assigned[each.pk].is_chosen,
                )
                for each in shown
                if not obstacle(each, link.business, assigned[each.pk].use_minimal_onboarding)
            ],
            ignore_conflicts=True,
        )
