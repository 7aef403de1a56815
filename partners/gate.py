"""The one gate that says who sees what: a member sees the partner's own rows, platform staff see all."""

from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model, QuerySet

from partners.models import Partner

Row = TypeVar("Row", bound=Model)


def partner_ids(user: AbstractBaseUser | AnonymousUser) -> list[int]:
    """The partners whose staff the user is."""
    if not isinstance(user, User):
        return []
    return list(Partner.objects.filter(memberships__user=user).values_list("pk", flat=True))


def visible(rows: QuerySet[Row], user: AbstractBaseUser | AnonymousUser, path: str = "partner") -> QuerySet[Row]:
    """Only the rows that this user may see; `path` leads from the row to its partner (`pk` for partners)."""
    if getattr(user, "is_superuser", False):
        return rows
    return rows.filter(**{f"{path}__in": partner_ids(user)})
