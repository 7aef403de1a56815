"""Bodies about Pages: counted, and kept out of the inbox, which is for what is installed."""

from features.activation import page_notices
from mbe.page_notices import count_page_notices
from webhooks.endpoint import KnownApp


def are_counted(app: KnownApp, body: bytes) -> bool:
    """Count the notices of a verified body that is about Pages; False for any other, which is for the inbox."""
    counted = count_page_notices(body)
    if counted is None:
        return False
    page_notices.add(app.partner_id, app.pk, counted)
    return True
