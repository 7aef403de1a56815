"""Which handler makes which feature type work; types are named here, and nowhere else outside `mbe`."""

from features.activation.handlers.advertising import ads, collaborate_ads, creative
from features.activation.handlers.betas import beta
from features.activation.handlers.configured import configured, page_card
from features.activation.handlers.pixels import pixel
from features.activation.handlers.selling import catalog, shop
from features.activation.handlers.sites import checkbox, messenger_chat
from features.activation.handlers.subscriptions import end, subscription
from features.activation.handling import Ending, Handler
from mbe.catalog import RECORDED_ONLY

HANDLERS: dict[str, Handler] = {
    "page_cta": configured,
    "ig_cta": configured,
    "messenger_menu": configured,
    "thread_intent": configured,
    "page_card": page_card,
    "messenger_chat": messenger_chat,
    "checkbox_plugin": checkbox,
    "checkbox_plugin_marketing": checkbox,
    "pixel": pixel,
    "catalog": catalog,
    "fb_shop": shop,
    "ig_shopping": shop,
    "lead_ads": subscription,
    "messaging": subscription,
    "ads": ads,
    "custom_audience": ads,
    "creative": creative,
    "collaborate_ads": collaborate_ads,
    "ar_commerce": beta,
    "ig_creators_as_sellers": beta,
    "customer_data": beta,
}

# What is to be taken back at Meta when a feature goes.
ENDINGS: dict[str, Ending] = {"lead_ads": end, "messaging": end}

# Types that there is nothing to do for (meta-api §9, last row).
NOTHING_TO_DO: tuple[str, ...] = RECORDED_ONLY
