"""Meta's notices about connected businesses, as bodies and as whole signed requests."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle, islice

from mbe.signature import sign

APP_ID = "4096000000001"
APP_SECRET = "bench-app-secret"
FEATURES = ("page_cta", "pixel", "catalog")
FIRST_SENT_AT = 1_750_000_000


@dataclass(frozen=True)
class Subject:
    """One connected business: how Meta names it, its living token, and our record."""

    external_business_id: str
    business_manager_id: str
    token: str = field(repr=False)
    installation_id: int


# No two notices of a run are alike, or the inbox would know the second one.
_clock = count(FIRST_SENT_AT)


def bodies(subjects: Iterable[Subject], how_many: int) -> list[bytes]:
    """So many notices, one a body, about the businesses in turn; each was sent at a time of its own."""
    return [_body(subject) for subject in islice(cycle(subjects), how_many)]


def signed_requests(bodies: Iterable[bytes], path: str = f"/webhooks/meta/{APP_ID}/") -> list[bytes]:
    """The bodies as HTTP requests with Meta's headers."""
    return [b"".join(_request(body, path)) for body in bodies]


def _request(body: bytes, path: str) -> Iterator[bytes]:
    headers = {
        "Host": "127.0.0.1",
        "User-Agent": "facebookexternalua",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-Hub-Signature-256": sign(body, APP_SECRET),
    }
    yield f"POST {path} HTTP/1.1\r\n".encode()
    yield from (f"{name}: {value}\r\n".encode() for name, value in headers.items())
    yield b"\r\n" + body


def _body(subject: Subject) -> bytes:
    installed = [
        {
            "feature_instance_id": f"{subject.business_manager_id}{number}",
            "feature_type": feature_type,
            "connected_assets": {"page_id": f"1{subject.business_manager_id}"},
            "additional_info": [],
        }
        for number, feature_type in enumerate(FEATURES)
    ]
    value = {
        "business_id": subject.external_business_id,
        "fbe_event": "UPDATE",
        "access_token": subject.token,
        "business_manager_id": subject.business_manager_id,
        "ad_account_id": "0",
        "onsite_eligible": False,
        "pages": [f"1{subject.business_manager_id}"],
        "token_type": "User",
        "installed_features": installed,
    }
    change = {"field": "fbe_install", "value": value}
    entry = {"id": subject.business_manager_id, "time": next(_clock), "changes": [change]}
    return json.dumps({"object": "user", "entry": [entry]}).encode()
