"""Which handler makes which feature type work; types are named here, and nowhere else outside `mbe`."""

from features.activation.handlers.advertising import ads, collaborate_ads, creative
from features.activation.handlers.pixels import pixel
from features.activation.handlers.selling import catalog, shop
from features.activation.handlers.subscriptions import end, subscription
from features.activation.handling import Ending, Handler
from mbe.catalog import RECORDED_ONLY

HANDLERS: dict[str, Handler] = {
    "pixel": pixel,
    "catalog": catalog,
    "fb_shop": shop,
    "ig_shopping": shop,
    "ads": ads,
    "custom_audience": ads,
    "creative": creative,
    "collaborate_ads": collaborate_ads,
    "lead_ads": subscription,
    "messaging": subscription,
}

# What is to be taken back at Meta when a feature goes.
ENDINGS: dict[str, Ending] = {"lead_ads": end, "messaging": end}

# Types that there is nothing to do for (meta-api §9, last row).
NOTHING_TO_DO: tuple[str, ...] = RECORDED_ONLY
