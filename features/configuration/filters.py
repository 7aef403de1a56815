"""Filters of lists by configuration."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from features.configuration.models import Wanted
from features.models import Feature


class ConfigurationFilter(admin.SimpleListFilter):
    """Installed features by how Meta's configuration compares with what is wanted."""

    title = _("configuration")
    parameter_name = "configuration"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every status."""
        return list(Wanted.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feature]) -> QuerySet[Feature]:
        """Keep one status."""
        if self.value() not in Wanted.Status.values:
            return queryset
        return queryset.filter(wanted__status=self.value(), removed_at=None)
