"""Those whom the engine wakes."""

from django.conf import settings

from partners.wake import PAUSE_SECONDS, Waker

workers = Waker("features.sync_due")
# Hints of webhooks are due once they have been quiet.
workers_when_quiet = Waker("features.sync_due", countdown=settings.WEBHOOK_QUIET_SECONDS + PAUSE_SECONDS)
