"""The way to Meta's management view of an installation (mbe-v3 §4)."""

from django.conf import settings

from features.models import AccessToken, Feature, Installation, MbeVersion
from mbe.links import management_url as build
from mbe.links import v2_management_url


def management_url(installation: Installation) -> str:
    """The address of the management view; empty without a connection, a Page or a Business Manager.

    A connection that is still on v2 has v2's, which needs neither Page nor Business Manager; so has an imported one of
    which Meta has not told anything yet.

    It also helps a business whose token we lost: at Meta its features are still there.
    """
    if installation.state not in (Installation.State.CONNECTED, Installation.State.RECONNECT):
        return ""
    if installation.mbe_version == MbeVersion.V2 or _was_only_imported(installation):
        return v2_management_url(
            settings.META_DIALOG_URL,
            app_id=installation.meta_app.app_id,
            external_business_id=installation.business.external_business_id,
        )
    page_id = page_of(installation)
    if not page_id or not installation.business_manager_id:
        return ""
    return build(
        settings.META_MANAGEMENT_URL,
        app_id=installation.meta_app.app_id,
        external_business_id=installation.business.external_business_id,
        business_manager_id=installation.business_manager_id,
        page_id=page_id,
    )


def _was_only_imported(installation: Installation) -> bool:
    """Whether all that is known comes from a file, and so from v2: Meta has answered nothing, as with a dead token."""
    return (
        not installation.mbe_version
        and AccessToken.objects.filter(installation=installation, is_imported=True).exists()
    )


def page_of(installation: Installation) -> str:
    """A Page of the installation: a feature's own wins over the top-level list; empty without any."""
    assets = (
        Feature.objects.filter(installation=installation, removed_at=None, connected_assets__has_key="page_id")
        .order_by("pk")
        .values_list("connected_assets__page_id", flat=True)
        .first()
    )
    pages = installation.assets.get("pages") or [""]
    return str(assets or pages[0])
