from django.urls import re_path

from webhooks import views

urlpatterns = [
    re_path(r"^webhooks/meta/(?P<app_id>[0-9A-Za-z_-]{1,32})/$", views.meta, name="meta-webhook"),
]
