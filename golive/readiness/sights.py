"""What the checks look at of what people set in the portal: each of these tells of one app."""

from partners.encryption import UnknownKey
from partners.models import MetaApp


def secret(app: MetaApp) -> object:
    """What calls are signed with; None where no key opens it."""
    try:
        return app.secret
    except UnknownKey:
        return None


def verify_token(app: MetaApp) -> object:
    """What Meta has to ask with at a handshake; None where no key opens it."""
    try:
        return app.verify_token
    except UnknownKey:
        return None


def features(app: MetaApp) -> object:
    """What is offered, in no order."""
    return {*app.features}


def sign_in(app: MetaApp) -> object:
    """Whether merchants can start at Meta."""
    return bool(app.sign_in_url)


def scopes(app: MetaApp) -> object:
    """What each entry point asks for."""
    return {each.pk: {*each.scopes} for each in app.entry_points.all()}
