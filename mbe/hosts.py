"""Which web addresses are Meta's (meta-api, 1.11: the guard against open redirects)."""

import re
from urllib.parse import unquote

META_DOMAINS = ("facebook.com", "instagram.com", "whatsapp.com", "commercepartnerhub.com")

# Browsers read some addresses otherwise than urlsplit does (backslashes, tabs, other alphabets), so that nothing is
# parsed here: an address is written in this plain way, or it is not Meta's.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = "|".join(map(re.escape, META_DOMAINS))
_META_URL = re.compile(
    rf"https://(?P<prefix>(?:{_LABEL}\.){{0,8}})(?:{_DOMAIN})(?::443)?(?P<rest>[/?#][!-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_SHIM_HOST = re.compile(r"(?:^|\.)lm?\.", re.ASCII | re.IGNORECASE)
_SHIM_PATH = re.compile(r"[/\\;](?:l\.php|linkshim|flx)(?![\w-])", re.ASCII | re.IGNORECASE)


def is_meta_url(url: str) -> bool:
    """Tell whether a browser may be sent there: https, a host of Meta's, no credentials, no port of its own.

    Meta's link shims are refused: they lead on to whatever address stands in their query. The hosts `l.` and `lm.` are
    nothing else (meta-api, 1.11: one plugin lets `l.` pass, but Meta's own example is at `www.`), and on every host so
    are `/l.php`, `/linkshim/` and `/flx/warn/`, wherever they stand in the path and however often it is quoted.
    """
    found = _META_URL.fullmatch(url)
    return found is not None and not _is_shim(found["prefix"], found["rest"] or "")


def _is_shim(prefix: str, rest: str) -> bool:
    path = re.split("[?#]", rest, maxsplit=1)[0]
    while path != (path := unquote(path)):
        pass
    return bool(_SHIM_HOST.search(prefix) or _SHIM_PATH.search(path))
