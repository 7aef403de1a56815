"""Admins whose changes the domain makes, and records itself."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from partners.tenant_admin import TenantAdmin


class RecordedAdmin(TenantAdmin):
    """Leaves the audit log to the domain."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: it is written."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: it is written."""

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        """Write nothing: it will be written."""
