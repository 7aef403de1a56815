"""Wanting the same of many features, each with its own business in the addresses."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from features.configuration.bulk import is_news, values_for
from features.configuration.feature_pages import changes_between
from features.configuration.standing import wanted_of
from features.configuration.wanting import Outdated, want
from features.models import Feature
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.tenancy import tenant


def set_all(request: HttpRequest, features: Sequence[Feature], values: Mapping[str, Any]) -> list[Feature]:
    """Want these values of features of one partner, and record it; the features that somebody changed meanwhile."""
    left_out = []
    by = By.request(request)
    with tenant(features[0].partner_id):
        for feature in features:
            before, own = wanted_of(feature), values_for(feature, values)
            if not is_news(feature, own):
                continue
            try:
                wanted = want(feature, own, by=by.name, version=before.version if before else None)
            except (Outdated, ValueError):
                left_out.append(feature)
                continue
            changes = changes_between(before.values if before else {}, wanted.values)
            record(Action.CHANGED, feature, by=by, changes=changes)
    return left_out
