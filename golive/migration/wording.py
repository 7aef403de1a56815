"""What is said of an import and of its rows."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogs.wording import problem_text as problem_of_file
from catalogs.wording import reasons_text as reasons_of_row
from features.own_reasons import in_words
from golive.migration.models import Import

_KINDS = {
    "missing": gettext_lazy("missing: %(field)s"),
    "bad": gettext_lazy("not valid: %(field)s"),
    "token": gettext_lazy("holds what looks like an access token, which belongs in its own column: %(field)s"),
    "hidden": gettext_lazy("words that may be the token, as it is not in its column, are hidden: %(field)s"),
    "duplicate": gettext_lazy("%(field)s stands in line %(detail)s already, which counts"),
    "dead": gettext_lazy("the token cannot be used; the business has to reconnect: %(detail)s"),
    "spare_dead": gettext_lazy("the token cannot be used; the connection goes on with the one it has: %(detail)s"),
    "data_access": gettext_lazy(
        "the token is valid, but its access to data has run out at Meta; the business may have to reconnect"
    ),
    "elsewhere": gettext_lazy("%(field)s is kept for another business, too"),
    "unchecked": gettext_lazy("Meta did not say what the token is good for: %(detail)s"),
    "unstorable": gettext_lazy("the database does not take the row as it is"),
    "differs": gettext_lazy("the portal has another value, which stays: %(field)s"),
    "unknown": gettext_lazy("no known %(field)s, so it counts as DEFAULT: %(detail)s"),
}
_PROBLEMS = {
    "empty": gettext_lazy("The file is empty."),
    "no_rows": gettext_lazy("The file has a line of names, but no rows below it."),
    "no_gzip": gettext_lazy("The file's name ends in .gz, but it is not compressed with gzip."),
    "bare_cr": gettext_lazy("The lines end as on an old Macintosh, and cannot be told apart. Save it as “CSV UTF-8”."),
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


def state_text(run: Import) -> str:
    """Why an import is where it is, and until when where that is known; empty where there is nothing to say."""
    until = run.waits_until
    if until is None:
        return problem_text(run.problem) if run.problem else ""
    at = {"at": date_format(localtime(until), "DATETIME_FORMAT")}
    if run.problem:
        return _("Meta cannot answer now; it goes on by itself at %(at)s.") % at
    return _("A limit of Meta's for the app is waited out; it begins by itself at %(at)s.") % at


def reasons_text(codes: list[str]) -> str:
    """Why a row was not taken, or what there is to say about one that was; fields of which the same is said, once."""
    fields: dict[str, list[str]] = {}
    for field, _colon, said in (code.partition(":") for code in codes):
        fields.setdefault(said, []).append(field)
    return "; ".join(_reason(names, said) for said, names in fields.items())


def _reason(fields: list[str], said: str) -> str:
    kind, _colon, detail = said.partition(":")
    if kind not in _KINDS:
        return reasons_of_row(f"{field}:{said}" for field in fields) or _("not valid")
    return str(_KINDS[kind]) % {"field": ", ".join(fields), "detail": in_words(detail)}
