"""Invitations go by mail where there is a mail server: from a task, which makes the link."""

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from partners.models import Membership
from partners.people import invitations, tasks
from partners.people.models import Invitation
from tests.admin_rows import page, signed_in, tool
from tests.factories import MembershipFactory
from tests.partners.people.test_invitations import ADD, accept, invite, link_in, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Membership:
    """Who invites."""
    return MembershipFactory.create()


@pytest.fixture
def mailed(settings: Settings) -> None:
    """There is a mail server."""
    settings.SENDS_MAIL = True


def test_with_mail_a_task_makes_the_link_and_the_owner_sees_none(
    owner: Membership, mailed: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after:
        shown = invite(owner)
    assert "/account/invitation/" not in shown and "goes to ann@shop.example by mail" in shown
    assert len(after) == 1 and not mail.outbox
    invitation = Invitation.objects.get()
    assert invitation.token_hash == "" and invitations.due() == [(owner.partner_id, invitation.pk)]
    tasks.mail_invitation(owner.partner_id, invitation.pk)
    [letter] = mail.outbox
    assert letter.to == ["ann@shop.example"] and str(owner.partner) in letter.subject
    assert accept(opened(link_in(str(letter.body)))) == 302
    assert invitations.due() == []


def test_a_letter_is_mailed_once(owner: Membership, mailed: None) -> None:
    invite(owner)
    for _each in range(2):
        tasks.mail_invitation(owner.partner_id, Invitation.objects.get().pk)
    assert len(mail.outbox) == 1


def test_the_wrong_partner_mails_nothing_and_says_so(
    owner: Membership, mailed: None, caplog: pytest.LogCaptureFixture
) -> None:
    invite(owner)
    invitation = Invitation.objects.get()
    tasks.mail_invitation(MembershipFactory.create().partner_id, invitation.pk)
    assert not mail.outbox and f"no invitation {invitation.pk} of partner" in caplog.text
    assert invitations.due() == [(owner.partner_id, invitation.pk)]


def test_a_mail_server_that_is_down_is_tried_again_and_the_owner_sees_why(
    owner: Membership, mailed: None, settings: Settings
) -> None:
    invite(owner)
    invitation = Invitation.objects.get()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tasks.mail_invitation(owner.partner_id, invitation.pk)
    invitation.refresh_from_db()
    assert invitation.mail_problem == "ConnectionRefusedError" and invitation.mail_due_at is not None
    assert invitation.mail_due_at > timezone.now()
    shown = signed_in(owner.user).get(page("people_invitation", invitation)).content.decode()
    assert "ConnectionRefusedError" in shown
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Invitation.objects.update(mail_due_at=timezone.now())
    tasks.mail_invitation(owner.partner_id, invitation.pk)
    assert len(mail.outbox) == 1


def test_a_revoked_invitation_is_not_mailed(owner: Membership, mailed: None) -> None:
    invite(owner)
    signed_in(owner.user).post(tool("people_invitation", Invitation.objects.get(), "revoke"))
    tasks.mail_invitation(owner.partner_id, Invitation.objects.get().pk)
    assert not mail.outbox and invitations.due() == []


def test_a_mail_speaks_the_language_of_who_invites(owner: Membership, mailed: None) -> None:
    client = signed_in(owner.user)
    client.post(ADD, {"email": "ann@shop.example", "role": "viewer"}, HTTP_ACCEPT_LANGUAGE="zh-hant")
    tasks.mail_invitation(owner.partner_id, Invitation.objects.get().pk)
    assert "開啟" in mail.outbox[0].body


def test_without_a_mail_server_nothing_waits_for_one(owner: Membership) -> None:
    invite(owner)
    tasks.mail_due()
    assert not mail.outbox and invitations.due() == []
