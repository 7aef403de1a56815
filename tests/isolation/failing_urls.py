"""The portal's addresses, and one below the admin at which a request fails in the middle."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from config.urls import handler500
from config.urls import urlpatterns as portal
from partners.models import Business
from partners.tenancy import TENANT

__all__ = ["handler500", "urlpatterns"]


def fail(request: HttpRequest, way: str) -> HttpResponse:
    """Write a row of the partner in view, then fail."""
    Business.objects.update(name="written by a request that failed")
    with connection.cursor() as cursor:
        match way:
            case "exception":
                raise RuntimeError("in the middle")
            case "statement":
                cursor.execute("SELECT 1 / 0")
            case "swallowed":
                try:
                    cursor.execute("SELECT 1 / 0")
                except Error:
                    return HttpResponse("as if nothing had happened")
            case "timeout":
                cursor.execute("SET LOCAL statement_timeout = 20")
                cursor.execute("SELECT pg_sleep(5)")
            case "terminated":
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            case "ended":
                # Handlers of exceptions let it pass: it ends a thread.
                raise SystemExit
            case "slow":
                cursor.execute("SELECT pg_sleep(0.3)")
                raise RuntimeError("nobody reads the answer")
    return HttpResponse("broken", status=503)


def whose(request: HttpRequest) -> HttpResponse:
    """Say which partner's rows are in view."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('{TENANT}')")
        (setting,) = cursor.fetchone()
    return JsonResponse(
        {"setting": setting, "rows": sorted(set(Business.objects.values_list("partner_id", flat=True)))}
    )


urlpatterns = [path("admin/fail/<slug:way>/", fail), path("admin/whose/", whose), *portal]
