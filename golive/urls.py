"""The addresses of the room: all below the admin's, whose gate they share."""

from django.urls import URLPattern

from golive.cockpit.urls import urlpatterns as cockpit_urls
from golive.diagnosis.urls import urlpatterns as diagnosis_urls
from golive.letter.urls import urlpatterns as letter_urls
from golive.menus.urls import urlpatterns as menu_urls
from golive.migration.urls import urlpatterns as migration_urls
from golive.readiness.urls import urlpatterns as readiness_urls
from golive.rollout.urls import urlpatterns as rollout_urls
from golive.side_by_side.urls import urlpatterns as side_by_side_urls

urlpatterns: list[URLPattern] = [
    *cockpit_urls,
    *rollout_urls,
    *migration_urls,
    *menu_urls,
    *letter_urls,
    *diagnosis_urls,
    *readiness_urls,
    *side_by_side_urls,
]
