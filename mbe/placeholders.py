"""A business put into the placeholders of an address that is written for many."""

import re
from urllib.parse import quote

PLACEHOLDERS = ("external_business_id", "domain")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def fill(address: str, *, external_business_id: str, domain: str) -> str:
    """Put a business into the placeholders of an address; ``domain`` is an origin, so it brings its own ``https://``."""
    address = address.replace("https://{domain}", "{domain}").replace("{domain}", domain)
    return address.replace("{external_business_id}", quote(external_business_id, safe=""))


def placeholders_in(text: str) -> list[str]:
    """Give the names in braces, known or not, in their order."""
    return _PLACEHOLDER.findall(text)
