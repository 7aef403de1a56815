"""Permissions: what a token was granted, what a merchant withheld, and what Meta says where one is missing."""

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
from sandbox.graph_answers import GraphRefusal, error
from sandbox.installing import ADDED
from sandbox.model import AccessToken, Connection

_REFUSED_WITH_200 = ("pages_", "leads_retrieval")


def granted_scopes(connection: Connection, token: AccessToken) -> list[str]:
    """What `debug_token` shows: what the token was given for, without what is withheld.

    Who adds a feature outside of the dialog grants there what it needs, to every token.
    """
    added = [one.feature_type for one in connection.features if ADDED in one.sources]
    known = (FEATURE_TYPES.get(canonical_feature_type(name)) for name in added)
    scopes = [*token.scopes, *(scope for feature_type in known if feature_type for scope in feature_type.scopes)]
    return [scope for scope in dict.fromkeys(scopes) if scope not in connection.withheld_scopes]


def require_scope(connection: Connection, token: AccessToken, *any_of: str) -> None:
    """Refuse a call unless one of these permissions is granted to its token."""
    if not {*any_of}.intersection(granted_scopes(connection, token)):
        code = 200 if any_of[0].startswith(_REFUSED_WITH_200) else 10
        raise GraphRefusal(error(403, code, f"Requires {' or '.join(any_of)} permission"))
