"""Why the portal itself calls a token useless, or a connection gone: kept as a code, said in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MARK = "portal:"
_WORDS: dict[str, Promise] = {
    "other_app": _("The token belongs to another app (%(detail)s)."),
    "expired": _("The token has expired."),
    "page": _("The token is a Page's."),
    "scope": _("The token lacks the permission %(detail)s."),
    # The detail is Meta's words.
    "asked": _("Meta was asked to uninstall, and now says: %(detail)s"),
    "asked_last": _("Meta was asked to uninstall, and no access token is left."),
    "noticed": _("Meta sent word of an uninstall, and now says: %(detail)s"),
    "noticed_last": _("Meta sent word of an uninstall, and no access token is left."),
}


def own_reason(kind: str, detail: str = "") -> str:
    """The reason as it is kept where otherwise Meta's words are."""
    if kind not in _WORDS:
        raise ValueError(kind)
    return f"{_MARK}{kind}:{detail}"


def is_own(kept: str) -> bool:
    """Whether these are not Meta's words but a reason of the portal's."""
    return kept.startswith(_MARK) and kept.split(":", 2)[1] in _WORDS


def in_words(kept: str) -> str:
    """A kept reason for people: Meta's words as they came, the portal's own in the reader's language."""
    if not is_own(kept):
        return kept
    _mark, kind, detail = kept.split(":", 2)
    return str(_WORDS[kind]) % {"detail": detail}
