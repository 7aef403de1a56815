"""What `check --deploy` says about a production's settings, beside Django's own advice."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from mbe.hosts import is_meta_url

# Graph's host is not one that a browser is sent to, but it is below the same domain.
META_URLS = ("META_GRAPH_URL", "META_DIALOG_URL", "META_MANAGEMENT_URL")


def register_checks() -> None:
    """Have `check --deploy` ask."""
    register(check_meta_hosts, "security", deploy=True)
    register(check_proxies, "security", deploy=True)


def check_meta_hosts(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Warn of a stand-in that would get merchants, codes and tokens."""
    for name in META_URLS:
        if not is_meta_url(getattr(settings, name)):
            yield Warning(
                f"{name} does not lead to a host of Meta's.",
                hint="Merchants, their codes and their tokens go there. Unset it, unless this is no production.",
                id="portal.W001",
            )


def check_proxies(app_configs: object, **kwargs: Any) -> Iterable[CheckMessage]:
    """Warn where everybody would seem to come from the proxy."""
    if settings.PUBLIC_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        yield Warning(
            "TRUSTED_PROXIES is 0, but PUBLIC_URL is https, and the web server speaks http only.",
            hint="Set it to the number of proxies that add to X-Forwarded-For; or one visitor locks out all others.",
            id="portal.W002",
        )
