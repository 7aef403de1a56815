"""All checks of a Meta app, in the order in which they are shown."""

from collections.abc import Callable
from dataclasses import dataclass

from golive.readiness.checks.agreeing import agree
from golive.readiness.checks.at_meta import app_token, subscribed_fields
from golive.readiness.checks.callback import callback
from golive.readiness.checks.notices import after_install, after_uninstall, handshake, installs_by
from golive.readiness.checks.tokens import permissions, tokens
from golive.readiness.checks.versions import graph_version
from golive.readiness.ground import Ground
from golive.readiness.results import Result
from golive.readiness.sights import features, scopes, secret, sign_in, verify_token
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from partners.tenancy import tenant

WayIn = OnboardingAttempt.WayIn


def once(app: MetaApp) -> tuple[str, ...]:
    """For a check that is about the app as a whole."""
    return ("",)


def ways_in(app: MetaApp) -> tuple[str, ...]:
    """The ways in that the app uses: login, as each launch link has it, and Meta's side where it is set up or led home.

    It is set up where there is a sign-in page; it led home where a business was connected by it. That somebody pressed
    a button there proves nothing: whoever has a launch link can.
    """
    with tenant(app.partner_id):
        from_meta = installs_by(app, WayIn.BUSINESS_APP).exists()
    return (WayIn.LOGIN, WayIn.BUSINESS_APP) if app.sign_in_url or from_meta else (WayIn.LOGIN,)


@dataclass(frozen=True)
class CheckKind:
    """A check: its key, what it does, what each of its rows is about, and what it looks at of what people set here."""

    key: str
    run: Callable[[Ground, str], Result]
    subjects: Callable[[MetaApp], tuple[str, ...]] = once
    sights: tuple[Callable[[MetaApp], object], ...] = ()


CHECKS = (
    CheckKind("callback", callback),
    CheckKind("handshake", handshake, sights=(verify_token,)),
    CheckKind("app_token", app_token, sights=(secret,)),
    CheckKind("subscribed_fields", subscribed_fields, sights=(secret, features)),
    CheckKind("graph_version", graph_version, sights=(secret, features)),
    CheckKind("after_install", after_install, ways_in, sights=(sign_in,)),
    CheckKind("after_uninstall", after_uninstall, ways_in, sights=(sign_in,)),
    CheckKind("tokens", tokens, sights=(secret,)),
    CheckKind("permissions", permissions, sights=(secret, scopes)),
    CheckKind("agree", agree, sights=(secret,)),
)


def applying(app: MetaApp) -> list[tuple[CheckKind, str]]:
    """The checks that the app has, each with what it is about."""
    return [(kind, subject) for kind in CHECKS for subject in kind.subjects(app)]
