"""The admin of the audit log."""

from django.contrib import admin

from partners.audit.entry_admin import AuditEntryAdmin
from partners.audit.export_admin import AuditExportAdmin
from partners.audit.models import AuditEntry, AuditExport

admin.site.register(AuditEntry, AuditEntryAdmin)
admin.site.register(AuditExport, AuditExportAdmin)
