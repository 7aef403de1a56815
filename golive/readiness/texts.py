"""The checks, their next steps and their evidence in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from golive.readiness.freshness import is_of_sandbox, was_good
from golive.readiness.models import Check
from golive.readiness.steps import Problem, Step
from onboarding.models import OnboardingAttempt
from partners.display import moment

Text = str | Promise


@dataclass(frozen=True)
class CheckText:
    """What a check is called, and what it means that it is good."""

    title: Text
    meaning: Text


CHECKS: dict[str, CheckText] = {
    "callback": CheckText(_("Callback reachable"), _("The webhook callback answers from outside, over https.")),
    "handshake": CheckText(_("Handshake done"), _("Meta has verified the webhook callback with the verify token.")),
    "app_token": CheckText(_("App secret valid"), _("Meta accepts the app id with the secret that is kept here.")),
    "subscribed_fields": CheckText(
        _("Fields subscribed"),
        _("Meta sends installs, and what the features offered need of Pages, to this callback."),
    ),
    "graph_version": CheckText(
        _("Graph version alive"), _("Meta answers in the version that is asked for, and it does not end soon.")
    ),
    "after_install": CheckText(_("Webhook after an install"), _("A webhook came after the newest install.")),
    "after_uninstall": CheckText(
        _("Webhook after an uninstall"),
        _("A webhook came when a business took away a feature or the whole connection last."),
    ),
    "tokens": CheckText(
        _("Access tokens valid"),
        _("Meta says of the newest businesses' tokens that they are this app's and valid, and none ends in two weeks."),
    ),
    "permissions": CheckText(
        _("Permissions granted"),
        _("The newest businesses granted every permission that their entry points ask for and their features need."),
    ),
    "agree": CheckText(
        _("All sources agree"),
        _("Webhook, installs API, feature configuration and the portal's record name the same features."),
    ),
}

# Of a callback that is good for a trial.
_SANDBOX_ONLY = _(
    "The webhook callback answers the sandbox on this machine. Meta cannot call it: for Meta, PUBLIC_URL has to be a "
    "public address that begins with https."
)

WAYS_IN: dict[str, Text] = {
    OnboardingAttempt.WayIn.LOGIN: _("business login"),
    OnboardingAttempt.WayIn.BUSINESS_APP: _("business app"),
}

STEPS: dict[Step, Text] = {
    Step.NOT_HTTPS: _(
        "The portal's address does not begin with https, and Meta calls nothing else. Put a proxy with a valid "
        "certificate in front of the portal and set PUBLIC_URL to its address."
    ),
    Step.UNKNOWN_HOST: _(
        "The host in PUBLIC_URL cannot be found in the DNS. Correct the name, or have it entered there."
    ),
    Step.LOCAL_ADDRESS: _(
        "The host in PUBLIC_URL leads to an address that is not public, so Meta cannot reach it. Give the host a "
        "public address, or set PUBLIC_URL to one that has."
    ),
    Step.NO_ANSWER: _(
        "The callback gave the portal no answer within ten seconds. Look at the proxy, the firewall and the "
        "certificate."
    ),
    Step.WRONG_ANSWER: _(
        "Something else than the portal answers at the callback. Have the proxy pass the address on to the portal, "
        "without a redirect."
    ),
    Step.ENTER_CALLBACK: _(
        "Enter the callback below and the verify token in the app's dashboard at Meta, under Webhooks, and let Meta "
        "verify them."
    ),
    Step.VERIFY_TOKEN: _(
        "Meta asked with another verify token than the one that is kept here. Type the same one at both places, and "
        "let Meta verify it again."
    ),
    Step.SECRET: _(
        "Meta does not accept this app id with the secret that is kept here. Copy the app secret from the app's "
        "dashboard at Meta and type it in."
    ),
    Step.NO_KEY: _(
        "No key in ENCRYPTION_KEYS opens the secret that is kept here. Type it in again, or bring the key back."
    ),
    Step.NOT_SUBSCRIBED: _(
        "The app is not subscribed to this object. Subscribe it in the app's dashboard at Meta, under Webhooks, with "
        "the callback below."
    ),
    Step.FOREIGN_CALLBACK: _(
        "Meta sends the webhooks to another address. Enter the callback below in its place, in the app's dashboard at "
        "Meta, under Webhooks."
    ),
    Step.INACTIVE: _("The subscription is switched off. Switch it on in the app's dashboard at Meta, under Webhooks."),
    Step.MISSING_FIELDS: _(
        "Fields are missing from the subscription. Subscribe to them in the app's dashboard at Meta, under Webhooks."
    ),
    Step.VERSION_ENDS: _(
        "Meta ends this Graph version within a month, or has ended it. Set META_GRAPH_VERSION to a newer one."
    ),
    Step.MARKETING_ENDS: _(
        "Meta ends the Marketing API of this Graph version within a month, or has ended it, and features that the app "
        "offers need it. Set META_GRAPH_VERSION to a newer one."
    ),
    Step.OTHER_VERSION: _(
        "Meta answers in another version than META_GRAPH_VERSION asks for. Set it to one that Meta still serves."
    ),
    Step.UNKNOWN_VERSION: _(
        "The portal does not know when this Graph version ends. Set META_GRAPH_VERSION to one that it knows, or update "
        "the portal."
    ),
    Step.INSTALL: _("Connect a test business through one of its launch links, and turn a feature on at Meta."),
    Step.INSTALL_FROM_META: _(
        "Enter the auth URL of the app at Meta, start there with a test business, and turn a feature on."
    ),
    Step.NO_INSTALL_NOTICE: _(
        "A business was connected and no webhook came. Look at the callback and the subscription, then connect a test "
        "business again."
    ),
    Step.NOTHING_CAME: _(
        "Merchants started at Meta, and no webhook told of any of them. Look at the callback and the subscription, "
        "then start at Meta again and finish the dialog."
    ),
    Step.UNINSTALL: _(
        "Remove a feature, or the whole connection, of a test business that came by this way: in its management view, "
        "or in its settings at Meta."
    ),
    Step.NO_UNINSTALL_NOTICE: _(
        "Something was removed at Meta and no webhook came. Look at the callback and the subscription, then remove a "
        "feature of a test business again."
    ),
    Step.WAIT: _("It is still under way. Check again in a few minutes."),
    Step.AT_META: _(
        "A merchant has started at Meta, and only a webhook tells that the dialog was finished. Where none comes, the "
        "attempt ends by itself within an hour; the portal looks again until then."
    ),
    Step.STILL_V2: _(
        "Meta still answers in v2, which lists no features to compare. Ask the Meta representative to move the app "
        "to v3."
    ),
    Step.NO_V3_NOTICE: _(
        "Meta answers in v3, but no webhook of v3 has come yet about a connected business: those of v2 list no "
        "features to compare. Add or remove a feature of a test business in its management view, then check again."
    ),
    Step.DISAGREEMENT: _(
        "They name different features. Sync the business and check again; if it stays so, look at whether its webhooks "
        "arrive."
    ),
    Step.RECONNECT: _(
        "The tokens of these businesses are dead. Send each a launch link, so that it signs in again; where one has "
        "uninstalled, no webhook told of it."
    ),
    Step.TOKENS_END: _(
        "The tokens of these businesses end within two weeks. Send each a launch link, so that it signs in again "
        "before."
    ),
    Step.PERMISSIONS: _(
        "Permissions are missing. See that Meta has approved them for the app, then let these businesses go through "
        "their entry point again and grant everything."
    ),
}

PROBLEMS: dict[Problem, Text] = {
    Problem.PAUSED: _("Meta makes the app wait, so nothing is asked."),
    Problem.NO_BUSINESS: _("No business is connected."),
    Problem.NO_LIVING_TOKEN: _("No connected business has a living access token."),
    Problem.NO_NOTICE: _("No webhook about a connected business is there to compare."),
    Problem.SYNCING: _("The business is being synced."),
    Problem.UNTOLD: _("Meta said nothing of the tokens of some businesses."),
    Problem.BROKE: _("The check itself broke off, which is a fault of the portal: its log says where."),
}

# In the order in which they are shown. Names that end in `_at` stand for times, in `_on` for days.
EVIDENCE: dict[str, Text] = {
    "object": _("object"),
    "callback": _("callback"),
    "callback_at_meta": _("callback at Meta"),
    "missing_fields": _("missing fields"),
    "fields": _("fields"),
    "status": _("HTTP status"),
    "sandbox_only": _("reached by the sandbox only"),
    "said": _("said"),
    "app_id": _("app id"),
    "subscriptions": _("subscribed objects"),
    "version": _("Graph version"),
    "answered": _("Meta answered in"),
    "ends_on": _("ends on"),
    "marketing_ends_on": _("Marketing API ends on"),
    "marketing_expected_on": _("Marketing API expected to end about"),
    "business": _("business"),
    "installed_at": _("came back at"),
    "started_at": _("started at"),
    "waits_until_at": _("waited for until"),
    "found_at": _("found gone at"),
    "received_at": _("webhook received at"),
    "delivery": _("delivery"),
    "verified_at": _("verified at"),
    "refused_at": _("wrong verify token at"),
    "looked_at": _("businesses looked at"),
    "token_types": _("token types"),
    "next_end_at": _("first token ends at"),
    "dead_tokens": _("dead tokens of"),
    "ending_tokens": _("tokens that end soon"),
    "granted": _("permissions"),
    "missing_permissions": _("missing permissions"),
    "features": _("features compared"),
    "not_as_in_webhook": _("not as in the webhook"),
    "not_as_in_records": _("not as in the portal's record"),
    "not_as_in_configuration": _("not as in the feature configuration"),
}


def title_of(key: str, subject: str) -> str:
    """A check's name, with the way in where it is about one."""
    title = str(CHECKS[key].title)
    return with_colon(title, WAYS_IN.get(subject, subject)) if subject else title


def with_colon(first: object, second: object) -> str:
    """One text before the other, with a colon as the reader's language has it."""
    return gettext("%(first)s: %(second)s") % {"first": first, "second": second}


def state_text(check: Check) -> str:
    """How the check stands; what was good too long ago is not called so, nor what is for the sandbox alone."""
    if was_good(check):
        return gettext("outdated")
    if is_of_sandbox(check):
        return gettext("good in the sandbox")
    if check.state == Check.State.UNKNOWN and check.checked_at is not None:
        return gettext("cannot be told yet")
    return str(Check.State(check.state).label)


def state_in_history(state: str) -> str:
    """How a check stood before or after a change; nothing was known before the first one."""
    return gettext("not known") if state == Check.State.UNKNOWN else str(Check.State(state).label)


def meaning_of(check: Check) -> str:
    """What it means that the check is good."""
    return str(_SANDBOX_ONLY if is_of_sandbox(check) else CHECKS[check.key].meaning)


def overdue_text(check: Check) -> str:
    """That nobody makes the checks any more."""
    said = gettext("Last checked on %(at)s; the checks are overdue: is the worker running?")
    return said % {"at": moment(check.checked_at)}


def step_text(step: str) -> str:
    """The next step in words; empty where there is none."""
    return str(STEPS[Step(step)]) if step else ""


def problem_text(problem: str) -> str:
    """Why a check could not be made: in our words where we know, or in Meta's."""
    return str(PROBLEMS[Problem(problem)]) if problem in PROBLEMS else problem
