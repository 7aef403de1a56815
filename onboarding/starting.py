"""A merchant presses a button: an attempt is written, and the address of Meta's dialog made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from features.hints import installation_of
from mbe.links import build_extras, login_url
from onboarding.arms import assignments_of
from onboarding.cards import entry_points_of, obstacle
from onboarding.cta import fill_defaults
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt, fingerprint, new_token
from onboarding.sharing import shared_for
from partners.models import Business
from partners.tenancy import tenant


class NotOffered(Exception):
    """The link does not open this entry point."""


class Obstructed(Exception):
    """The entry point is there, but this business cannot start it now; the page says why."""


@dataclass(frozen=True)
class Begun:
    """An attempt just written, with the `state` of which it keeps only the hash, and what its dialog shall know."""

    attempt: OnboardingAttempt
    state: str = field(repr=False)
    extras: dict[str, Any]


def start(link: LaunchLink, slug: str, browser: str, *, app_id: str | None = None) -> str:
    """Write an attempt bound to this browser, and give the address at Meta to go to.

    With `app_id` only an entry point of that Meta app is offered. Raises `NotOffered` and `Obstructed`.
    """
    begun = begin(link, slug, browser, OnboardingAttempt.WayIn.LOGIN, app_id=app_id)
    return dialog_url(begun)


def begin(
    link: LaunchLink, slug: str, browser: str, way_in: OnboardingAttempt.WayIn, *, app_id: str | None = None
) -> Begun:
    """Write an attempt bound to this browser; with `app_id` only an entry point of that Meta app is offered.

    Raises `NotOffered` and `Obstructed`.
    """
    state = new_token()
    with tenant(link.partner_id):
        entry_point = next((each for each in entry_points_of(link, app_id) if each.slug == slug), None)
        if entry_point is None:
            raise NotOffered
        assigned = assignments_of([entry_point], link.business)[entry_point.pk]
        arm = assigned.use_minimal_onboarding
        if obstacle(entry_point, link.business, arm):
            raise Obstructed
        installation_of(entry_point.meta_app, link.business)
        attempt = OnboardingAttempt.objects.create(
            partner_id=link.partner_id,
            business=link.business,
            meta_app=entry_point.meta_app,
            entry_point=entry_point,
            launch_link=link,
            state_hash=fingerprint(state),
            browser_hash=fingerprint(browser),
            way_in=way_in,
            use_minimal_onboarding=arm,
            is_arm_chosen=assigned.is_chosen,
        )
        LaunchLink.objects.filter(pk=link.pk).update(last_used_at=timezone.now())
        shared = shared_for(entry_point, link.business_id)
    preselected = shared.preselected if shared else {}
    return Begun(attempt, state, extras_for(entry_point, link.business, arm, preselected))


def dialog_url(begun: Begun) -> str:
    """The address of Meta's login dialog for this attempt (meta-api §1.1)."""
    entry_point = begun.attempt.entry_point
    return login_url(
        settings.META_DIALOG_URL,
        client_id=entry_point.meta_app.app_id,
        redirect_uri=redirect_uri(),
        state=begun.state,
        scopes=entry_point.scopes,
        extras=begun.extras,
    )


def redirect_uri() -> str:
    """Where Meta sends the merchant back to; the code's exchange must name it byte for byte (meta-api §1.1)."""
    return settings.PUBLIC_URL + reverse("return")


def extras_for(
    entry_point: EntryPoint,
    business: Business,
    use_minimal_onboarding: bool,
    preselected: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The dialog's `extras` in this arm (meta-api §1.5): the business in `setup`, the CTA defaults filled in for it.

    `preselected` are assets that the dialog shall select (meta-api §1.6).
    """
    return build_extras(
        external_business_id=business.external_business_id,
        business_name=business.name,
        business_vertical=settings.META_VERTICAL_CODES.get(entry_point.vertical, entry_point.vertical),
        timezone=business.timezone,
        currency=business.currency,
        use_minimal_onboarding=use_minimal_onboarding,
        intent=entry_point.intent,
        channel=entry_point.channel,
        domain=business.domain,
        business_config=defaults_for(entry_point, business),
        preselected=preselected,
        flow_config_in=settings.META_FLOW_CONFIG_IN,
    )


def defaults_for(entry_point: EntryPoint, business: Business) -> dict[str, Any]:
    """The entry point's CTA defaults filled in for a business: feature type to settings."""
    return fill_defaults(
        entry_point.cta_defaults, external_business_id=business.external_business_id, domain=business.domain
    )
