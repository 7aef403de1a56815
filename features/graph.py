"""The one place where a Graph client is made."""

import threading

from django.conf import settings

from mbe.graph import GraphClient
from mbe.transport import new_session
from partners.models import MetaApp

_thread = threading.local()


def client_for(meta_app: MetaApp) -> GraphClient:
    """A client for this app's calls; a thread's clients share one session and so its open connections."""
    if not hasattr(_thread, "session"):
        _thread.session = new_session()
    return GraphClient(
        graph_url=settings.META_GRAPH_URL,
        version=settings.META_GRAPH_VERSION,
        app_id=meta_app.app_id,
        app_secret=meta_app.secret,
        timeout=settings.META_TIMEOUT,
        session=_thread.session,
    )
