"""The letter itself: plain lines in the reader's language, from what is configured (mbe-v3 §10)."""

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from golive.letter.gathering import AppFacts, Facts
from golive.letter.models import Tester
from golive.menus.offers import Offer
from golive.menus.showing import feature_labels, vertical_label
from mbe.catalog import VERTICALS, scopes_for
from onboarding.models import OnboardingAttempt
from partners.display import moment


def letter_text(facts: Facts) -> str:
    """The whole letter, ending in a line break."""
    partner = facts.app.partner
    title = _("Meta Business Extension v3: what to set up for %(partner)s") % {"partner": partner}
    lines = [title, _("As of: %(at)s") % {"at": moment(now())}, *_apps(_("Test app"), facts.test_apps)]
    lines += _apps(_("Live app"), facts.live_apps)
    return "\n".join(lines) + "\n"


def _apps(title: str, apps: Sequence[AppFacts]) -> Iterator[str]:
    if not apps:
        yield from ("", f"## {title}", _("(not there yet)"))
    for each in apps:
        yield from ("", f"## {title}", *_about(each), "", _("Features to enable, by vertical:"), *_menus(each))
        yield from ("", _("People with roles:"), *_people(each))


def _about(facts: AppFacts) -> Iterator[str]:
    app = facts.app
    yield _("App id: %(id)s (%(name)s)") % {"id": app.app_id, "name": app.name}
    if app.is_test:
        yield _("Please put the test app on the allow list.")
    callback = settings.PUBLIC_URL + reverse("meta-webhook", args=[app.app_id])
    yield _("Webhook callback URL: %(url)s (object user, field fbe_install)") % {"url": callback}
    yield _("Redirect URI: %(url)s") % {"url": settings.PUBLIC_URL + reverse("return")}
    if OnboardingAttempt.WayIn.BUSINESS_APP in facts.ways_in:
        url = settings.PUBLIC_URL + reverse("business-app", args=[app.app_id])
        yield _("Auth URL (business app flow): %(url)s") % {"url": url}


def _menus(facts: AppFacts) -> Iterator[str]:
    if not facts.offers:
        yield _("(not there yet)")
    for offer in facts.offers:
        values = {"label": vertical_label(offer.vertical), "code": offer.wire_value}
        yield "- " + _("Vertical %(label)s (business_vertical %(code)s)") % values
        if not VERTICALS[offer.vertical].is_verified:
            yield "  " + _("This code is not documented; please confirm it.")
        yield from (f"  {line}" for line in _menu(facts, offer))


def _menu(facts: AppFacts, offer: Offer) -> Iterator[str]:
    pairs = zip(feature_labels(offer.features), offer.features, strict=True)
    yield _("Features: %(features)s") % {"features": _listed(f"{label} ({name})" for label, name in pairs)}
    yield _("Intents in the menu: %(intents)s") % {"intents": _listed(intent for intent, _features in offer.items)}
    buttons = (f"{each} ({each.intent or _('whole menu')})" for each in offer.entry_points)
    yield _("Entry points: %(entry_points)s") % {"entry_points": _listed(buttons)}
    offered = facts.app.features
    asked = [each.scope_override or scopes_for(each.vertical, each.intent, offered) for each in offer.entry_points]
    scopes = sorted({scope for each in asked for scope in each})
    yield _("Permissions asked for: %(scopes)s") % {"scopes": _listed(scopes)}


def _people(facts: AppFacts) -> Iterator[str]:
    if not facts.people:
        yield _("(not there yet)")
    yield from (f"- {_person(each)}" for each in facts.testers)
    if facts.testers:
        yield _("Testers' user ids: %(ids)s") % {"ids": _listed(each.user_id for each in facts.testers)}
    if facts.representatives:
        roles = _listed(_person(each) for each in facts.representatives)
        yield _("Roles of Meta's people on this app: %(roles)s") % {"roles": roles}
    elif facts.app.is_test:
        yield _("You have no role on the test app yet; tell us if you need one to help.")


def _person(tester: Tester) -> str:
    return f"{tester}: {tester.get_role_display()}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or _("none")
