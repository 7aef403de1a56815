"""The page on which people confirm an app's feature menus, and the pictures."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from golive.menus.confirming import OfferChanged, confirm, standing_confirmation, withdraw
from golive.menus.forms import MenuForm
from golive.menus.models import MenuConfirmation
from golive.menus.showing import menus_shown, vertical_label
from golive.menus.states import standings
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.gate import visible
from partners.models import MetaApp, Role
from partners.tenancy import tenant
from partners.viewing import viewer

MOST_SHOWN = 50
_LONGEST_NUMBER = 18
# A picture is data from people: it runs nothing, loads nothing, and is nothing else than it says. The styles are those
# of the browser's own page around a picture.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@require_http_methods(["GET", "HEAD", "POST"])
def menus(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show what each vertical's menu is meant to offer; take a confirmation with its picture.

    To take one back is asked about first.
    """
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdraw(request, app)
    form = None
    if request.method == "POST":
        is_cut = getattr(request, "has_too_large_file", False)
        form = MenuForm(request.POST, request.FILES, has_too_large_file=is_cut, auto_id=False)
        if form.is_valid() and _confirm(request, app, form):
            return redirect("golive-menus", app.pk)
    return _show(request, app, form)


@require_safe
def picture(request: HttpRequest, confirmation_id: int) -> HttpResponse:
    """Send the picture of a confirmation."""
    row = visible(MenuConfirmation.objects.all(), viewer(request)).filter(pk=confirmation_id).first()
    if row is None:
        raise Http404
    name = f"menu-{row.pk}.{_ENDINGS[row.picture_type]}"
    headers = {**_HEADERS, "Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(bytes(row.picture), content_type=row.picture_type, headers=headers)


def _confirm(request: HttpRequest, app: MetaApp, form: MenuForm) -> bool:
    given = form.cleaned_data
    try:
        confirm(
            app,
            given["vertical"],
            given["seen"],
            picture=given["content"],
            picture_type=given["content_type"],
            note=given["note"],
            by=By.request(request),
        )
    except OfferChanged:
        form.add_error(None, _("What is meant to be offered has changed meanwhile. Read it again, then confirm."))
        return False
    messages.success(request, _("The menu is confirmed."))
    return True


def _withdraw(request: HttpRequest, app: MetaApp) -> HttpResponse:
    given = request.POST["withdraw"]
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER else 0
    row = standing_confirmation(app, number)
    if row is not None and "sure" not in request.POST:
        context = {
            "title": _("Take the confirmation back"),
            "app": app,
            "row": row,
            "label": vertical_label(row.vertical),
        }
        return page(request, "menu_ask.html", context)
    if withdraw(app, number, By.request(request)):
        messages.success(request, _("The confirmation is taken back."))
    else:
        messages.warning(request, _("Nothing was changed: it stands so already, or is no longer there."))
    return redirect("golive-menus", app.pk)


def _show(request: HttpRequest, app: MetaApp, form: MenuForm | None) -> HttpResponse:
    rows = MenuConfirmation.objects.filter(partner=app.partner_id, meta_app=app).defer("picture")
    with tenant(app.partner_id):
        history = list(rows.order_by("-pk")[:MOST_SHOWN])
    context: dict[str, Any] = {
        "title": _("Feature menus"),
        "app": app,
        "menus": menus_shown(app, standings(app), form),
        "form": form,
        "history": history,
        "may_confirm": viewer(request).may(Role.MANAGER),
    }
    return page(request, "menus.html", context, status=400 if form is not None and form.errors else 200)
