"""The one place where clients of the Graph API are made."""

import threading
from typing import TypeVar

from django.conf import settings

from mbe.assets import AssetClient
from mbe.calling import GraphCaller
from mbe.graph import GraphClient
from mbe.subscriptions import AppClient
from mbe.transport import new_session
from partners.models import MetaApp

_thread = threading.local()

Client = TypeVar("Client", bound=GraphCaller)


def client_for(meta_app: MetaApp) -> GraphClient:
    """A client for this app's calls; a thread's clients share one session and so its open connections."""
    return _client(GraphClient, meta_app)


def assets_for(meta_app: MetaApp) -> AssetClient:
    """A client for this app's calls about single assets."""
    return _client(AssetClient, meta_app)


def app_calls_for(meta_app: MetaApp) -> AppClient:
    """A client for calls about the app itself."""
    return _client(AppClient, meta_app)


def _client(kind: type[Client], meta_app: MetaApp) -> Client:
    if not hasattr(_thread, "session"):
        _thread.session = new_session()
    return kind(
        graph_url=settings.META_GRAPH_URL,
        version=settings.META_GRAPH_VERSION,
        app_id=meta_app.app_id,
        app_secret=meta_app.secret,
        timeout=settings.META_TIMEOUT,
        session=_thread.session,
    )
