"""The addresses of feature menus."""

from django.urls import path

from golive.menus import views
from golive.pages import staff_page

urlpatterns = [
    path("menus/<int:meta_app_id>/", staff_page(views.menus), name="golive-menus"),
    path("menu-picture/<int:confirmation_id>/", staff_page(views.picture), name="golive-menu-picture"),
]
