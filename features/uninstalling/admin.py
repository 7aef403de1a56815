"""The admin of uninstalls."""

from django.contrib import admin

from features.uninstalling.models import Uninstall
from features.uninstalling.uninstall_admin import UninstallAdmin

admin.site.register(Uninstall, UninstallAdmin)
