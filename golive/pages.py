"""Pages of the admin that belong to no table: the gate before them, and the frame around them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from partners.gate import visible
from partners.models import Business, MetaApp, Role
from partners.viewing import viewer

Row = TypeVar("Row", bound=Model)
View = Callable[..., HttpResponseBase]


def staff_page(view: View, *, writes: Role = Role.MANAGER) -> View:
    """Give the view to signed-in staff of some partner; only who may do what `writes` names may POST to it."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not viewer(request).may(Role.VIEWER if request.method in ("GET", "HEAD") else writes):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    # Given so and not when the addresses are read: the site of the admin is made later.
    return lambda request, *args, **kwargs: admin.site.admin_view(gated)(request, *args, **kwargs)


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> TemplateResponse:
    """Render a template of `admin/golive/` in the admin's frame; `title` is in the context."""
    return TemplateResponse(
        request, f"admin/golive/{template}", {**admin.site.each_context(request), **context}, status=status
    )


def meta_app_of(request: HttpRequest, meta_app_id: int) -> MetaApp:
    """The Meta app with that number; another partner's is a 404."""
    return _visible(MetaApp, request, meta_app_id)


def business_of(request: HttpRequest, business_id: int) -> Business:
    """The business with that number; another partner's is a 404."""
    return _visible(Business, request, business_id)


def _visible(model: type[Row], request: HttpRequest, pk: int) -> Row:
    row = visible(model._default_manager.select_related("partner"), viewer(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
