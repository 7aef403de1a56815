"""That a merchant saw a button: the first step of the rollout's funnel."""

from onboarding.arms import arm_of
from onboarding.cards import entry_points_of, obstacle
from onboarding.models import LaunchLink, Showing
from partners.tenancy import tenant


def note_shown(link: LaunchLink) -> None:
    """Write once for each business, button and arm that it was shown; a button that cannot be pressed does not count.

    It is one statement for the whole page, and two pages opened at once write no more than one.
    """
    with tenant(link.partner_id):
        Showing.objects.bulk_create(
            [
                Showing(
                    partner_id=link.partner_id,
                    entry_point=each,
                    business=link.business,
                    use_minimal_onboarding=arm_of(each, link.business),
                )
                for each in entry_points_of(link)
                if not obstacle(each, link.business)
            ],
            ignore_conflicts=True,
        )
