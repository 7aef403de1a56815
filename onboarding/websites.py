"""Which features of a button need the business's website, so that a sentence can name them."""

from mbe.catalog import FEATURE_TYPES, INTENTS
from mbe.v2 import implied_types
from onboarding.connections import feature_label
from onboarding.cta import uses_domain
from onboarding.models import EntryPoint


def needing_website(entry_point: EntryPoint, arm: bool) -> list[str]:
    """The labels of what is the reason that its button asks for a website, in the reader's language.

    Those whose addresses are made from it, and those that must have it in `setup` (mbe-v3 §7). None where a v2 channel
    asks for it by itself (meta-api §1.6).
    """
    by_address = [name for name, settings in entry_point.cta_defaults.items() if uses_domain({name: settings})]
    asked = list(INTENTS[entry_point.vertical, entry_point.intent].required) if entry_point.intent else []
    if not arm and entry_point.channel:
        asked += implied_types(entry_point.channel)
    in_setup = [name for name in asked if FEATURE_TYPES[name].needs_domain]
    return [feature_label(name) for name in dict.fromkeys((*by_address, *in_setup))]
