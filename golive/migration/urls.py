"""The addresses of imports."""

from django.urls import path

from golive.migration import views
from golive.pages import staff_page

urlpatterns = [
    path("imports/<int:meta_app_id>/", staff_page(views.imports), name="golive-imports"),
    path("import/<int:import_id>/", staff_page(views.one_import), name="golive-import"),
    path("import/<int:import_id>/rejected/", staff_page(views.rejected), name="golive-import-rejected"),
]
