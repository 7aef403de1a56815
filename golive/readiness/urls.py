"""The addresses of readiness."""

from django.urls import path

from golive.pages import staff_page
from golive.readiness import views

urlpatterns = [
    path("readiness/", staff_page(views.apps), name="golive-readiness-apps"),
    path("readiness/<int:meta_app_id>/", staff_page(views.readiness), name="golive-readiness"),
]
