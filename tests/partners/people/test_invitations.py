"""Colleagues come in by invitation: a link for one use, shown to the owner or mailed."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from partners.audit.models import Action, AuditEntry
from partners.models import Membership, Role
from partners.people.invitations import address_of_link
from partners.people.models import Invitation
from partners.people.tokens import hashed
from tests.admin_rows import page, signed_in, tool
from tests.factories import InvitationFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

ADD = reverse("admin:people_invitation_add")
PASSWORD = "a heron over the harbour"
JOIN = {"name": "Ann Lee", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def owner() -> Membership:
    """Who invites."""
    return MembershipFactory.create()


@pytest.fixture
def mailed(settings: Settings) -> None:
    """There is a mail server."""
    settings.SENDS_MAIL = True


def invite(owner: Membership, email: str = "Ann@Shop.example", role: str = "manager") -> str:
    """Invite somebody; give what the owner is shown."""
    answer = signed_in(owner.user).post(ADD, {"email": email, "role": role}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def link_in(text: str) -> str:
    """The path of an invitation's link in a page or mail."""
    found = re.search(r"/account/invitation/[A-Za-z0-9_-]{43}/", text)
    assert found, text
    return found[0]


def opened(link: str, client: Client | None = None) -> Client:
    """A browser that has opened the link."""
    browser = client or Client()
    answer = browser.get(link)
    assert answer.status_code == 302 and answer["Referrer-Policy"] == "no-referrer"
    assert answer["Location"] == reverse("people:invitation")
    return browser


def accept(client: Client, data: dict[str, str] | None = None) -> int:
    """Send the form of the invitation in hand; give the status."""
    return client.post(reverse("people:invitation"), JOIN if data is None else data).status_code


def test_without_mail_the_owner_is_shown_the_link_once(owner: Membership) -> None:
    link = link_in(shown := invite(owner))
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role) == ("ann@shop.example", "manager")
    assert invitation.token_hash == hashed(link.split("/")[-2])
    again = signed_in(owner.user).get(page("people_invitation", invitation)).content.decode()
    assert link.split("/")[-2] not in again and reverse("set_language") not in shown, "it would be gone"
    assert AuditEntry.objects.get(action=Action.INVITED).partner_id == owner.partner_id


def test_somebody_new_chooses_name_and_password_and_is_in(owner: Membership) -> None:
    client = opened(link_in(invite(owner)))
    shown = client.get(reverse("people:invitation"))
    assert str(owner.partner) in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert accept(client) == 302
    ann = User.objects.get(username="ann@shop.example")
    assert (ann.first_name, ann.email, ann.is_superuser) == ("Ann Lee", "ann@shop.example", False)
    assert ann.check_password(PASSWORD)
    member = Membership.objects.get(user=ann)
    assert (member.partner, member.role) == (owner.partner, Role.MANAGER)
    assert str(owner.partner) in client.get(reverse("admin:index")).content.decode()
    assert AuditEntry.objects.get(action=Action.JOINED).actor_name == "ann@shop.example"


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012345", "ann@shop.example"])
def test_a_weak_password_is_refused(owner: Membership, password: str) -> None:
    client = opened(link_in(invite(owner)))
    assert accept(client, {**JOIN, "password1": password, "password2": password}) == 200
    assert not User.objects.filter(username="ann@shop.example").exists()


@pytest.mark.parametrize("name", ["ann@shop.example", "ANN@shop.example", "ann"])
def test_an_account_is_never_given_a_password_by_an_invitation(owner: Membership, name: str) -> None:
    ann = UserFactory.create(username=name, email="Ann@shop.example")
    client = opened(link_in(invite(owner)))
    assert accept(client) == 302
    assert "Sign in as ann@shop.example" in client.get(reverse("people:invitation")).content.decode()
    assert accept(client) == 200
    ann.refresh_from_db()
    assert ann.check_password("correct horse battery") and not ann.memberships.exists()


def test_an_account_signs_in_and_joins(owner: Membership) -> None:
    first = MembershipFactory.create(user__username="ann@shop.example")
    link = link_in(invite(owner))
    client = opened(link, signed_in(first.user))
    assert accept(client, {}) == 302
    assert {each.partner for each in first.user.memberships.all()} == {first.partner, owner.partner}


def test_the_owner_is_told_the_same_whether_there_is_an_account_or_not(owner: Membership) -> None:
    UserFactory.create(username="known@shop.example")
    shown = [invite(owner, f"{name}@shop.example") for name in ("known", "other")]
    plain = [
        re.sub(r"(known|other)|/invitation/[\w-]+|value=\"[\w-]{64}\"|\d\d:\d\d|\d+ [ap]\.m\.", "", each)
        for each in shown
    ]
    assert plain[0] == plain[1]


def test_a_link_that_an_owner_holds_shows_the_same_page_whether_there_is_an_account_or_not(owner: Membership) -> None:
    UserFactory.create(username="known@shop.example")
    pages = []
    for name in ("known", "novel"):
        client = opened(link_in(invite(owner, f"{name}@shop.example")))
        shown = client.get(reverse("people:invitation")).content.decode()
        pages.append(re.sub(rf'{name}|value="\w{{64}}"', "", shown))
    assert pages[0] == pages[1]


def test_whoever_leaves_leaves_no_invitation_behind(owner: Membership) -> None:
    leaver = MembershipFactory.create(partner=owner.partner)
    client = opened(link_in(invite(leaver)))
    signed_in(owner.user).post(tool("partners_membership", leaver, "deactivate"))
    assert accept(client) == 410


def test_somebody_else_cannot_accept(owner: Membership) -> None:
    other = MembershipFactory.create()
    client = opened(link_in(invite(owner)), signed_in(other.user))
    assert "for somebody else" in client.get(reverse("people:invitation")).content.decode()
    assert accept(client, {}) == 200
    assert not Membership.objects.filter(partner=owner.partner).exclude(pk=owner.pk).exists()


def test_an_invitation_opens_once(owner: Membership) -> None:
    link = link_in(invite(owner))
    assert accept(opened(link)) == 302
    later = opened(link).get(reverse("people:invitation"))
    assert later.status_code == 410 and "accepted already" in later.content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"revoked_at": timezone.now()}, "was withdrawn"),
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "has expired"),
        ({"token_hash": "replaced"}, "opens nothing"),
    ],
)
def test_what_has_ended_says_so(values: dict[str, object], words: str) -> None:
    invitation = InvitationFactory.create(token="t" * 43, **values)
    client = opened(f"/account/invitation/{'t' * 43}/")
    answer = client.get(reverse("people:invitation"))
    assert answer.status_code == 410 and words in answer.content.decode()
    assert accept(client) == 410
    assert not Membership.objects.filter(partner=invitation.partner).exists()


def test_without_a_link_the_page_opens_nothing() -> None:
    assert Client().get(reverse("people:invitation")).status_code == 410


def test_a_link_made_again_ends_the_one_before_also_where_it_is_open(owner: Membership) -> None:
    first = link_in(invite(owner))
    client = opened(first)
    answer = signed_in(owner.user).post(tool("people_invitation", Invitation.objects.get(), "send_again"))
    second = link_in(answer.content.decode())
    assert second != first
    assert accept(client) == 410
    assert accept(opened(second)) == 302


def test_a_revoked_invitation_opens_nothing(owner: Membership) -> None:
    client = opened(link_in(invite(owner)))
    signed_in(owner.user).post(tool("people_invitation", Invitation.objects.get(), "revoke"))
    assert accept(client) == 410


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER])
def test_only_owners_invite(owner: Membership, role: Role) -> None:
    client = signed_in(MembershipFactory.create(partner=owner.partner, role=role).user)
    assert client.get(reverse("admin:people_invitation_changelist")).status_code == 403
    assert client.post(ADD, {"email": "a@shop.example", "role": "owner"}).status_code == 403
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(owner: Membership) -> None:
    MembershipFactory.create(partner=owner.partner, user__email="ann@shop.example")
    assert "belongs to a member already" in invite(owner)


def test_no_invitation_lets_a_former_member_back_in(owner: Membership) -> None:
    link = link_in(invite(owner, role="viewer"))
    former = MembershipFactory.create(partner=owner.partner, user__username="ann@shop.example", is_active=False)
    client = opened(link, signed_in(former.user))
    answer = client.post(reverse("people:invitation"))
    assert answer.status_code == 410 and "counts no longer" in answer.content.decode()
    former.refresh_from_db()
    assert not former.is_active and Invitation.objects.get().accepted_at is None


def test_a_second_invitation_to_an_address_waits_for_the_end_of_the_first(owner: Membership) -> None:
    invite(owner, role="owner")
    assert "An invitation to this address is open" in invite(owner, "ANN@shop.example", "viewer")
    signed_in(owner.user).post(tool("people_invitation", Invitation.objects.get(), "revoke"))
    link_in(invite(owner, role="viewer"))
    link_in(invite(MembershipFactory.create()))


def test_who_accepts_one_invitation_ends_the_others_of_that_partner(owner: Membership) -> None:
    mine = {"partner": owner.partner, "email": "ann@shop.example", "created_by": owner.user}
    InvitationFactory.create(token="t" * 43, **mine)
    other = InvitationFactory.create(**mine, role=Role.OWNER)
    elsewhere = InvitationFactory.create(email="ann@shop.example")
    assert accept(opened(f"/account/invitation/{'t' * 43}/")) == 302
    for each in (other, elsewhere):
        each.refresh_from_db()
    assert other.revoked_at and not elsewhere.revoked_at


@pytest.mark.parametrize("values", [{"username": "Ann@shop.example"}, {"username": "ann", "email": "ANN@Shop.example"}])
@pytest.mark.parametrize("end", ["deactivate", "remove", "demote"])
def test_whoever_is_sent_away_or_demoted_comes_back_by_no_invitation(
    owner: Membership, values: dict[str, str], end: str
) -> None:
    ann = MembershipFactory.create(partner=owner.partner, user=UserFactory.create(**values), role=Role.MANAGER)
    InvitationFactory.create(token="t" * 43, role=Role.OWNER, partner=owner.partner, email="ann@shop.example")
    client, of_ann = signed_in(owner.user), signed_in(ann.user)
    if end == "deactivate":
        client.post(tool("partners_membership", ann, "deactivate"))
    elif end == "remove":
        client.post(page("partners_membership", ann, "delete"), {"post": "yes"})
    else:
        client.post(page("partners_membership", ann), {"role": "viewer"})
    assert accept(opened(f"/account/invitation/{'t' * 43}/", of_ann), {}) == 410
    assert Invitation.objects.get().revoked_at
    assert not Membership.objects.filter(user=ann.user, is_active=True, role=Role.OWNER).exists()


@pytest.mark.parametrize("end", ["closed", "deleted", "demoted", "deactivated"])
def test_an_invitation_ends_with_the_power_of_whoever_made_it(owner: Membership, end: str) -> None:
    link = link_in(invite(owner))
    if end == "deleted":
        owner.user.delete()
    elif end == "closed":
        User.objects.filter(pk=owner.user_id).update(is_active=False)
    else:
        changed = {"role": Role.MANAGER} if end == "demoted" else {"is_active": False}
        Membership.objects.filter(pk=owner.pk).update(**changed)
    client = opened(link)
    answer = client.post(reverse("people:invitation"), JOIN)
    assert answer.status_code == 410 and "counts no longer" in answer.content.decode()
    assert not User.objects.filter(username="ann@shop.example").exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_become_one_member() -> None:
    invitation = InvitationFactory.create(token="t" * 43)
    clients = [opened(f"/account/invitation/{'t' * 43}/") for _each in range(4)]
    start, statuses = Barrier(4), []

    def press(client: Client) -> None:
        try:
            start.wait()
            statuses.append(accept(client))
        finally:
            connection.close()

    threads = [Thread(target=press, args=[each]) for each in clients]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(statuses) == [302, 410, 410, 410]
    assert Membership.objects.filter(partner=invitation.partner).count() == 1


def test_links_lead_to_the_public_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://portal.example.com"
    assert address_of_link("x").startswith("https://portal.example.com/account/invitation/x/")
