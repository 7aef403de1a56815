"""App secrets come and go without a lost webhook: the one before the newest verifies until somebody retires it."""

from django.utils import timezone

from partners.encryption import UnknownKey, seal
from partners.models import MetaApp


def replace_secret(app: MetaApp, secret: str) -> bool:
    """Give the app, which the caller saves in the same transaction, this secret; True when another one became previous.

    A still earlier one ends with it. The same secret again changes nothing, and one that no key opens any more is not
    worth keeping.
    """
    kept = _kept(app)
    if kept is not None:
        try:
            if kept.secret == secret:
                return False
            app.sealed_previous_secret, app.secret_replaced_at = kept.sealed_secret, timezone.now()
        except UnknownKey:
            kept = None
    app.sealed_secret = seal(secret)
    return kept is not None


def retire_previous_secret(app: MetaApp) -> None:
    """Let the previous secret verify nothing any more."""
    MetaApp.objects.filter(pk=app.pk).update(sealed_previous_secret=None)


def _kept(app: MetaApp) -> MetaApp | None:
    """The app as it is now, held until the end of the transaction; None for one that is new."""
    rows = MetaApp.objects.select_for_update().only("sealed_secret", "sealed_previous_secret")
    return None if app.pk is None else rows.filter(pk=app.pk).first()
