"""Mailing what waits to be mailed: claimed by one worker at a time, tried again when the mail server fails."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPResponseException
from typing import TypeVar

from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import now

from partners.people.models import Letter
from partners.wake import Waker

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 60 * 60

# A broker that is down costs nothing: the regular sweep finds what is due.
postmen = Waker("people.mail_due")

AnyLetter = TypeVar("AnyLetter", bound=Letter)


def claimed(letters: "QuerySet[AnyLetter]", pk: int) -> AnyLetter | None:
    """Take a letter that is due; None when it is not, or another worker has it. It is due again after a pause."""
    letter = letters.filter(pk=pk, mail_due_at__lte=now()).first()
    if letter is None:
        return None
    pause = min(FIRST_PAUSE_SECONDS * 2**letter.mail_attempts, LONGEST_PAUSE_SECONDS)
    again_at = now() + timedelta(seconds=pause)
    mine = letters.filter(pk=pk, mail_due_at=letter.mail_due_at, mail_attempts=letter.mail_attempts)
    if not mine.update(mail_due_at=again_at, mail_attempts=F("mail_attempts") + 1):
        return None
    letter.mail_due_at = again_at
    return letter


def mail(to: str, language: str, template: str, context: Mapping[str, object]) -> str:
    """Mail a text in this language; give what the mail server had against it, or nothing. Never inside a door."""
    with translation.override(language):
        subject, _rule, body = render_to_string(template, dict(context)).strip().partition("\n")
    try:
        EmailMessage(subject.strip(), body.strip() + "\n", to=[to]).send()
    except (SMTPException, OSError) as error:
        logger.warning("a mail was not taken: %s", type(error).__name__)
        code = f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else ""
        return f"{type(error).__name__}{code}"
    return ""


def finish(letters: "QuerySet[AnyLetter]", letter: AnyLetter, problem: str) -> None:
    """Note how it went, unless the letter was asked for anew meanwhile."""
    due: datetime | None = letter.mail_due_at
    mine = letters.filter(pk=letter.pk, mail_due_at=due)
    if problem:
        mine.update(mail_problem=problem)
    else:
        mine.update(mail_due_at=None, mail_problem="", mailed_at=now())
