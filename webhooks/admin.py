"""The admin of what Meta sends."""

from django.contrib import admin

from webhooks.delivery_admin import DeliveryAdmin
from webhooks.models import DeliveredNotice, Delivery
from webhooks.notice_admin import NoticeAdmin

admin.site.register(Delivery, DeliveryAdmin)
admin.site.register(DeliveredNotice, NoticeAdmin)
