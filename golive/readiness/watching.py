"""Having checks made again, without anybody's asking, where what they look at is changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from golive.readiness.registry import CHECKS, applying
from golive.readiness.running import ask_for
from partners.models import MetaApp
from partners.tenancy import tenant

SIGHTS = {look for kind in CHECKS for look in kind.sights}


@contextmanager
def watching(app: MetaApp) -> Iterator[None]:
    """Ask for those checks of the app that look at what the block changes; all of it in the caller's transaction."""
    before = _seen(app)
    yield
    after = _seen(app)
    changed = {look for look in SIGHTS if before[look] != after[look]}
    with tenant(app.partner_id):
        if asked := [each for each in applying(app) if changed.intersection(each[0].sights)]:
            ask_for(app, asked)


def _seen(app: MetaApp) -> dict[Callable[[MetaApp], object], object]:
    """What there is to see of the app as it is kept, which nobody else changes meanwhile."""
    with tenant(app.partner_id):
        kept = MetaApp.objects.select_for_update(no_key=True).get(pk=app.pk)
        return {look: look(kept) for look in SIGHTS}
