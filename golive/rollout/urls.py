"""The addresses of rollouts."""

from django.urls import path

from golive.pages import staff_page
from golive.rollout.views import rollout

urlpatterns = [path("rollout/<int:entry_point_id>/", staff_page(rollout), name="golive-rollout")]
