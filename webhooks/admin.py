"""The admin of what Meta sends, and of the apps to which it sends it."""

from django.contrib import admin

from partners.models import MetaApp
from webhooks.app_admin import MetaAppAdmin
from webhooks.delivery_admin import DeliveryAdmin
from webhooks.models import DeliveredNotice, Delivery
from webhooks.notice_admin import NoticeAdmin

admin.site.register(MetaApp, MetaAppAdmin)
admin.site.register(Delivery, DeliveryAdmin)
admin.site.register(DeliveredNotice, NoticeAdmin)
