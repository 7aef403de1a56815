"""What the portal finds wrong with a token is said as its own, in the reader's language."""

import pytest
from django.utils.translation import override

from features.models import Installation
from features.own_reasons import in_words, is_own, own_reason
from golive.diagnosis.findings import in_metas_words

META = "(#190) Error validating access token"


@pytest.mark.parametrize(
    ("kind", "detail", "says"),
    [
        ("other_app", "42", "The token belongs to another app (42)."),
        ("expired", "", "The token has expired."),
        ("page", "", "The token is a Page's."),
        ("scope", "ads:read", "The token lacks the permission ads:read."),
        ("asked", META, f"Meta was asked to uninstall, and now says: {META}"),
        ("asked_last", "", "Meta was asked to uninstall, and no access token is left."),
        ("noticed", META, f"Meta sent word of an uninstall, and now says: {META}"),
        ("noticed_last", "", "Meta sent word of an uninstall, and no access token is left."),
    ],
)
def test_a_reason_of_our_own_is_not_put_into_metas_mouth(kind: str, detail: str, says: str) -> None:
    kept = own_reason(kind, detail)
    assert in_words(kept) == in_metas_words(kept) == says
    with override("zh-hant"):
        assert in_words(kept) != says


def test_metas_words_stay_as_they_came() -> None:
    assert not is_own(META) and in_words(META) == META
    assert in_metas_words(META) == f"Meta says: {META}"
    assert not is_own("portal:unheard_of:") and in_words("portal:unheard_of:") == "portal:unheard_of:"


def test_an_unknown_kind_cannot_be_kept() -> None:
    with pytest.raises(ValueError, match="unheard_of"):
        own_reason("unheard_of")


def test_an_explanation_puts_no_brackets_around_brackets() -> None:
    row = Installation(reason=Installation.Reason.TOKEN_DEAD, reason_detail=META)
    assert row.explanation.endswith(f" {META}")
    row.reason_detail = own_reason("expired")
    assert row.explanation.endswith(" (The token has expired.)")
    row.reason_detail = ""
    assert not row.explanation.endswith(" ")
