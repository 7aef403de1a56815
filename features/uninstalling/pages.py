"""What the pages of installations and features have about uninstalling: the button with its question, and the steps."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.models import Feature, Installation
from features.uninstalling.asking import Impossible, ask
from features.uninstalling.models import Uninstall
from features.uninstalling.obstacles import UNDER_WAY, obstacle, open_of
from features.uninstalling.showing import uninstall_section
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.object_tools import Tool
from partners.tenancy import tenant
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

_LABEL = _("Uninstall at Meta…")
UNINSTALL_ALL = Tool(
    "press_uninstall",
    _LABEL,
    question=_(
        "Meta is asked to remove the whole connection of this business with this app. Every feature goes off, at once "
        "and for the business's customers, and Meta ends the access that the business gave. The record and its history "
        "stay here. To come back, the business has to go through onboarding again; if it does so before Meta has "
        "removed the connection, the uninstall is called off. Do you want to uninstall it?"
    ),
    is_for=lambda installation: not obstacle(installation),
)
UNINSTALL_ONE = Tool(
    "press_uninstall",
    _LABEL,
    question=_(
        "Meta is asked to switch this one feature off; its interface has no other way to uninstall a single feature. "
        "Meta then lists it as switched off, or no longer lists it: either counts as gone. The connection and all "
        "other features stay as they are. What was wanted of its settings is not pushed any more. "
        "Do you want to uninstall it?"
    ),
    is_for=lambda feature: not obstacle(feature.installation, feature),
)


class UninstallPages(ReadOnlyTenantAdmin):
    """Adds to the admin of installations, or of features, what it takes to uninstall them."""

    def tool_view(self, request: HttpRequest, object_id: str, method: str) -> HttpResponse:
        """Show the uninstall that is under way, where one would be asked for a second time."""
        is_asked = method == UNINSTALL_ALL.method and viewer(request).may(UNINSTALL_ALL.role)
        row = self.get_object(request, object_id) if is_asked else None
        under_way = open_of(*_subject(row)).order_by("pk").first() if row else None
        if under_way is None:
            return super().tool_view(request, object_id, method)
        messages.info(request, str(UNDER_WAY))
        return HttpResponseRedirect(_page_of(under_way))

    def press_uninstall(self, request: HttpRequest, row: Installation | Feature) -> HttpResponse | None:
        """Ask for it, and show how far it is."""
        installation, feature = _subject(row)
        try:
            with tenant(row.partner_id):
                uninstall = ask(installation, feature, by=request.user.get_username())
                record(Action.UNINSTALL_ASKED, uninstall, by=By.request(request))
        except Impossible as why:
            messages.error(request, str(why))
            return None
        return HttpResponseRedirect(_page_of(uninstall))

    @admin.display(description=_("uninstall"))
    def uninstall_shown(self, row: Installation | Feature) -> SafeString:
        """Show what is under way, what was last, or why nothing can be."""
        return uninstall_section(*_subject(row))


def _page_of(uninstall: Uninstall) -> str:
    return reverse("admin:uninstalling_uninstall_change", args=[uninstall.pk])


def _subject(row: Installation | Feature) -> tuple[Installation, Feature | None]:
    return (row.installation, row) if isinstance(row, Feature) else (row, None)
