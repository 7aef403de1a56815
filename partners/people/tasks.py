"""Celery's way to the mail server; a task makes the link that it mails, so no argument holds one."""

from celery import shared_task
from django.conf import settings

from partners.people import invitations, resets


@shared_task(name="people.mail_due")
def mail_due() -> None:
    """Have everything mailed that waits for it."""
    if not settings.SENDS_MAIL:
        return
    for partner_id, invitation_id in invitations.due():
        mail_invitation.delay(partner_id, invitation_id)
    for request_id in resets.due():
        mail_reset.delay(request_id)


@shared_task(name="people.mail_invitation")
def mail_invitation(partner_id: int, invitation_id: int) -> None:
    """Mail an invitation of this partner."""
    invitations.mail_invitation(partner_id, invitation_id)


@shared_task(name="people.mail_reset")
def mail_reset(request_id: int) -> None:
    """Mail what a request for a password reset asks for."""
    resets.mail_reset(request_id)
