"""Which handler makes which feature type work; types are named here, and nowhere else outside `mbe`."""

from features.activation.handling import Ending, Handler
from mbe.catalog import RECORDED_ONLY

HANDLERS: dict[str, Handler] = {}

# What is to be taken back at Meta when a feature goes.
ENDINGS: dict[str, Ending] = {}

# Types that there is nothing to do for (meta-api §9, last row).
NOTHING_TO_DO: tuple[str, ...] = RECORDED_ONLY
