"""The admin of what readiness stands on."""

from django.contrib import admin

from golive.readiness.watched_admin import WatchedAppAdmin, WatchedEntryPointAdmin
from onboarding.models import EntryPoint
from partners.models import MetaApp

admin.site.register(MetaApp, WatchedAppAdmin)
admin.site.register(EntryPoint, WatchedEntryPointAdmin)
