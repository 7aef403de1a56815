"""What a load balancer or a supervisor asks: does the process live, and can it work?"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.probes import is_broker_there, is_database_there


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives; asks neither database nor broker."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say which of database and broker is there: 200 when both are, 503 when one is not, within three seconds."""
    there = {
        "database": is_database_there(settings.ENVIRONMENT.database_url),
        "broker": is_broker_there(settings.ENVIRONMENT.redis_url),
    }
    return JsonResponse(there, status=200 if all(there.values()) else 503)
