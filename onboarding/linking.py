"""Making launch links; the address is known only here and to whoever it is sent to."""

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from onboarding.models import EntryPoint, LaunchLink, fingerprint, new_token
from partners.models import Business


def make_launch_link(
    business: Business, entry_point: EntryPoint | None = None, created_by: User | None = None, token: str = ""
) -> tuple[LaunchLink, str]:
    """A new link for this business (and this one entry point), with its address; only a hash of its token is kept.

    Without a `token` that the caller can make again, it is random.
    """
    token = token or new_token()
    link = LaunchLink.objects.create(
        partner_id=business.partner_id,
        business=business,
        entry_point=entry_point,
        token_hash=fingerprint(token),
        created_by=created_by,
    )
    return link, launch_address(token)


def launch_address(token: str) -> str:
    """Where a link with this token opens."""
    return settings.PUBLIC_URL + reverse("connect", args=[token])
