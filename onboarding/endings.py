"""How an attempt ended, in a merchant's words."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from features.models import Installation
from onboarding.connections import Connection
from onboarding.models import OnboardingAttempt

Outcome = OnboardingAttempt.Outcome

_UNSUCCESSFUL = {
    Outcome.STARTED: (gettext_lazy("You are still at Meta"), gettext_lazy("Finish there, or start again here.")),
    Outcome.CANCELLED: (
        gettext_lazy("You cancelled"),
        gettext_lazy("Nothing was changed. Try again whenever you like."),
    ),
    Outcome.FAILED: (
        gettext_lazy("That did not work"),
        gettext_lazy("The sign-in was not completed. Please try again."),
    ),
    Outcome.EXPIRED: (
        gettext_lazy("That took too long"),
        gettext_lazy("The sign-in was not completed. Please start again."),
    ),
}


@dataclass(frozen=True)
class Ending:
    """A heading, a sentence below it (may be empty), and whether all went well."""

    heading: str
    lead: str
    is_good: bool = False


def ending_of(attempt: OnboardingAttempt, connection: Connection, *, is_followed: bool) -> Ending:
    """Word the end of an attempt; `is_followed` tells that the page still looks again by itself."""
    outcome = Outcome(attempt.outcome)
    if outcome == Outcome.STARTED and attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP:
        lead = gettext("Finish there. You may close this page: what you turn on comes here by itself.")
        return Ending(gettext("You are still at Meta"), lead, is_good=True)
    if outcome == Outcome.EXPIRED and attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP:
        lead = gettext("Perhaps you cancelled there, or the page was closed. Start again whenever you like.")
        return Ending(gettext("We have heard nothing from Meta"), lead)
    if outcome in _UNSUCCESSFUL:
        title, sentence = _UNSUCCESSFUL[outcome]
        return Ending(str(title), str(sentence))
    if outcome == Outcome.SUCCEEDED and not connection.is_syncing:
        return _ending_of_sync(connection)
    if is_followed:
        return Ending(gettext("One moment, please"), gettext("You are back from Meta. We ask what is on now."))
    if outcome == Outcome.RETURNED:
        return Ending(gettext("That was interrupted"), gettext("Please try again."))
    lead = gettext("You may close this page: it goes on by itself, and nothing is lost.")
    return Ending(gettext("This takes longer than usual"), lead, is_good=True)


def _ending_of_sync(connection: Connection) -> Ending:
    if connection.state == Installation.State.CONNECTED:
        return Ending(gettext("You are connected"), gettext("This is what is on at Meta now."), is_good=True)
    return Ending(gettext("Not live yet"), gettext("You came back from Meta, but something is missing."))
