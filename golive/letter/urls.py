"""The addresses of the letter."""

from django.urls import path

from golive.letter import views
from golive.pages import staff_page

urlpatterns = [
    path("letter/<int:meta_app_id>/", staff_page(views.letter), name="golive-letter"),
    path("letter/<int:meta_app_id>/download/", staff_page(views.letter_file), name="golive-letter-file"),
]
