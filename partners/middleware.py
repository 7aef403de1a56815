"""The one place at which a request enters a tenant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from partners.tenancy import platform, tenant
from partners.viewing import Viewer, find_viewer


def partner_in_view(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a request to the admin inside the door of the partner in view; nothing of a failed one is kept.

    Merchants' pages and webhooks have nobody signed in: they enter the tenant of their link, return or app themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(reverse("admin:index")):
            return get_response(request)
        viewer = find_viewer(request)
        request.viewer = viewer  # type: ignore[attr-defined]  # read by `viewing.viewer`
        if not viewer.is_somebody:
            return get_response(request)
        with _door(viewer):
            response = get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    return middleware


@contextmanager
def _door(viewer: Viewer) -> Iterator[None]:
    with tenant(viewer.partner.pk) if viewer.partner else platform():
        yield
