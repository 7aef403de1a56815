"""The portal's settings without middleware, for the bare view that the portal is measured against."""

from config.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.floor"
