"""Whose account an email address is."""

import unicodedata

from django.contrib.auth.models import User
from django.db.models import Q


def accounts_of(email: str) -> list[User]:
    """Give the accounts that sign in with this address, or have it as theirs, in whatever letters.

    The database finds candidates; what counts is that both are the same text (two different ones may look the same to
    a database that folds letters).
    """
    found = User.objects.filter(Q(username__iexact=email) | Q(email__iexact=email)).order_by("pk")
    return [user for user in found if is_addressed(user, email)]


def is_addressed(user: User, email: str) -> bool:
    """Whether an account signs in with this address, or has it as its own, in whatever letters."""
    return _folded(email) in (_folded(user.username), _folded(user.email))


def mail_address_of(user: User) -> str:
    """Give the address to which this person's mail goes; empty when there is none."""
    return user.email or (user.username if "@" in user.username else "")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
