"""Making launch links; the address is known only here and to whoever it is sent to."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.crypto import salted_hmac

from onboarding.models import EntryPoint, LaunchLink, fingerprint, new_token
from partners.models import Business


@dataclass(frozen=True)
class Made:
    """The link of a form, with its address; `is_again` where the same form was sent before.

    Once the link has ended the address is empty: nobody can open it.
    """

    link: LaunchLink
    address: str
    is_again: bool = False


def link_of_form(form: str, business: Business, entry_point: EntryPoint | None, user: User) -> Made:
    """The link that this form makes when this person sends it: one, however often it is sent.

    `form` is random and stands in the form; without the portal's own key nobody can make the link's secret of it. Call
    it inside `tenant`.
    """
    # Whoever sends the form at the same moment waits here, and then finds the link.
    Business.objects.select_for_update(no_key=True).get(pk=business.pk)
    value = f"{form}:{user.pk}:{business.pk}:{entry_point.pk if entry_point else ''}"
    token = salted_hmac("onboarding.launch_link", value, algorithm="sha256").hexdigest()
    known = LaunchLink.objects.filter(token_hash=fingerprint(token))
    link = known.select_related("business", "entry_point").first()
    if link is None:
        return Made(*make_launch_link(business, entry_point, user, token))
    return Made(link, launch_address(token) if link.is_usable else "", is_again=True)


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
