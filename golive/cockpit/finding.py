"""Businesses of an app by what is typed into the search of a list."""

from django.db.models import QuerySet
from django.http import HttpRequest

from features.finding import businesses_like
from features.models import Installation
from partners.models import Business, MetaApp


def term_of(request: HttpRequest) -> str:
    """What is searched for."""
    return request.GET.get("q", "").replace("\0", "").strip()


def found(app: MetaApp, term: str) -> QuerySet[Installation]:
    """The app's installations whose business's name or id begins so."""
    rows = Installation.objects.filter(meta_app=app)
    if not term:
        return rows
    return rows.filter(business__in=Business.objects.filter(businesses_like(term), partner=app.partner_id))
