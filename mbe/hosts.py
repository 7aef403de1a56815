"""Which web addresses are Meta's (meta-api, 1.11: the guard against open redirects)."""

import re

META_DOMAINS = ("facebook.com", "instagram.com", "whatsapp.com", "commercepartnerhub.com")

# Browsers read some addresses otherwise than urlsplit does (backslashes, tabs, other alphabets), so that nothing is
# parsed here: an address is written in this plain way, or it is not Meta's.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = "|".join(map(re.escape, META_DOMAINS))
_META_URL = re.compile(
    rf"https://(?:{_LABEL}\.){{0,8}}(?:{_DOMAIN})(?::443)?(?:[/?#][!-\[\]-~]*)?", re.ASCII | re.IGNORECASE
)


def is_meta_url(url: str) -> bool:
    """Tell whether a browser may be sent there: https, a host of Meta's, no credentials, no port of its own."""
    return bool(_META_URL.fullmatch(url))
