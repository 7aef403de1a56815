"""The addresses of the cockpit."""

from django.urls import path

from golive.cockpit import views
from golive.cockpit.channel_views import channels
from golive.cockpit.link_views import links
from golive.cockpit.mixed_views import mixed
from golive.cockpit.parity_views import parities
from golive.pages import staff_page

urlpatterns = [
    path("", staff_page(views.apps), name="golive-cockpits"),
    path("cockpit/<int:meta_app_id>/", staff_page(views.cockpit), name="golive-cockpit"),
    path("cockpit/<int:meta_app_id>/channels/", staff_page(channels), name="golive-cockpit-channels"),
    path("cockpit/<int:meta_app_id>/links/", staff_page(links), name="golive-cockpit-links"),
    path("cockpit/<int:meta_app_id>/mixed/", staff_page(mixed), name="golive-cockpit-mixed"),
    path("cockpit/<int:meta_app_id>/parities/", staff_page(parities), name="golive-cockpit-parities"),
    path("cockpit/<int:meta_app_id>/<slug:group>/", staff_page(views.businesses), name="golive-cockpit-businesses"),
]
