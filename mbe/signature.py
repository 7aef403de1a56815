"""What Meta and the portal sign: webhook bodies and proofs that a token belongs to an app."""

import hashlib
import hmac


def sign(body: bytes, secret: str) -> str:
    """Give the ``X-Hub-Signature-256`` header for a raw body: ``sha256=`` and the HMAC in lower-case hex."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_valid(body: bytes, header: str | None, secret: str) -> bool:
    """Say whether the header signs exactly these bytes with this secret; compares in constant time, never raises.

    No header, a malformed one and an empty secret are all invalid.
    """
    if not header or not secret:
        return False
    return hmac.compare_digest(sign(body, secret).encode(), header.encode("ascii", "replace"))


def appsecret_proof(token: str, secret: str) -> str:
    """Give the ``appsecret_proof`` that goes beside a token: HMAC-SHA256 of the token with the app's secret, in hex."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
