"""Finding installations by what people know of a business; each condition has an index."""

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Upper

from features.models import Installation
from partners.gate import visible
from partners.models import Business
from partners.viewing import Viewer

MOST_FOUND = 200
# The last character there is: what begins with a term lies between the term and the term with it.
LAST_CHARACTER = "\U0010ffff"


def businesses_like(term: str) -> Q:
    """Businesses whose name or external business id begins with this, in any case."""
    first = Upper(Value(term))
    last = Concat(first, Value(LAST_CHARACTER))
    return Q(name_key__gte=first, name_key__lt=last) | Q(external_id_key__gte=first, external_id_key__lt=last)


def found_businesses(viewer: Viewer, term: str) -> list[int]:
    """The ids of up to 200 visible businesses that a search term means, newest first."""
    rows: QuerySet[Business] = visible(Business.objects.filter(businesses_like(term)), viewer)
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])


def found_installations(viewer: Viewer, term: str) -> list[int]:
    """The ids of the installations of the businesses that a search term means."""
    rows = Installation.objects.filter(business__in=found_businesses(viewer, term))
    return list(rows.values_list("pk", flat=True))
