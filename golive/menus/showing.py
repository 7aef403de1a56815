"""Feature menus in the reader's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from golive.menus.forms import MenuForm
from golive.menus.models import MenuConfirmation
from golive.menus.offers import Offer, features_in
from golive.menus.states import Reason, Standing
from mbe.catalog import FEATURE_TYPES, VERTICALS
from onboarding.menu_preview import MenuPreview, preview
from partners.display import pill
from partners.models import MetaApp


@dataclass(frozen=True)
class ShownMenu:
    """One vertical on the page; `came` and `went` are the features that differ from what was confirmed last."""

    name: str
    label: str
    pill: SafeString
    reason: str
    offer: Offer
    preview: MenuPreview | None
    newest: MenuConfirmation | None
    came: str
    went: str
    form: MenuForm

    @property
    def can_be_confirmed(self) -> bool:
        """Whether there is something to confirm."""
        return bool(self.offer.features)

    @property
    def is_confirmed(self) -> bool:
        """Whether the newest confirmation counts."""
        return not self.reason


def menus_shown(app: MetaApp, standings: Iterable[Standing], form: MenuForm | None) -> list[ShownMenu]:
    """Every vertical with its form; a form that was sent and not taken stands at its vertical."""
    sent = form.data.get("vertical") if form is not None else None
    return [_menu(app, each, form if sent == each.offer.vertical else None) for each in standings]


def feature_labels(names: Iterable[str]) -> list[str]:
    """Features in the reader's words; one that the catalog does not know as it is written."""
    language = get_language() or "en"
    return [FEATURE_TYPES[each].label.in_language(language) if each in FEATURE_TYPES else each for each in names]


def vertical_label(vertical: str) -> str:
    """A vertical in the reader's words."""
    return VERTICALS[vertical].label.in_language(get_language() or "en")


def _menu(app: MetaApp, standing: Standing, form: MenuForm | None) -> ShownMenu:
    offer, reason = standing.offer, standing.state.reason
    before = features_in(standing.newest.offered) if standing.newest and reason == Reason.FEATURES_CHANGED else None
    return ShownMenu(
        name=offer.vertical,
        label=vertical_label(offer.vertical),
        pill=_pill(reason),
        reason=str(Reason(reason).label) if reason else "",
        offer=offer,
        preview=preview(app, offer.vertical, ""),
        newest=standing.newest,
        came=_difference(offer.features, before),
        went=_difference(before or [], offer.features),
        form=form if form is not None else MenuForm(auto_id=False),
    )


def _pill(reason: str) -> SafeString:
    if not reason:
        return pill(_("confirmed"), "good")
    return pill(_("confirm anew") if reason == Reason.FEATURES_CHANGED else _("not confirmed"), "bad")


def _difference(now: Sequence[str], then: Sequence[str] | None) -> str:
    return "" if then is None else ", ".join(feature_labels(each for each in now if each not in then))
