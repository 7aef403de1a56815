"""What each step says to people: one sentence for staff, and one for the merchant where the merchant has to act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from features.activation.handling import Actor, StepState
from partners.display import NOTHING, moment

ASSETS: dict[str, Promise] = {
    "page_id": _("Facebook Page"),
    "ig_profile_id": _("Instagram account"),
    "pixel_id": _("pixel"),
    "catalog_id": _("catalog"),
    "ad_account_id": _("ad account"),
    "business_manager_id": _("business portfolio"),
    "commerce_merchant_settings_id": _("shop"),
}

SENTENCES: dict[str, Promise] = {
    # How a look ended before its handler did.
    "permission": _(
        "A permission is missing: %(scopes)s. The business goes through onboarding once more and grants it."
    ),
    "token": _("There is no access token that Meta accepts. The business goes through onboarding once more."),
    "not_visible": _(
        "Meta does not show this to the portal. The business goes through onboarding once more and chooses it there."
    ),
    "refused": _("Meta refuses a call. Read what Meta says; the portal tries again tomorrow."),
    "unreachable": _("Meta could not be reached, or gave no sound answer. The portal tries again by itself."),
    "internal": _("Something in the portal went wrong. It tries again by itself; the server's log has the details."),
    "limit": _("Meta lets the portal ask again only later. It goes on by itself then."),
    "nothing_to_do": _("There is nothing to do for this feature; it is recorded."),
    "ended": _("The feature is gone, and nothing of it is left to take back at Meta."),
    "ended_half": _("The feature is gone. What was left of it at Meta is out of the portal's reach."),
    # Settings
    "settings_confirmed": _("Meta has the configuration that is wanted."),
    "settings_as_merchant_set": _("Nothing is wanted here; Meta has what the merchant set."),
    "settings_not_set": _("Neither text nor address is set. Set them under “Configuration”, then push."),
    "settings_not_pushed": _("What is wanted has not been pushed yet."),
    "settings_being_pushed": _("What is wanted is being pushed."),
    "settings_changed_at_meta": _(
        "The configuration was changed at Meta. Adopt what Meta has, or push what is wanted."
    ),
    "settings_refused": _("Meta refused the configuration. Change what is wanted, then push again."),
    "settings_kept_otherwise": _("Meta kept something else than was pushed. Adopt it, or push again."),
    "switched_off": _("It is switched off at Meta. The merchant switches it on in Meta's management view."),
    "switched_off_as_wanted": _("It is switched off at Meta, as is wanted."),
    "not_said_whether_on": _("Meta has not said yet whether it is switched on."),
    # Websites
    "chat_link": _("People write to the Page at this address; put it on the website as a link or a button."),
    "chat_plugin_ended": _(
        "The chat window on the website: ended by Meta on 2024-05-09. Its code shows nothing any more."
    ),
    "domain_given": _("The business's domain is %(domain)s."),
    "domain_missing": _("The business has no domain. Add it on the business's page, then send a new launch link."),
    "checkbox_code": _("Put this code into the form on the website, then mark the feature as working."),
    "checkbox_may_be_retired": _(
        "Meta's current documentation no longer lists the checkbox plugin: it has probably been retired."
    ),
    # No public API
    "recorded": _("The feature is recorded; Meta has no public interface for it."),
    "ask_meta": _("Ask your Meta representative to turn it on, then mark the feature as working."),
    # Assets and permissions
    "asset_missing": _("Meta names no asset of this kind: %(asset)s. The merchant chooses one in onboarding."),
    "asset_not_named": _("Meta names no asset of this kind: %(asset)s. The feature may do without."),
    "asset_not_readable": _("Meta does not show this to the portal: %(asset)s. The feature may do without."),
    "permissions_granted": _("The permissions are granted: %(permissions)s."),
    "permissions_missing": _(
        "Permissions are missing: %(permissions)s. The business goes through onboarding once more and grants them."
    ),
    "business_readable": _("Meta shows the business portfolio %(name)s (%(id)s)."),
    "ad_account_active": _("The ad account %(name)s (%(id)s) is active; its currency is %(currency)s."),
    "ad_account_disabled": _(
        "Meta has disabled the ad account %(name)s (%(id)s). The merchant asks Meta for a review."
    ),
    "ad_account_unsettled": _("The ad account %(name)s (%(id)s) has an open bill. The merchant settles it at Meta."),
    "ad_account_in_review": _("Meta is reviewing the ad account %(name)s (%(id)s). The merchant waits, or asks Meta."),
    "ad_account_closed": _("The ad account %(name)s (%(id)s) is closed. The merchant chooses another in onboarding."),
    "ad_account_not_active": _(
        "The ad account %(name)s (%(id)s) is not active (Meta's status %(status)s). The merchant asks Meta."
    ),
    "instagram_readable": _("Meta shows the Instagram account %(name)s (%(id)s)."),
    # Catalogs and shops
    "catalog_has_items": _("The catalog %(name)s (%(id)s) has items: %(count)s."),
    "catalog_is_empty": _("The catalog %(name)s (%(id)s) is empty. Hand over the business's products."),
    "shop_stands": _("The shop %(name)s (%(id)s) stands; Meta's status is %(status)s."),
    "shop_not_enabled": _(
        "The shop %(name)s (%(id)s) is not open; Meta's status is %(status)s. "
        "The merchant finishes it in Commerce Manager."
    ),
    # Pixels
    "pixel_readable": _("Meta shows the pixel %(name)s (%(id)s)."),
    "pixel_unavailable": _("The pixel %(name)s (%(id)s) cannot be used. The merchant looks into Events Manager."),
    "pixel_fired": _("The pixel fired last at %(fired_at)s."),
    "pixel_not_fired": _("The pixel has not fired yet. Put this code into every page of the website."),
    "conversions_api_untried": _("Nobody has tried the Conversions API. Send a test event from this page."),
    "conversions_api_waits": _("A test event is on its way to the Conversions API."),
    "conversions_api_works": _("The Conversions API took the test event of %(asked_at)s: %(received)s received."),
    "conversions_api_refused": _("The Conversions API did not take the test event of %(asked_at)s. Send another one."),
    # Pages
    "page_subscribed": _("Meta tells the app what happens on the Page %(page_id)s: %(fields)s."),
    "page_subscription_differs": _("The Page %(page_id)s needs a subscription to %(needed)s; Meta has %(fields)s."),
}

# Without a word here the merchant is told in general that something is to be done.
FOR_MERCHANTS: dict[str, Promise] = {
    "permission": _(
        "A permission is missing. Please go through the sign-in at Meta again, and leave all permissions on."
    ),
    "permissions_missing": _(
        "A permission is missing. Please go through the sign-in at Meta again, and leave all permissions on."
    ),
    "token": _("Meta no longer lets us in. Please go through the sign-in at Meta again."),
    "not_visible": _(
        "Meta does not show us what this needs. Please go through the sign-in at Meta again and choose it."
    ),
    "switched_off": _("It is switched off. To use it, switch it on at Meta."),
    "asset_missing": _("Something is not chosen yet: %(asset)s. Please go through the sign-in at Meta again."),
    "ad_account_disabled": _("Meta has disabled your ad account %(name)s. You can ask Meta for a review."),
    "ad_account_unsettled": _("Your ad account %(name)s has an open bill. Please settle it at Meta."),
    "ad_account_in_review": _("Meta is reviewing your ad account %(name)s."),
    "ad_account_closed": _("Your ad account %(name)s is closed. Please choose another one in the sign-in at Meta."),
    "ad_account_not_active": _("Your ad account %(name)s is not active. Please ask Meta why."),
    "shop_not_enabled": _("Your shop %(name)s is not open yet. Please finish it in Meta's Commerce Manager."),
    "pixel_unavailable": _("Your pixel %(name)s cannot be used. Please look into Meta's Events Manager."),
}
_GENERAL = _("Something is to be done at Meta. Your service provider can tell you more.")


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return NOTHING


def sentence(step: Mapping[str, Any]) -> str:
    """A step, as `Activation.steps` has it, in the reader's language; a code without a sentence as it is."""
    code = str(step.get("step", ""))
    template = SENTENCES.get(code)
    return code if template is None else str(template) % _shown(step)


def sentence_for_merchant(step: Mapping[str, Any]) -> str:
    """What the merchant has to do about a step; empty where it is for somebody else, or nothing is to be done."""
    if step.get("state") != StepState.TO_DO or step.get("actor") != Actor.MERCHANT:
        return ""
    return str(FOR_MERCHANTS.get(str(step.get("step")), _GENERAL)) % _shown(step)


def _shown(step: Mapping[str, Any]) -> _Facts:
    facts = step.get("facts") or {}
    return _Facts({name: _text(name, value) for name, value in facts.items() if value not in ("", [], None)})


def _text(name: str, value: Any) -> str:
    if name == "asset":
        return str(ASSETS.get(value, value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _moment(str(value)) if name.endswith("_at") else str(value)


def _moment(value: str) -> str:
    """A time in the reader's zone; Meta's own word where it is none."""
    try:
        return moment(datetime.fromisoformat(value))
    except ValueError:
        return value
