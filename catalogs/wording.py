"""Why a file, a feed or a row was not taken, in the reader's words; the codes stand in the database."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

PROBLEMS: dict[str, Promise] = {
    # The file.
    "empty": gettext_lazy("The file is empty. Nothing was removed."),
    "too_big": gettext_lazy("The file is larger than 200 MB. Compress it with gzip, or hand it over in pieces."),
    "too_big_unpacked": gettext_lazy("Unpacked, the file is larger than 1 GB. Hand it over in pieces."),
    "bad_gzip": gettext_lazy("The compressed file is damaged or breaks off. Compress it once more."),
    "broken_off": gettext_lazy("The file broke off on its way. Hand it over once more."),
    "spreadsheet": gettext_lazy("This is a spreadsheet or a ZIP archive. Save it as “CSV UTF-8”."),
    "utf16": gettext_lazy("The file is in UTF-16 or is no text. Save it as “CSV UTF-8”."),
    "not_utf8": gettext_lazy(
        "The file is not in UTF-8 (see line %(detail)s) but in another encoding, such as Big5 or Latin-1. Save it as "
        "“CSV UTF-8”."
    ),
    "json_array": gettext_lazy("This is one JSON list. JSON Lines have one object in each line."),
    "no_id_column": gettext_lazy("The first line names no column “id”. It must name Meta's product fields."),
    "too_many_columns": gettext_lazy("The first line names more than 500 columns."),
    "bad_quotes": gettext_lazy("From line %(detail)s on quotation marks do not match, and rows cannot be told apart."),
    "given_up": gettext_lazy("Reading the file was begun many times and never came to an end."),
    "nothing_removed": gettext_lazy(
        "No row was taken, or more were rejected than taken: no product was removed, although this was the whole set."
    ),
    # The feed.
    "bad_address": gettext_lazy("This is no web address."),
    "has_credentials": gettext_lazy("The address must hold no user name and password."),
    "not_https": gettext_lazy("The address, or one that it leads to, does not begin with https://."),
    "other_port": gettext_lazy("The address, or one that it leads to, has another port than 443."),
    "private_address": gettext_lazy("The address, or one that it leads to, is not on the public internet."),
    "too_many_redirects": gettext_lazy("The address leads on and on to others."),
    "timeout": gettext_lazy("The server did not answer in time."),
    "too_slow": gettext_lazy("The server needed more than ten minutes."),
    "bad_certificate": gettext_lazy("The server's certificate is not valid for its name."),
    "unreachable": gettext_lazy("The server could not be reached."),
    "no_length": gettext_lazy("The server does not say where its answer ends, so it may have broken off."),
    "status": gettext_lazy("The server answered with status %(detail)s."),
}
# Of one row; what stands before the colon is the field.
REASONS: dict[str, Promise] = {
    "missing": pgettext_lazy("reason of a rejected row", "missing"),
    "too_long": pgettext_lazy("reason of a rejected row", "too long"),
    "bad_price": gettext_lazy("no price such as 9.99 USD"),
    "bad_currency": gettext_lazy("no currency, an unknown one, or two different ones"),
    "not_https": gettext_lazy("no https address"),
    "bad_choice": gettext_lazy("none of the words that Meta knows"),
    "bad_number": gettext_lazy("no whole number"),
    "bad_text": gettext_lazy("no text, or one with control characters"),
    "duplicate": gettext_lazy("already named in line %(detail)s"),
    "bad_quotes": gettext_lazy("quotation marks that do not match"),
    "too_many_cells": gettext_lazy("more cells than the first line has columns"),
    "bad_json": gettext_lazy("no JSON"),
    "no_object": gettext_lazy("no JSON object"),
    "too_long_line": gettext_lazy("a line longer than 1 MB"),
    "not_utf8": gettext_lazy("not in UTF-8"),
}
_OF_A_ROW = "row"


def problem_text(code: str) -> str:
    """Say why a file or a feed was not taken; empty where there is no problem."""
    return _worded(PROBLEMS, code)


def reasons_text(reasons: Iterable[str]) -> str:
    """Say why a row was not taken, each field by Meta's name of it."""
    return "; ".join(_reason(each) for each in reasons)


def _reason(code: str) -> str:
    field, _colon, reason = code.partition(":")
    text = _worded(REASONS, reason)
    return text if field == _OF_A_ROW else _("%(field)s: %(reason)s") % {"field": field, "reason": text}


def _worded(texts: dict[str, Promise], code: str) -> str:
    name, _colon, detail = code.partition(":")
    return str(texts[name]) % {"detail": detail} if name in texts else code
