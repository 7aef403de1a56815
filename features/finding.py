"""Finding installations by what people know of a business; each condition has an index."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from features.models import Installation
from partners.gate import visible
from partners.models import Business

MOST_FOUND = 200


def businesses_like(term: str) -> Q:
    """Businesses whose name or external business id begins with this, in any case."""
    return Q(name__istartswith=term) | Q(external_business_id__istartswith=term)


def found_businesses(user: AbstractBaseUser | AnonymousUser, term: str) -> list[int]:
    """The ids of up to 200 visible businesses that a search term means, newest first."""
    rows: QuerySet[Business] = visible(Business.objects.filter(businesses_like(term)), user)
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])


def found_installations(user: AbstractBaseUser | AnonymousUser, term: str) -> list[int]:
    """The ids of the installations of the businesses that a search term means."""
    rows = Installation.objects.filter(business__in=found_businesses(user, term))
    return list(rows.values_list("pk", flat=True))
