"""Two partners with a row of every kind, and everybody who may come to the portal."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.db.models import CharField, Model, Value
from django.db.models.functions import Cast, Concat
from django.test import Client

from features.models import Feature, Installation
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt
from partners.audit.models import Action, Via
from partners.audit.recording import By, record
from partners.models import Business, Membership, MetaApp, Partner, Role
from partners.people.models import Authenticator, Invitation
from partners.viewing import IN_VIEW
from tests.admin_rows import Tenant, signed_in, superuser
from tests.factories import (
    BusinessFactory,
    EntryPointFactory,
    LaunchLinkFactory,
    MembershipFactory,
    MetaAppFactory,
    UserFactory,
)
from tests.isolation.tables import tenants
from webhooks.models import DeliveredNotice, Delivery

# As the columns of the tables have them.
PEOPLE = ("anonymous", "viewer", "manager", "owner", "stranger", "platform")
LINK_TOKEN = "a-launch-link-whose-token-is-known"


# In names of everything that belongs to the own partner, and to the other one.
OWN_MARK, OTHER_MARK = "okapi", "zebra"


@dataclass(frozen=True)
class World:
    """The partner whose rows are asked for, another one, and what stands in addresses."""

    own: Tenant
    other: Tenant
    colleague: Membership
    left: Membership
    spare: dict[str, Model]
    link: LaunchLink

    def row(self, kind: str, doing: str = "") -> Model:
        """The row of this kind about which an address is, which ends with what is done."""
        member = self.left if doing == "reactivate" else self.colleague
        rows = {**self.own.rows, "partners_membership": member, "auth_user": member.user}
        return self.spare.get(kind, rows[kind]) if doing == "delete" else rows[kind]

    def browser_of(self, person: str) -> Client:
        """A browser in which one of `PEOPLE` is signed in."""
        match person:
            case "anonymous":
                return Client()
            case "owner":
                return self.own.client()
            case "stranger":
                return self.other.client()
            case "platform":
                return signed_in(superuser())
        return signed_in(MembershipFactory.create(partner=self.own.partner, role=Role(person)).user)


def world() -> World:
    """Both partners; the own one has more, on which nothing hangs, for what takes rows away."""
    own, other = tenants()
    _mark(own, OWN_MARK)
    _mark(other, OTHER_MARK)
    app = cast(MetaApp, own.rows["partners_metaapp"])
    MetaApp.objects.filter(pk=app.pk).update(
        sealed_previous_secret=app.sealed_secret, secret_replaced_at=app.created_at
    )
    colleague = MembershipFactory.create(partner=own.partner, role=Role.MANAGER)
    with_factor(colleague.user)
    gone = UserFactory.create(is_active=False)
    left = MembershipFactory.create(partner=own.partner, user=gone, is_active=False)
    link = LaunchLinkFactory.create(business=own.rows["partners_business"], token=LINK_TOKEN)
    spare: dict[str, Model] = {
        "onboarding_entrypoint": EntryPointFactory.create(meta_app=app),
        "partners_business": BusinessFactory.create(partner=own.partner),
        "partners_metaapp": MetaAppFactory.create(partner=own.partner),
    }
    return World(own, other, colleague, left, spare, link)


def _mark(tenant: Tenant, word: str) -> None:
    """Put a word into every text of a partner's that pages show."""
    of_partner = {"partner": tenant.partner}
    Partner.objects.filter(pk=tenant.partner.pk).update(name=f"{word} Ltd")
    User.objects.filter(pk=tenant.member.pk).update(username=f"{word}-owner")
    MetaApp.objects.filter(**of_partner).update(name=f"{word} app")
    Business.objects.filter(**of_partner).update(name=f"{word} shop", external_business_id=f"{word}-1")
    EntryPoint.objects.filter(**of_partner).update(slug=f"{word}-button", label=f"{word} button")
    OnboardingAttempt.objects.filter(**of_partner).update(error_message=f"{word} error")
    Installation.objects.filter(**of_partner).update(last_error=f"{word} error")
    numbered = Concat(Value(f"{word}-feature-"), Cast("pk", CharField()))
    Feature.objects.filter(**of_partner).update(feature_instance_id=numbered)
    Invitation.objects.filter(**of_partner).update(email=f"{word}@shop.example")
    Delivery.objects.filter(**of_partner).update(problem=f"{word} problem")
    DeliveredNotice.objects.filter(**of_partner).update(external_business_id=f"{word}-walk-in")
    record(Action.CHANGED, tenant.rows["partners_business"], by=By(None, f"{word}-clerk", "", Via.TASK))


def with_factor(user: User) -> None:
    """Give somebody a second factor."""
    factor = Authenticator(user=user, name="app", confirmed=True)
    factor.key = b"a key of twenty bytes"
    factor.save()


def inactive(place: World) -> Client:
    """Somebody who was an owner of the own partner."""
    return signed_in(MembershipFactory.create(partner=place.own.partner, is_active=False).user)


def pending(place: World) -> Client:
    """An owner who has shown the password, and not yet the second factor."""
    user = MembershipFactory.create(partner=place.own.partner).user
    with_factor(user)
    return signed_in(user)


def of_both(place: World, *, looks_at: Tenant) -> Client:
    """An owner of both partners, with one in view."""
    user = UserFactory.create()
    for each in (place.own, place.other):
        MembershipFactory.create(partner=each.partner, user=user)
    return looking_at(signed_in(user), looks_at)


def looking_at(client: Client, tenant: Tenant) -> Client:
    """The same browser with this partner in view."""
    session = client.session
    session[IN_VIEW] = tenant.partner.pk
    session.save()
    return client
