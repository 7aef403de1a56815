"""What a feature's page and its card show of its configuration: what Meta has, what is wanted, how they compare."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from features.configuration.models import Push, Wanted
from features.configuration.observed import is_customizable, last_change, observed
from features.configuration.planning import preview
from features.configuration.showing import push_pill, rows_of, status_pill
from features.configuration.standing import wanted_of
from features.management_view import management_url
from features.models import Feature

SECTION = "admin/portal/configuration_section.html"
FIXED = "admin/portal/configuration_fixed.html"


def has_drifted(feature: Feature) -> bool:
    """Whether something is wanted of a feature that Meta does not have; needs `wanted` to be read with it."""
    return bool(preview([feature]))


def is_editable(feature: Feature) -> bool:
    """Whether there is anything to set: a feature that is installed, and has settings."""
    return feature.removed_at is None and is_customizable(feature)


def configuration_section(feature: Feature) -> SafeString:
    """The configuration on a feature's own page; needs its installation, business, app and `wanted`."""
    if not is_customizable(feature):
        return render_to_string(FIXED, {"feature": feature, "url": management_url(feature.installation)})
    wanted, now = wanted_of(feature), observed(feature)
    columns = (now, wanted.values) if wanted else (now,)
    newest = Push.objects.filter(feature=feature).order_by("-pk").first()
    context = {
        "feature": feature,
        "wanted": wanted,
        "pill": status_pill(wanted) if wanted else "",
        "has_drifted": has_drifted(feature),
        "is_drift": wanted is not None and wanted.status == Wanted.Status.DRIFT,
        "headings": [_("At Meta"), _("Wanted")][: len(columns)],
        "rows": rows_of(feature.feature_type, *columns),
        "change": last_change(feature),
        "push": newest,
        "push_pill": push_pill(newest) if newest else "",
    }
    return render_to_string(SECTION, context)


def card_pill(feature: Feature) -> SafeString | str:
    """How the configuration stands, on a feature's card; empty where nothing is wanted, or nothing is left."""
    wanted = wanted_of(feature)
    return status_pill(wanted) if wanted and feature.removed_at is None else ""
