"""What is said of an import and of its rows."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogs.wording import problem_text as problem_of_file
from catalogs.wording import reasons_text as reasons_of_row
from features.own_reasons import in_words

_KINDS = {
    "missing": gettext_lazy("%(field)s is missing"),
    "bad": gettext_lazy("%(field)s is not valid"),
    "token": gettext_lazy("%(field)s holds what looks like an access token, which belongs in its own column"),
    "duplicate": gettext_lazy("%(field)s stands in line %(detail)s already, which counts"),
    "dead": gettext_lazy("the token cannot be used; the business has to reconnect: %(detail)s"),
    "spare_dead": gettext_lazy("the token cannot be used; the connection goes on with the one it has: %(detail)s"),
    "elsewhere": gettext_lazy("%(field)s is kept for another business, too"),
    "unchecked": gettext_lazy("Meta did not say what the token is good for: %(detail)s"),
    "differs": gettext_lazy("%(field)s is another one in the portal, which stays"),
}
_PROBLEMS = {
    "waits": gettext_lazy("Meta cannot answer now; it goes on by itself."),
    "given_up": gettext_lazy("It was begun too often without getting on. It can be resumed."),
    "too_old": gettext_lazy("Nobody has resumed it for days, and the rest of the file was deleted."),
    "column_twice": gettext_lazy("Two columns have the same name."),
    "no_column": gettext_lazy("There is no column “%(detail)s”."),
    "meta": gettext_lazy("Meta refuses the app itself; see to its secret, then resume. Meta says: %(detail)s"),
}


def problem_text(code: str) -> str:
    """Why an import waits, was stopped or failed."""
    kind, _colon, detail = code.partition(":")
    return str(_PROBLEMS[kind]) % {"detail": detail} if kind in _PROBLEMS else problem_of_file(code)


def reasons_text(codes: list[str]) -> str:
    """Why a row was not taken, or what there is to say about one that was."""
    return "; ".join(_reason(code) for code in codes)


def _reason(code: str) -> str:
    field, _colon, rest = code.partition(":")
    kind, _colon, detail = rest.partition(":")
    if kind not in _KINDS:
        return reasons_of_row([code]) or _("not valid")
    return str(_KINDS[kind]) % {"field": field, "detail": in_words(detail)}
