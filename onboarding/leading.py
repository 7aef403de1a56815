"""Pages whose buttons lead to Meta's dialog, and what their Content-Security-Policy must allow for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponseBase

from mbe.hosts import META_DOMAINS, is_meta_url


def leads_to_meta(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the page's forms end at Meta: browsers hold `form-action` against each redirect that follows, too."""

    @wraps(view)
    def leading(*arguments: Any, **named: Any) -> HttpResponseBase:
        return csp_update({"form-action": form_targets()})(view)(*arguments, **named)

    return leading


def form_targets() -> list[str]:
    """The dialog's origin; for Meta's own all of Meta's, as phones and new logins are sent on; and the way back."""
    if is_meta_url(settings.META_DIALOG_URL):
        dialog = [f"https://{each}" for domain in META_DOMAINS for each in (domain, f"*.{domain}")]
    else:
        parts = urlsplit(settings.META_DIALOG_URL)
        dialog = [f"{parts.scheme}://{parts.netloc}"]
    return [*dialog, settings.PUBLIC_URL]
