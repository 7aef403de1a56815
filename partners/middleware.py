"""The one place at which a request enters a tenant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.tenancy import platform, tenant
from partners.viewing import IN_VIEW, Viewer, find_viewer, have_in_view

# The answer of the throttle, whose count of tries stays.
TOO_MANY = 429


def partner_in_view(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a request to the admin inside the door of the partner in view; nothing of a failed or refused one is kept.

    Merchants' pages and webhooks have nobody signed in: they enter the tenant of their link, return or app themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(reverse("admin:index")):
            return get_response(request)
        viewer = find_viewer(request)
        request.viewer = viewer  # type: ignore[attr-defined]  # read by `viewing.viewer`
        if not viewer.is_somebody:
            return get_response(request)
        if _has_lost_its_partner(request, viewer):
            return HttpResponseRedirect(reverse("admin:index"))
        # A client may take its time to send a form; no transaction waits for it.
        with suppress(UnreadablePostError):
            len(request.POST)
        with _door(viewer):
            response = get_response(request)
            if response.status_code >= 400 and response.status_code != TOO_MANY:
                transaction.set_rollback(True)
        return response

    return middleware


def _has_lost_its_partner(request: HttpRequest, viewer: Viewer) -> bool:
    """Whether the partner in view is no longer the person's: what was meant for it must not go to another one."""
    if viewer.is_platform or viewer.partner is None:
        return False
    before = request.session.get(IN_VIEW)
    have_in_view(request, viewer.partner.pk)
    if before is None or before == viewer.partner.pk:
        return False
    messages.warning(request, _("You look at %(partner)s now.") % {"partner": viewer.partner})
    return True


@contextmanager
def _door(viewer: Viewer) -> Iterator[None]:
    with tenant(viewer.partner.pk) if viewer.partner else platform():
        yield
