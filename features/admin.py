"""The admin of what is installed: all of it is Meta's, so people read, and ask for a sync."""

from django.contrib import admin

from features.change_admin import ChangeAdmin
from features.feature_admin import FeatureAdmin
from features.installation_admin import InstallationAdmin
from features.models import Change, Feature, Installation

admin.site.register(Installation, InstallationAdmin)
admin.site.register(Feature, FeatureAdmin)
admin.site.register(Change, ChangeAdmin)
