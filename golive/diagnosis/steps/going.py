"""The way to Meta: a launch link with a button that can be pressed, and a merchant who presses it and comes back."""

from django.urls import reverse
from django.utils.translation import gettext as _

from golive.diagnosis.buttons import buttons_of, for_new_link, new_link
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Remedy, broken, does_not_apply, not_reached, ok, weak
from onboarding.models import OnboardingAttempt
from partners.display import moment
from partners.object_tools import Button

Outcome = OnboardingAttempt.Outcome


def link(case: Case) -> Finding:
    """Whether there is a launch link that opens a button which the business can press; or could be, to come back."""
    if (case.has_come or case.pending is not None) and (closed := _closed_to_come_back(case)):
        return closed
    if case.has_come and case.succeeded is not None:
        return ok(_("The business came through a launch link."))
    if case.pending is not None or (case.has_come and case.attempt is not None):
        return ok(_("The merchant has used a launch link."))
    if case.has_come:
        return does_not_apply(_("The business came without a launch link of the portal's."))
    return buttons_of(case, case.offers).closed or _link(case)


def _closed_to_come_back(case: Case) -> Finding | None:
    """What would keep a business that has to sign in at Meta again from doing so."""
    if case.living_tokens or case.waits_in_webhook or case.awaits_webhook:
        return None
    closed = for_new_link(case).closed
    if closed is None:
        return None
    text = _("A new launch link could not bring the business back: %(why)s") % {"why": closed.text}
    return weak(text, *closed.seen, helps=closed.remedies)


def _link(case: Case) -> Finding:
    if case.usable_links:
        until = _("Works until: %(at)s") % {"at": moment(case.usable_links[0].expires_at)}
        return ok(_("There is a launch link that works."), until)
    if not case.links:
        return broken(_("No launch link has been made for the business."), helps=new_link(case))
    last = case.links[0]
    if last.revoked_at is not None:
        text = _("The launch link was revoked on %(at)s, and there is no other.")
        return broken(text % {"at": moment(last.revoked_at)}, helps=new_link(case))
    text = _("The launch link expired on %(at)s, and there is no other.")
    return broken(text % {"at": moment(last.expires_at)}, helps=new_link(case))


def attempt(case: Case) -> Finding:
    """Whether the merchant pressed a button, went to Meta, and is back."""
    if case.pending is not None:
        return _gone(case, case.pending)
    if case.has_come and case.attempt is None:
        return does_not_apply(_("The business came without pressing a button of the portal's."))
    if case.attempt is not None:
        return ok(_("The merchant went to Meta."), _gone_at(case.attempt))
    if not case.usable_links:
        return not_reached()
    if case.shown is not None:
        text = _("The merchant saw the button, but has not pressed it.")
        seen = _("First shown: %(at)s") % {"at": moment(case.shown.first_at)}
        return broken(text, seen, helps=new_link(case))
    seen = _("Link made: %(at)s") % {"at": moment(case.usable_links[0].created_at)}
    return broken(_("The merchant has not opened the launch link yet."), seen, helps=new_link(case))


def _gone(case: Case, row: OnboardingAttempt) -> Finding:
    """Where a merchant is who has started."""
    if row.outcome not in (Outcome.STARTED, Outcome.EXPIRED) or case.lost_webhook is not None:
        return ok(_("The merchant went to Meta."), _gone_at(row))
    if not case.awaits_webhook:
        return broken(_of_login(case, row), _gone_at(row), helps=new_link(case))
    helps = new_link(case) if row.expires_at > case.at else [*_checks(case), *new_link(case)]
    return broken(_of_business_app(case, row), _gone_at(row), helps=helps)


def _of_login(case: Case, row: OnboardingAttempt) -> str:
    if row.outcome == Outcome.EXPIRED:
        return _("The merchant came back from Meta too late, so that the sign-in no longer counted.")
    if row.foreign_returns:
        return _("The merchant came back from Meta in another browser, which does not count.")
    if row.expires_at > case.at:
        return _("The merchant is at Meta, or has closed the dialog there; the way back is still open.")
    return _("The merchant went to Meta and did not come back.")


def _of_business_app(case: Case, row: OnboardingAttempt) -> str:
    if row.expires_at > case.at:
        return _("The merchant started at Meta and has not finished there; a webhook will tell.")
    return _("The merchant started at Meta, and no webhook came: the dialog was left, or webhooks do not arrive.")


def _checks(case: Case) -> list[Remedy]:
    """Lead to whether webhooks arrive, and what else the app needs."""
    return [Remedy(Button(_("Readiness"), reverse("golive-readiness", args=[case.app.pk])))]


def _gone_at(row: OnboardingAttempt) -> str:
    return _("Started: %(at)s, by the button “%(name)s”") % {"at": moment(row.started_at), "name": row.entry_point}
