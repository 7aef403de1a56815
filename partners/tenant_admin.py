"""The admin of tenants' rows: one gate for every list, page, choice, action and deletion."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import PROTECT, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from partners.audit.admin_log import AuditedAdmin
from partners.changelist import CappedPaginator, PortalChangeList
from partners.gate import visible
from partners.models import Role
from partners.object_tools import ObjectToolsMixin
from partners.open_choice import FIND
from partners.open_choices import OpenChoices
from partners.viewing import viewer

MOST_ROWS_OF_AN_ACTION = 1_000
# The rows from whose page a link leads to a list of theirs.
LISTED_BY = ("business", "installation", "delivery")


def sole_partner_of(request: HttpRequest) -> int | None:
    """The one partner in view; None for platform staff who look at all."""
    partner = viewer(request).partner
    return partner.pk if partner else None


def chosen_ids(request: HttpRequest, rows: QuerySet[Any]) -> list[int] | None:
    """Give the ids of the rows chosen for an action; None, and word of it, where they are more than 1,000."""
    ids = list(rows.order_by().values_list("pk", flat=True)[: MOST_ROWS_OF_AN_ACTION + 1])
    if len(ids) <= MOST_ROWS_OF_AN_ACTION:
        return ids
    messages.error(request, _("At most 1,000 at a time."))
    return None


class TenantAdmin(OpenChoices, AuditedAdmin, ObjectToolsMixin):
    """Shows a member only the rows of the own partners; another partner's object is a 404."""

    partner_path = "partner"
    view_role = Role.VIEWER
    change_role = Role.MANAGER
    can_add = True
    can_change = True
    can_delete = False

    change_list_template = "admin/portal/change_list.html"
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    ordering = ("-pk",)
    sortable_by = ()
    view_on_site = False

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Say which rows a search finds; every condition has an index."""
        raise NotImplementedError

    def preload(self, rows: list[Any]) -> None:
        """Load what a page of the list shows of other tables, with one query for all its rows."""

    # --- the gate

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give the rows that this person may see."""
        return visible(super().get_queryset(request), viewer(request), self.partner_path)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the room to those who may see something in it."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let members see; which rows, the gate says."""
        return viewer(request).may(self.view_role)

    def has_use_permission(self, request: HttpRequest) -> bool:
        """Let those use actions who may change something; Django asks for the permission that an action names."""
        return viewer(request).may(self.change_role)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let members add where people make the rows."""
        return self.can_add and self.has_use_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let members change where Meta does not own the rows."""
        return self.can_change and self.has_use_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let members delete where nothing is lost by it."""
        return self.can_delete and self.has_use_permission(request)

    # --- lists

    def get_list_display(self, request: HttpRequest) -> Any:
        """Name the partner only to those who see several."""
        names = super().get_list_display(request)
        return names if sole_partner_of(request) is None else tuple(name for name in names if name != "partner")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PortalChangeList]:
        """Use the list that stays fast."""
        return PortalChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; an address with a NUL, which PostgreSQL takes in no text, names none."""
        if any("\0" in value for value in request.GET.values()):
            raise Http404
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for the words as one; PostgreSQL takes no NUL in a text."""
        term = search_term.replace("\0", "").strip()
        return (queryset.filter(self.search_filter(request, term)) if term else queryset), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Filter by what the list offers, and by the row that a link leads from: nothing else need have an index."""
        offered = {getattr(each, "parameter_name", each) for each in self.list_filter}
        return lookup.removesuffix("__exact") in {*offered, *LISTED_BY}

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out Django's deletion of many: it loads all that hangs on them."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    # --- forms

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let a related row be looked at from here, and changed on its own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_add_related = field.widget.can_change_related = field.widget.can_delete_related = False
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[Any]:
        """Tell the form whose row it makes."""
        form = super().get_form(request, obj, change, **kwargs)
        form.sole_partner_id = sole_partner_of(request)  # type: ignore[attr-defined]  # a class for this request alone
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Ask nobody to correct an error who has only looked for a row."""
        if FIND in request.POST:
            context["errors"] = []
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take from the address what can be: of a related row its number."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        related = {field.name for field in self.opts.get_fields() if field.is_relation}
        return {name: value for name, value in given.items() if name not in related or str(value).isdecimal()}

    # --- deletion

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name what holds the rows back, without loading it."""
        rows = list(objs)
        held_by = [name for row in rows for name in _held_by(row)]
        return [str(row) for row in rows], {str(self.opts.verbose_name_plural): len(rows)}, set(), held_by


class ReadOnlyTenantAdmin(TenantAdmin):
    """Rows that people read: Meta or the portal itself writes them."""

    can_add = False
    can_change = False


def _held_by(row: Model) -> Iterator[str]:
    """Name the tables with rows that protect this one."""
    for relation in row._meta.related_objects:
        if relation.on_delete is PROTECT:
            related = relation.related_model._base_manager.filter(**{relation.field.name: row})
            if related.exists():
                yield str(relation.related_model._meta.verbose_name_plural)
