"""Roles in one word, for lists."""

import re

from partners.models import Role


def role_name(role: str) -> str:
    """Give a role's name without what it may do, in the reader's language."""
    return re.split("[:\uff1a]", str(Role(role).label))[0]
