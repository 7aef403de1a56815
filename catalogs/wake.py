"""Those whom the catalogs wake."""

from partners.wake import Waker

POLL_SECONDS = 3

pushers = Waker("catalogs.push_due")
# Meta takes its time over a batch.
pushers_later = Waker("catalogs.push_due", countdown=POLL_SECONDS)
takers = Waker("catalogs.take_due")
fetchers = Waker("catalogs.fetch_feeds")
