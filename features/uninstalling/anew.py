"""The business connects anew while it is being uninstalled: nothing more is sent, and nothing undoes the new."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from features.configuration.wanting import forget_uninstalled
from features.models import AccessToken, Change, Installation
from features.tokens import SENT_BY_META_AT
from features.uninstalling.asking import end
from features.uninstalling.history import note_called_off
from features.uninstalling.models import Uninstall
from features.uninstalling.wake import workers

State = Uninstall.State


def connected_anew(installation: Installation, at: datetime) -> None:
    """Call off what was asked for before the merchant came back from Meta.

    What Meta may have taken already ends with the sync that the return has asked for. Call it inside `tenant`, when
    that sync is asked for.
    """
    locked = Installation.objects.select_for_update().get(pk=installation.pk)
    rows = Uninstall.objects.filter(installation=installation, asked_at__lt=at, connected_anew_at=None)
    unsent = rows.filter(state=State.REQUESTED, sent_at=None)
    for row in unsent:
        note_called_off(row, locked)
    end(unsent, State.CALLED_OFF, Uninstall.Reason.CONNECTED_ANEW, connected_anew_at=at)
    rows.filter(state=State.UNCONFIRMED).update(connected_anew_at=at)
    taken = rows.filter(state__in=Uninstall.OPEN)
    if taken.update(connected_anew_at=at, looked_generation=locked.requested_generation, not_before=None, wait=""):
        # A dead token or an invisible business no longer says that our uninstall has come about.
        Installation.objects.filter(pk=locked.pk).update(uninstall_generation=F("applied_generation"))
        transaction.on_commit(workers.wake)
    forget_uninstalled(installation, at)


def newer_token_at(uninstall: Uninstall) -> datetime | None:
    """When a login's token came from Meta, by whichever way, after this was asked for; None where none did.

    One that an import brought does not count before Meta sends it, too: nobody has signed in for it.
    """
    logins = AccessToken.objects.filter(installation_id=uninstall.installation_id, kind=AccessToken.Kind.LOGIN)
    newer = logins.annotate(sent_at=SENT_BY_META_AT).filter(sent_at__gt=uninstall.asked_at).order_by("-sent_at")
    return newer.values_list("sent_at", flat=True).first()


def has_grown_since(uninstall: Uninstall) -> bool:
    """Whether features have come since Meta said yes to uninstalling the whole.

    Only the merchant installs: the business may have connected anew without a word of it reaching us, and a further
    call would take the new connection away.
    """
    if not uninstall.is_whole or uninstall.acknowledged_at is None:
        return False
    came = Change.objects.filter(installation_id=uninstall.installation_id, kind=Change.Kind.INSTALLED)
    return came.filter(occurred_at__gt=uninstall.acknowledged_at).exists()
