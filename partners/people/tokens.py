"""Random texts that open something once; the portal keeps their hashes only."""

import hashlib
import secrets


def new_token() -> str:
    """Make a random text for an address: 43 letters, 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """Give the hash by which a random text is known again."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
