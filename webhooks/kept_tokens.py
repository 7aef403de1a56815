"""The tokens of notices whose body has been rid of them: found again in the encrypted columns that they moved to."""

from features.models import AccessToken
from mbe.events import Notice
from partners.encryption import unseal
from webhooks.models import DeliveredNotice, Delivery


class KeptTokens:
    """Knows, for the notices of a sweep that came without their token, where it is; looked up once for all."""

    def __init__(self, parsed: list[tuple[Delivery, list[Notice]]]) -> None:
        without = [
            (delivery, notice)
            for delivery, notices in parsed
            for notice in notices
            if notice.token_fingerprint and not notice.access_token
        ]
        self._waiting = self._of_notices(without) if without else {}
        self._in_use = self._of_installations(without) if without else {}

    def of(self, delivery: Delivery, notice: Notice) -> str:
        """The token that came with the notice, in the clear; empty when none did, or newer ones took its place.

        Raises `UnknownKey` when it is there and no key opens it.
        """
        sealed = self._waiting.get((delivery.meta_app_id, notice.digest))
        sealed = sealed or self._in_use.get((delivery.meta_app_id, notice.token_fingerprint))
        return unseal(sealed) if sealed else ""

    @staticmethod
    def _of_notices(pairs: list[tuple[Delivery, Notice]]) -> dict[tuple[int, str], bytes]:
        """Notices that wait for their business have it; one and the same digest means the same token."""
        rows = DeliveredNotice.objects.filter(
            meta_app__in={delivery.meta_app_id for delivery, _ in pairs},
            digest__in={notice.digest for _, notice in pairs},
            sealed_token__isnull=False,
        )
        columns = ("meta_app", "digest", "sealed_token")
        return {(app, digest): bytes(sealed or b"") for app, digest, sealed in rows.values_list(*columns)}

    @staticmethod
    def _of_installations(pairs: list[tuple[Delivery, Notice]]) -> dict[tuple[int, str], bytes]:
        """Installations of the same app have it."""
        rows = AccessToken.objects.filter(
            partner__in={delivery.partner_id for delivery, _ in pairs},
            fingerprint__in={notice.token_fingerprint for _, notice in pairs},
            installation__meta_app__in={delivery.meta_app_id for delivery, _ in pairs},
        )
        columns = ("installation__meta_app", "fingerprint", "sealed")
        return {(app, fingerprint): bytes(sealed) for app, fingerprint, sealed in rows.values_list(*columns)}
