"""The address of the comparison."""

from django.urls import path

from golive.pages import staff_page
from golive.side_by_side import views

urlpatterns = [path("side-by-side/<int:meta_app_id>/", staff_page(views.side_by_side), name="golive-side-by-side")]
