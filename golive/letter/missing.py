"""What the letter still lacks, each with where to add it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from golive.letter.gathering import AppFacts, Facts
from golive.menus.offers import Offer
from golive.menus.showing import feature_labels, vertical_label
from mbe.catalog import missing_features


@dataclass(frozen=True)
class Missing:
    """Something that is not there, and the link to add it (no link where no page of the admin does)."""

    text: str
    url: str = ""
    label: str = ""


def what_is_missing(facts: Facts) -> list[Missing]:
    """In the order in which it is best added."""
    return [*_of_apps(facts), *(each for one in facts.apps for each in _of_app(one)), *_of_people(facts)]


def _of_apps(facts: Facts) -> Iterator[Missing]:
    if not facts.is_reachable:
        yield Missing(
            _("The portal's address does not begin with https, so Meta cannot call it: PUBLIC_URL has to be set.")
        )
    if not facts.test_apps:
        url = reverse("admin:partners_metaapp_changelist")
        yield Missing(_("There is no test app."), url, _("Add a Meta app, or mark one as test app"))
    if not facts.live_apps:
        yield Missing(_("There is no live app."), reverse("admin:partners_metaapp_add"), _("Add a Meta app"))


def _of_app(facts: AppFacts) -> Iterator[Missing]:
    if not facts.offers:
        url = f"{reverse('admin:onboarding_entrypoint_add')}?meta_app={facts.app.pk}"
        text = _("No active entry point leads to %(app)s.") % {"app": facts.app}
        yield Missing(text, url, _("Add an entry point"))
    for offer in facts.offers:
        yield from _of_menu(facts, offer)


def _of_menu(facts: AppFacts, offer: Offer) -> Iterator[Missing]:
    if not offer.features:
        text = _("%(app)s offers no feature of the vertical %(vertical)s.")
        values = {"app": facts.app, "vertical": vertical_label(offer.vertical)}
        url = reverse("admin:partners_metaapp_change", args=[facts.app.pk])
        yield Missing(text % values, url, _("Choose the features that the app offers"))
    for each in offer.entry_points:
        lacking = missing_features(each.vertical, each.intent, facts.app.features) if each.intent else []
        if lacking:
            text = _("%(entry_point)s starts with %(intent)s, for which %(app)s lacks: %(features)s.") % {
                "entry_point": each,
                "intent": each.intent,
                "app": facts.app,
                "features": ", ".join(feature_labels(lacking)),
            }
            url = reverse("admin:onboarding_entrypoint_change", args=[each.pk])
            yield Missing(text, url, _("Change the entry point"))


def _of_people(facts: Facts) -> Iterator[Missing]:
    if facts.test_apps and not any(each.testers for each in facts.test_apps):
        url = f"{reverse('admin:letter_tester_add')}?meta_app={facts.test_apps[0].app.pk}"
        yield Missing(_("No tester is named for the test apps."), url, _("Add a tester"))
