"""The sandbox Meta as measurements turn it, over its control API."""

from typing import Any

import requests
from django.conf import settings

_session = requests.Session()


def call(method: str, path: str, **body: Any) -> Any:
    """Call the control API; whatever is not 200 raises."""
    answer = _session.request(method, f"{settings.META_GRAPH_URL}/sandbox/api/{path}", json=body or None, timeout=120)
    answer.raise_for_status()
    return answer.json()


def counters() -> dict[str, Any]:
    """What was asked of it since the counters were forgotten."""
    # The businesses themselves would take longer to send than what is measured.
    return dict(call("get", "state?external_business_id=none"))


def forget_counters() -> None:
    """Set the counters to zero."""
    call("post", "reset", only=["counters"])


def turn(**graph_knobs: Any) -> None:
    """Turn the knobs of the Graph API; without any, all as they were."""
    if graph_knobs:
        call("put", "knobs", graph=graph_knobs)
    else:
        call("delete", "knobs")
