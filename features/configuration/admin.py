"""The admin of pushes: plans that people make, and what came of them."""

from django.contrib import admin

from features.configuration.models import Push, PushRun
from features.configuration.push_admin import PushAdmin
from features.configuration.run_admin import PushRunAdmin

admin.site.register(Push, PushAdmin)
admin.site.register(PushRun, PushRunAdmin)
