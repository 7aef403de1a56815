"""Rows for tests: each factory makes a valid one, with all that it hangs on, of one partner."""

# The library declares its fields without types.
# mypy: disable-error-code="no-untyped-call"

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory, Password

from features.models import AccessToken, Feature, Installation
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt, fingerprint, new_token
from partners.models import Business, Membership, MetaApp, Partner, Role
from partners.people.models import Invitation
from partners.people.tokens import hashed


class PartnerFactory(DjangoModelFactory[Partner]):
    """A tenant."""

    class Meta:
        model = Partner

    slug = Sequence(lambda n: f"partner-{n}")
    name = Sequence(lambda n: f"Partner {n}")


class UserFactory(DjangoModelFactory[User]):
    """Somebody who may sign in to the admin; `password` is the password in the clear."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"person-{n}")
    is_staff = True
    password = Password("correct horse battery")


class MembershipFactory(DjangoModelFactory[Membership]):
    """An owner of a partner, unless another role is given."""

    class Meta:
        model = Membership

    partner = SubFactory(PartnerFactory)
    user = SubFactory(UserFactory)
    role = Role.OWNER


class InvitationFactory(DjangoModelFactory[Invitation]):
    """A manager-to-be who was shown a link; give `token` to know what stands in its address."""

    class Meta:
        model = Invitation

    class Params:
        token = LazyFunction(new_token)

    partner = SubFactory(PartnerFactory)
    email = Sequence(lambda n: f"newcomer-{n}@shop.example")
    role = Role.MANAGER
    created_by = SubFactory(UserFactory, is_superuser=True)
    language = "en"
    token_hash = LazyAttribute(lambda invitation: hashed(invitation.token))
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(days=7))


class MetaAppFactory(DjangoModelFactory[MetaApp]):
    """An app that offers every feature type; `secret` and `verify_token` are given in the clear."""

    class Meta:
        model = MetaApp

    partner = SubFactory(PartnerFactory)
    app_id = Sequence(lambda n: str(1_000_000 + n))
    name = Sequence(lambda n: f"App {n}")
    secret = "app-secret"
    verify_token = "verify-token"


class BusinessFactory(DjangoModelFactory[Business]):
    """A business in every vertical, without a domain."""

    class Meta:
        model = Business

    partner = SubFactory(PartnerFactory)
    external_business_id = Sequence(lambda n: f"shop-{n}")
    name = Sequence(lambda n: f"Shop {n}")
    timezone = "Asia/Hong_Kong"
    currency = "HKD"


class EntryPointFactory(DjangoModelFactory[EntryPoint]):
    """A button into the booking features."""

    class Meta:
        model = EntryPoint

    meta_app = SubFactory(MetaAppFactory)
    partner = SelfAttribute("meta_app.partner")
    slug = Sequence(lambda n: f"entry-point-{n}")
    vertical = "APPOINTMENTS"
    intent = "FB_SERVICES"


class LaunchLinkFactory(DjangoModelFactory[LaunchLink]):
    """A link that is usable; give `token` to know what stands in its address."""

    class Meta:
        model = LaunchLink

    class Params:
        token = LazyFunction(new_token)

    business = SubFactory(BusinessFactory)
    partner = SelfAttribute("business.partner")
    token_hash = LazyAttribute(lambda link: fingerprint(link.token))


class InstallationFactory(DjangoModelFactory[Installation]):
    """A business on an app of the same partner, before its first onboarding."""

    class Meta:
        model = Installation

    meta_app = SubFactory(MetaAppFactory)
    partner = SelfAttribute("meta_app.partner")
    business = SubFactory(BusinessFactory, partner=SelfAttribute("..partner"))


class AccessTokenFactory(DjangoModelFactory[AccessToken]):
    """A login token; `secret` is given in the clear."""

    class Meta:
        model = AccessToken

    installation = SubFactory(InstallationFactory)
    partner = SelfAttribute("installation.partner")
    kind = AccessToken.Kind.LOGIN
    secret = Sequence(lambda n: f"token-{n}")
    fingerprint = LazyAttribute(lambda token: fingerprint(token.secret))


class FeatureFactory(DjangoModelFactory[Feature]):
    """A feature that is installed."""

    class Meta:
        model = Feature

    installation = SubFactory(InstallationFactory)
    partner = SelfAttribute("installation.partner")
    feature_instance_id = Sequence(lambda n: f"instance-{n}")
    feature_type = "page_cta"
    feature_type_raw = SelfAttribute("feature_type")


class AttemptFactory(DjangoModelFactory[OnboardingAttempt]):
    """A click that is out at Meta; give `state` and `browser` to know the texts behind its hashes."""

    class Meta:
        model = OnboardingAttempt

    class Params:
        state = LazyFunction(new_token)
        browser = LazyFunction(new_token)

    launch_link = SubFactory(LaunchLinkFactory)
    business = SelfAttribute("launch_link.business")
    partner = SelfAttribute("launch_link.partner")
    meta_app = SubFactory(MetaAppFactory, partner=SelfAttribute("..partner"))
    entry_point = SubFactory(EntryPointFactory, meta_app=SelfAttribute("..meta_app"))
    state_hash = LazyAttribute(lambda attempt: fingerprint(attempt.state))
    browser_hash = LazyAttribute(lambda attempt: fingerprint(attempt.browser))


def offering(partner: Partner, *features: str, **values: Any) -> MetaApp:
    """An app of this partner that offers these feature types only."""
    return MetaAppFactory.create(partner=partner, features=list(features), **values)
