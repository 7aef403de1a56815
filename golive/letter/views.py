"""The letter to the Meta representative: to read, to copy, to download."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from golive.letter.gathering import gather
from golive.letter.missing import what_is_missing
from golive.letter.writing import letter_text
from golive.pages import meta_app_of, page
from partners.audit.models import Action
from partners.audit.recording import By, record


@require_safe
def letter(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show the letter about an app, and what it lacks."""
    app = meta_app_of(request, meta_app_id)
    facts = gather(app)
    context = {
        "title": _("Letter to the Meta representative"),
        "app": app,
        "text": letter_text(facts),
        "missing": what_is_missing(facts),
        "people": [(each.app, each.people) for each in facts.apps],
    }
    return page(request, "letter.html", context)


@require_safe
def letter_file(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Send the letter as a text file."""
    app = meta_app_of(request, meta_app_id)
    text = letter_text(gather(app))
    record(Action.DOWNLOADED, app, by=By.request(request))
    disposition = f'attachment; filename="letter-{app.app_id}.txt"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
