"""From what is wrong with single features to what that means for the business."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from features.admin_shows import feature_label
from features.models import Feature
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Remedy, broken, ok, weak


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one feature."""

    feature: Feature
    text: str
    seen: Sequence[str] = ()
    helps: Sequence[Remedy] = ()


def judged(case: Case, looked_at: Sequence[Feature], troubles: Sequence[Trouble], fine: str) -> Finding:
    """Broken by the first trouble of a type that the business came for, unless another feature of it is all right."""
    if not troubles:
        return ok(fine, named(looked_at))
    troubled = {each.feature.pk for each in troubles}
    works = {each.feature_type for each in looked_at if each.pk not in troubled}
    heavy = [
        each
        for each in troubles
        if case.is_needed(each.feature.feature_type) and each.feature.feature_type not in works
    ]
    first = (heavy or list(troubles))[0]
    say = broken if heavy else weak
    text = _("%(feature)s: %(text)s") % {"feature": feature_label(first.feature.feature_type), "text": first.text}
    return say(text, *first.seen, _others(len(troubles) - 1), helps=first.helps)


def named(rows: Sequence[Feature]) -> str:
    return ", ".join(dict.fromkeys(feature_label(each.feature_type) for each in rows))


def _others(count: int) -> str:
    text = ngettext("%(count)s more feature has trouble.", "%(count)s more features have trouble.", count)
    return text % {"count": count} if count else ""
