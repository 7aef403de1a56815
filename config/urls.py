"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config import health

urlpatterns = [
    path("", include("webhooks.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("onboarding.urls")),
    path("account/", include("partners.people.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/golive/", include("golive.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "config.failing.failed"
