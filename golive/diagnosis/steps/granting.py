"""What Meta gave: the merchant's consent, and a token that can be used."""

from datetime import timedelta

from django.utils.translation import gettext as _

from features.deaths import reason_of
from features.models import AccessToken, Installation
from features.remedies import REMEDIES
from golive.diagnosis.buttons import new_link
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, broken, does_not_apply, in_metas_words, not_reached, ok, weak
from golive.diagnosis.remedies import app_page, look_again
from onboarding.models import OnboardingAttempt
from partners.display import moment

Outcome, Reason = OnboardingAttempt.Outcome, Installation.Reason

# An exchange of a code takes seconds; what takes longer was cut off.
EXCHANGE_TAKES = timedelta(minutes=2)
ENDS_SOON = timedelta(days=14)
# What Meta says of a token that has run out, where it does not say just that.
_MAY_MEAN_EXPIRED = (Reason.TOKEN_DEAD, Reason.LOGGED_OUT)
# Meta's codes and words for an app's id or secret that it does not accept (the errors of the code's exchange).
_NO_SUCH_APP, _WRONG_SECRET = "101", "client secret"


def grant(case: Case) -> Finding:
    """Whether the merchant consented at Meta, and the consent became a token."""
    if case.lost_webhook is not None:
        return does_not_apply(_("Who starts at Meta consents there; a webhook brings the token."))
    if case.pending is not None:
        return _not_granted(case, case.pending)
    row = case.installation
    if row is not None and row.reason == Reason.PERMISSION and not row.is_syncing:
        helps = [*new_link(case), *app_page(case.app)]
        text = _("The merchant did not grant a permission, or took it back.")
        return broken(text, in_metas_words(row.reason_detail), helps=helps)
    if case.succeeded is not None:
        at = moment(case.succeeded.returned_at)
        return ok(_("The merchant consented at Meta."), _("Came back: %(at)s") % {"at": at})
    if case.has_come:
        return does_not_apply(_("The consent was not given by way of the portal."))
    return not_reached()


def _not_granted(case: Case, row: OnboardingAttempt) -> Finding:
    at = _("Came back: %(at)s") % {"at": moment(row.returned_at)}
    if row.outcome == Outcome.CANCELLED:
        return broken(_("The merchant cancelled at Meta."), at, helps=new_link(case))
    if row.outcome == Outcome.FAILED:
        return _failed(case, row, at)
    if row.outcome != Outcome.RETURNED:
        return not_reached()
    if not case.is_secret_readable:
        return _without_secret(case, at)
    if row.returned_at is not None and case.at - row.returned_at < EXCHANGE_TAKES:
        return broken(_("The merchant is back, and the code is being exchanged just now."), at, helps=look_again(case))
    text = _("The merchant is back, but the exchange of Meta's code for a token was cut off.")
    return broken(text, at, helps=new_link(case))


def _failed(case: Case, row: OnboardingAttempt, at: str) -> Finding:
    words = in_metas_words(" ".join(filter(None, (row.error_message, f"({row.error_code})" if row.error_code else ""))))
    if row.error_code == _NO_SUCH_APP or _WRONG_SECRET in row.error_message.lower():
        text = _("Meta does not accept the app's id with the secret that is kept here, so the code is worth nothing.")
        return broken(text, at, words, helps=[*app_page(case.app), *new_link(case)])
    return broken(
        _("The sign-in ended with an error of Meta's."), at, words, helps=[*new_link(case), *app_page(case.app)]
    )


def _without_secret(case: Case, *seen: str) -> Finding:
    text = _(
        "No key in ENCRYPTION_KEYS opens the app's secret: nothing can be asked of Meta until it is typed in again."
    )
    return broken(text, *seen, helps=app_page(case.app))


def token(case: Case) -> Finding:
    """Whether there is a token that Meta accepts, and whose key is there."""
    if not case.has_come or case.lost_webhook is not None:
        return not_reached()
    if case.is_uninstalled:
        return does_not_apply(_("The tokens ended with the connection."))
    if case.waits_in_webhook:
        return does_not_apply(_("What Meta sent waits with its webhook."))
    if not case.is_secret_readable:
        return _without_secret(case)
    if not case.tokens:
        return broken(_("Meta told of the business, but gave no access token."), helps=new_link(case))
    if not case.living_tokens:
        return _dead(case)
    if not case.is_token_readable:
        text = _("No key in ENCRYPTION_KEYS opens the access token; with a new sign-in comes a new one.")
        return broken(text, helps=new_link(case))
    return _living(case, case.living_tokens[0])


def _dead(case: Case) -> Finding:
    last = max(case.tokens, key=lambda each: each.dead_at or case.at)
    seen = [_seen(last), in_metas_words(last.dead_reason)]
    if case.attempt is not None and case.attempt.outcome != Outcome.SUCCEEDED:
        label = case.attempt.get_outcome_display()
        seen.append(_("Last attempt: %(at)s, %(outcome)s") % {"at": moment(case.attempt.started_at), "outcome": label})
    reason = reason_of(last.dead_subcode)
    if last.expires_at is not None and last.expires_at <= (last.dead_at or case.at):
        seen.append(_("Ran out: %(at)s") % {"at": moment(last.expires_at)})
        reason = Reason.TOKEN_EXPIRED if reason in _MAY_MEAN_EXPIRED else reason
    text = _("%(reason)s %(remedy)s") % {"reason": reason.label, "remedy": REMEDIES[reason]}
    return broken(text, *seen, helps=new_link(case))


def _living(case: Case, used: AccessToken) -> Finding:
    if used.expires_at is not None and used.expires_at - case.at < ENDS_SOON:
        text = _("The access token runs out on %(at)s; then the business has to sign in again.")
        return weak(text % {"at": moment(used.expires_at)}, _seen(used), helps=new_link(case))
    last = [_tried_last(each) for each in case.living_tokens if each.why_last]
    return ok(_("There is an access token, and Meta has not refused it."), _seen(used), *last)


def _tried_last(row: AccessToken) -> str:
    return _("%(token)s; tried last: %(why)s") % {"token": _seen(row), "why": row.why_last}


def _seen(row: AccessToken) -> str:
    return _("Token (%(kind)s) received: %(at)s") % {"kind": row.get_kind_display(), "at": moment(row.received_at)}
