"""What several pages of the admin show of the engine's records."""

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from features.models import Change, Feature, Installation
from mbe.catalog import FEATURE_TYPES
from partners.display import pill

STATE_TONES: dict[str, str] = {
    Installation.State.PENDING: "plain",
    Installation.State.CONNECTED: "good",
    Installation.State.RECONNECT: "bad",
    Installation.State.DISCONNECTED: "warning",
}
CHANGE_TONES: dict[str, str] = {
    Change.Kind.INSTALLED: "good",
    Change.Kind.CONNECTED: "good",
    Change.Kind.REMOVED: "warning",
    Change.Kind.DISCONNECTED: "warning",
    Change.Kind.RECONNECT: "bad",
}


def state_pill(installation: Installation) -> SafeString:
    """The state of a connection."""
    return pill(installation.get_state_display(), STATE_TONES[installation.state])


def change_pill(change: Change) -> SafeString:
    """The kind of a change."""
    return pill(change.get_kind_display(), CHANGE_TONES.get(change.kind, "plain"))


def feature_label(feature_type: str) -> str:
    """A feature type in the reader's words; Meta's own word where the catalog does not know it."""
    known = FEATURE_TYPES.get(feature_type)
    return known.label.in_language(get_language() or "en") if known else feature_type


def feature_pill(feature: Feature) -> SafeString:
    """Whether a feature is installed, and whether it is switched on where Meta says so."""
    if feature.removed_at:
        return pill(_("removed"), "warning")
    if feature.is_implied:
        return pill(_("implied"), "plain")
    if feature.is_enabled is False:
        return pill(_("switched off"), "plain")
    return pill(_("installed"), "good")
