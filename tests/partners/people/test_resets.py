"""A forgotten password is replaced with a link, and the link opens nothing but one's own account."""

import re

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from partners.audit.models import Action, AuditEntry
from partners.people import resets, tasks
from partners.people.models import ResetRequest
from partners.people.second_factor import begin
from tests.admin_rows import signed_in, superuser
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a heron over the harbour"


@pytest.fixture
def mailed(settings: Settings) -> None:
    """There is a mail server."""
    settings.SENDS_MAIL = True


def ask(email: str) -> object:
    """Say that one forgot the password; give the answer's page."""
    answer = Client().post(reverse("people:reset_ask"), {"email": email}, follow=True)
    assert answer.status_code == 200
    return answer.content


def choose(link: str, password: str = PASSWORD) -> bool:
    """Open a link and choose a password; whether it counts."""
    client = Client()
    form = client.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
    if not form.context["validlink"]:
        return False
    path = form.redirect_chain[-1][0]
    return client.post(path, {"new_password1": password, "new_password2": password}).status_code == 302


def link_of(text: str) -> str:
    """The path of a reset link in a text."""
    found = re.search(r"/account/reset/[\w-]+/[\w-]+/", text)
    assert found, text
    return found[0]


def mail_all() -> None:
    """Mail what waits."""
    for each in resets.due():
        tasks.mail_reset(each)


def test_whoever_forgot_the_password_gets_a_mail_and_chooses_a_new_one(mailed: None) -> None:
    ann = MembershipFactory.create(user__username="ann@shop.example").user
    ask("Ann@Shop.example")
    mail_all()
    [letter] = mail.outbox
    assert letter.to == ["ann@shop.example"]
    assert choose(link_of(str(letter.body)))
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)
    assert not choose(link_of(str(letter.body))), "a link works once"
    entry = AuditEntry.objects.get(action=Action.PASSWORD_CHANGED)
    assert (entry.actor_name, entry.partner_id) == ("ann@shop.example", ann.memberships.get().partner_id)


def test_a_link_that_was_opened_is_sealed_in_the_session_and_gone_with_its_key(settings: Settings) -> None:
    link = resets.link_for(UserFactory.create())
    client = Client()
    form = client.get(link, follow=True)
    assert form.context["validlink"]
    assert link.rstrip("/").rpartition("/")[2] not in str(dict(client.session))
    settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(),)
    assert not client.get(form.redirect_chain[-1][0]).context["validlink"]


def test_the_answer_does_not_tell_whether_there_is_an_account(mailed: None) -> None:
    UserFactory.create(email="ann@shop.example")
    assert ask("ann@shop.example") == ask("nobody@shop.example")
    mail_all()
    assert [each.to for each in mail.outbox] == [["ann@shop.example"]]


def test_nobody_is_mailed_again_and_again(mailed: None) -> None:
    UserFactory.create(email="ann@shop.example")
    for _each in range(3):
        ask("ann@shop.example")
    assert ResetRequest.objects.count() == 1
    for number in range(30):
        ask(f"{number}@shop.example")
    assert ResetRequest.objects.count() == resets.MOST_OF_ONE_MACHINE


def test_a_network_of_ipv6_is_one_machine(mailed: None) -> None:
    for number in range(30):
        client = Client(REMOTE_ADDR=f"2001:db8:1:2::{number + 1:x}")
        client.post(reverse("people:reset_ask"), {"email": f"{number}@shop.example"})
    assert ResetRequest.objects.count() == resets.MOST_OF_ONE_MACHINE


def test_closed_accounts_and_accounts_without_a_password_get_none(mailed: None) -> None:
    UserFactory.create(email="ann@shop.example", is_active=False)
    other = UserFactory.create(email="ben@shop.example")
    other.set_unusable_password()
    other.save()
    ask("ann@shop.example")
    ask("ben@shop.example")
    mail_all()
    assert not mail.outbox


def test_without_mail_the_login_offers_no_reset() -> None:
    assert Client().get(reverse("people:reset_ask")).status_code == 404
    assert "Ask an owner" in Client().get(reverse("admin:login")).content.decode()


def test_with_mail_the_login_offers_it(mailed: None) -> None:
    assert reverse("people:reset_ask") in Client().get(reverse("admin:login")).content.decode()


def test_a_new_password_ends_every_session_and_weak_ones_are_refused() -> None:
    ann = MembershipFactory.create().user
    client = signed_in(ann)
    assert client.get(reverse("admin:index")).status_code == 200
    assert not choose(resets.link_for(ann), "short")
    assert choose(resets.link_for(ann))
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_reset_does_not_pass_the_second_factor() -> None:
    ann = MembershipFactory.create(user__username="ann").user
    authenticator = begin(ann)
    authenticator.confirmed = True
    authenticator.save()
    assert choose(resets.link_for(ann))
    client = Client()
    client.post(reverse("admin:login"), {"username": "ann", "password": PASSWORD})
    assert client.get(reverse("admin:index")).url.startswith(reverse("people:verify"))  # type: ignore[attr-defined]


def test_an_owner_is_shown_a_link_for_a_colleague_once() -> None:
    owner = MembershipFactory.create()
    member = MembershipFactory.create(partner=owner.partner)
    address = reverse("people:member_reset_link", args=[member.pk])
    client = signed_in(owner.user)
    assert "/account/reset/" not in client.get(address).content.decode()
    shown = client.post(address)
    assert "no-store" in shown["Cache-Control"]
    assert reverse("set_language") not in shown.content.decode(), "in another language it would be gone"
    assert choose(link_of(shown.content.decode()))


def test_with_mail_an_owner_is_shown_none_but_for_who_has_no_address(mailed: None) -> None:
    owner = MembershipFactory.create()
    address = {"ann@shop.example": 0, "ann": 1}
    for name, links in address.items():
        member = MembershipFactory.create(partner=owner.partner, user__username=name)
        shown = signed_in(owner.user).post(reverse("people:member_reset_link", args=[member.pk]))
        assert len(re.findall(r"/account/reset/[\w=]+/[\w-]{30,}/", shown.content.decode())) == links


@pytest.mark.parametrize("name", ["member_reset_link", "member_remove_second_factor"])
@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_opens_an_account_that_belongs_to_others_as_well(name: str, is_active: bool) -> None:
    owner = MembershipFactory.create()
    member = MembershipFactory.create(partner=owner.partner)
    MembershipFactory.create(user=member.user, is_active=is_active)
    authenticator = begin(member.user)
    answer = signed_in(owner.user).post(reverse(f"people:{name}", args=[member.pk]))
    assert answer.status_code == 403 and "Only platform staff can do this" in answer.content.decode()
    authenticator.refresh_from_db()
    assert signed_in(superuser()).post(reverse(f"people:{name}", args=[member.pk])).status_code in (200, 302)


@pytest.mark.parametrize("name", ["member_reset_link", "member_remove_second_factor"])
def test_owners_help_neither_platform_staff_nor_strangers_and_managers_nobody(name: str) -> None:
    owner = MembershipFactory.create()
    client = signed_in(owner.user)
    platform_member = MembershipFactory.create(partner=owner.partner, user=superuser())
    refused = client.post(reverse(f"people:{name}", args=[platform_member.pk]))
    assert refused.status_code == 403 and "Only platform staff can do this" in refused.content.decode()
    assert client.post(reverse(f"people:{name}", args=[MembershipFactory.create().pk])).status_code == 404
    manager = MembershipFactory.create(partner=owner.partner, role="manager")
    assert signed_in(manager.user).post(reverse(f"people:{name}", args=[owner.pk])).status_code == 403
    assert Client().post(reverse(f"people:{name}", args=[owner.pk])).status_code == 302


def test_a_link_ends_when_the_person_joins_another_partner() -> None:
    member = MembershipFactory.create()
    link = resets.link_for(member.user)
    MembershipFactory.create(user=member.user)
    assert not choose(link)


@pytest.mark.parametrize("power", ["is_superuser", "is_staff", "is_active"])
def test_a_link_ends_when_the_account_may_more_or_less_than_before(power: str) -> None:
    user = MembershipFactory.create(user__is_active=power != "is_active").user
    user.is_staff = power != "is_staff"
    user.save()
    link = resets.link_for(user)
    setattr(user, power, True)
    user.save()
    assert not choose(link)


@pytest.mark.parametrize("name", ["person_reset_link", "person_remove_second_factor"])
def test_platform_staff_help_everybody_but_their_own(name: str) -> None:
    ann: User = MembershipFactory.create().user
    assert signed_in(superuser()).post(reverse(f"people:{name}", args=[ann.pk])).status_code in (200, 302)
    assert signed_in(superuser()).post(reverse(f"people:{name}", args=[superuser().pk])).status_code == 403
    assert signed_in(ann).post(reverse(f"people:{name}", args=[ann.pk])).status_code == 403


def test_the_page_of_a_wrong_link_says_so_and_sends_no_referrer() -> None:
    answer = Client().get("/account/reset/MTI/abc-def/")
    assert "This link has ended" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
