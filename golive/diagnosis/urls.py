"""The address of the diagnosis."""

from django.urls import path

from golive.diagnosis.views import diagnosis
from golive.pages import staff_page

urlpatterns = [path("diagnosis/<int:business_id>/", staff_page(diagnosis), name="golive-diagnosis")]
