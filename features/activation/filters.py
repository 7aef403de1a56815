"""Filters of lists by activation."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from features.activation.models import Activation
from features.models import Feature


class ActivationFilter(admin.SimpleListFilter):
    """Features by how far their activation is."""

    title = _("activation")
    parameter_name = "activation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every state."""
        return list(Activation.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feature]) -> QuerySet[Feature]:
        """Keep one state."""
        return queryset.filter(activation__state=self.value()) if self.value() in Activation.State.values else queryset
