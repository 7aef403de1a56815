"""The page that shows test and live apps beside each other."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from golive.letter.gathering import gather
from golive.pages import meta_app_of, page
from golive.side_by_side.comparing import columns_of, compare
from partners.models import Role
from partners.viewing import viewer


@require_safe
def side_by_side(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Compare an app with the partner's apps of the other kind, or say that there is none."""
    app = meta_app_of(request, meta_app_id)
    facts = gather(app)
    columns = columns_of(facts) if len(facts.apps) > 1 else []
    groups = compare(columns) if columns else []
    context = {
        "title": _("Test and live app side by side"),
        "app": app,
        "columns": [(each.facts.app, each.standing) for each in columns],
        "groups": groups,
        "may_add": viewer(request).may(Role.OWNER),
        "differing": sum(row.differs for group in groups for row in group.rows),
    }
    return page(request, "side_by_side.html", context)
