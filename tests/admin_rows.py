"""One row of every kind that the admin shows, and who looks at them."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.configuration.models import Push
from features.models import Cause, Change, Installation
from onboarding.arm_models import ArmOverride, Showing
from onboarding.models import OnboardingAttempt
from partners.audit.models import Action, AuditExport, Via
from partners.audit.recording import By, record
from partners.encryption import seal
from partners.models import Partner
from tests.factories import (
    AttemptFactory,
    FeatureFactory,
    InstallationFactory,
    InvitationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    PartnerFactory,
    UserFactory,
)
from tests.feature_rows import (
    rows_of_catalogs,
    rows_of_feature,
    rows_of_import,
    rows_of_menu,
    rows_of_readiness,
    rows_of_uninstalling,
)
from webhooks.models import DeliveredNotice, Delivery

BODY = {"object": "user", "entry": [{"changes": [{"value": {"access_token": "EAAhidden", "店": "書店"}}]}]}


@dataclass(frozen=True)
class Tenant:
    """A partner with a member of its staff and one row of every kind."""

    partner: Partner
    member: User
    rows: dict[str, Model]

    def client(self) -> Client:
        """A browser in which the member is signed in."""
        return signed_in(self.member)


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def tenant_with_everything() -> Tenant:
    """A new partner, its member, and the rows."""
    partner = PartnerFactory.create()
    installation = InstallationFactory.create(meta_app__partner=partner, state=Installation.State.CONNECTED, reason="")
    link = LaunchLinkFactory.create(business=installation.business)
    attempt = AttemptFactory.create(launch_link=link, meta_app=installation.meta_app)
    feature = FeatureFactory.create(installation=installation)
    change = Change.objects.create(
        partner=partner,
        installation=installation,
        feature=feature,
        kind=Change.Kind.INSTALLED,
        cause=Cause.WEBHOOK,
        generation=1,
    )
    delivery = delivery_of(installation)
    notice = notice_of(delivery, "walk-in")
    by = By(None, "somebody", "192.0.2.7", Via.TASK)
    entry = record(Action.CHANGED, installation.business, by=by, changes={"name": ["Before", "After"]})
    until = timezone.now()
    export = AuditExport.objects.create(
        partner=partner, since=until - timedelta(days=1), until=until, status=AuditExport.Status.READY
    )
    membership = MembershipFactory.create(partner=partner)
    of_feature = rows_of_feature(feature)
    run_of_many(of_feature["configuration_pushrun"], installation)
    rows: dict[str, Model] = {
        "audit_auditentry": entry,
        "audit_auditexport": export,
        "partners_partner": partner,
        "partners_metaapp": installation.meta_app,
        "partners_business": installation.business,
        "partners_membership": membership,
        "people_invitation": InvitationFactory.create(partner=partner),
        "activation_activation": of_feature["activation_activation"],
        "configuration_push": of_feature["configuration_push"],
        "configuration_pushrun": of_feature["configuration_pushrun"],
        "features_installation": installation,
        "features_feature": feature,
        "features_change": change,
        "onboarding_entrypoint": attempt.entry_point,
        "onboarding_launchlink": link,
        **rows_of_arms(attempt),
        "onboarding_onboardingattempt": attempt,
        "webhooks_delivery": delivery,
        "webhooks_deliverednotice": notice,
        **rows_of_catalogs(installation),
        **rows_of_import(installation),
        **rows_of_menu(installation),
        **rows_of_readiness(installation),
        **rows_of_uninstalling(installation, FeatureFactory.create(installation=installation)),
    }
    return Tenant(partner, membership.user, rows)


def rows_of_arms(attempt: OnboardingAttempt) -> dict[str, Model]:
    """The attempt's business saw the button in the arm that staff chose for it."""
    values = {
        "partner_id": attempt.partner_id,
        "entry_point": attempt.entry_point,
        "business": attempt.launch_link.business,
        "use_minimal_onboarding": True,
    }
    return {
        "onboarding_armoverride": ArmOverride.objects.create(**values),
        "onboarding_showing": Showing.objects.create(**values),
    }


def run_of_many(run: Model, installation: Installation) -> None:
    """Let a push to many wait, for a feature of its own."""
    feature = FeatureFactory.create(installation=installation)
    Push.objects.create(
        partner_id=installation.partner_id, installation=installation, feature=feature, run_id=run.pk, state="waiting"
    )


def delivery_of(installation: Installation, body: bytes | None = None, **values: str) -> Delivery:
    """A delivery to the installation's app."""
    raw = json.dumps(BODY).encode() if body is None else body
    return Delivery.objects.create(
        partner_id=installation.partner_id,
        meta_app=installation.meta_app,
        sealed_body=seal(raw),
        size=len(raw),
        **{"status": Delivery.Status.PROCESSED} | values,
    )


def notice_of(delivery: Delivery, external_business_id: str, position: int = 0) -> DeliveredNotice:
    """A notice about a business that is not known."""
    return DeliveredNotice.objects.create(
        partner_id=delivery.partner_id,
        meta_app_id=delivery.meta_app_id,
        delivery=delivery,
        position=position,
        digest=f"{external_business_id}-{position}",
        field="fbe_install",
        external_business_id=external_business_id,
        sealed_token=seal("token-of-a-walk-in"),
        sent_at=timezone.now(),
        outcome=DeliveredNotice.Outcome.UNKNOWN_BUSINESS,
    )


def superuser() -> User:
    """Somebody of the platform's staff."""
    return UserFactory.create(is_superuser=True)


def page(name: str, row: Model, view: str = "change") -> str:
    """The address of a row's page."""
    return reverse(f"admin:{name}_{view}", args=[row.pk])


def tool(name: str, row: Model, method: str) -> str:
    """The address behind a button of a row's page."""
    return reverse(f"admin:{name}_tool", args=[row.pk, method])
