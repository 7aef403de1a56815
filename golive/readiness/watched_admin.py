"""Meta apps and entry points in the admin, with an eye on what readiness stands on."""

from contextlib import nullcontext
from typing import Any

from django.http import HttpRequest

from golive.readiness.watching import watching
from onboarding.entry_point_admin import EntryPointAdmin
from onboarding.models import EntryPoint
from partners.models import MetaApp
from webhooks.app_admin import MetaAppAdmin


class WatchedAppAdmin(MetaAppAdmin):
    """Has those checks made again at once that look at what somebody changes; a new app is checked anyway."""

    def save_model(self, request: HttpRequest, obj: MetaApp, form: Any, change: bool) -> None:
        """Save it under watch."""
        with watching(obj) if change else nullcontext():
            super().save_model(request, obj, form, change)


class WatchedEntryPointAdmin(EntryPointAdmin):
    """Has the checks made again of the app by which merchants came; by a new entry point nobody came yet."""

    def save_model(self, request: HttpRequest, obj: EntryPoint, form: Any, change: bool) -> None:
        """Save it while the app that it had is watched."""
        kept = EntryPoint.objects.select_related("meta_app").get(pk=obj.pk) if change else None
        with watching(kept.meta_app) if kept else nullcontext():
            super().save_model(request, obj, form, change)
