"""Making the checks of an app, keeping what they find, and finding the apps whose turn it is."""

import logging
from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, Q
from django.utils.timezone import now

from golive.readiness.ground import Ground, Paused
from golive.readiness.models import Check, CheckChange
from golive.readiness.registry import CheckKind, applying
from golive.readiness.results import Result
from mbe.errors import GraphError, UnreadableBody
from partners.encryption import UnknownKey
from partners.models import MetaApp
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
PAUSED = "paused"


def check_app(partner_id: int, meta_app_id: int) -> bool:
    """Make all checks of one app; False, and word of it, where the partner has no such app."""
    with tenant(partner_id):
        app = MetaApp.objects.filter(partner=partner_id, pk=meta_app_id).first()
    if app is None:
        logger.warning("no app %s of partner %s is to be checked", meta_app_id, partner_id)
        return False
    ground = Ground(app)
    for kind, subject in applying(app):
        _keep(app, kind, subject, _made(ground, kind, subject))
    return True


def ask_for(app: MetaApp) -> None:
    """Let the app be checked as soon as a worker is free; call it inside `tenant`."""
    kinds = [(kind.key, subject) for kind, subject in applying(app)]
    rows = [Check(partner_id=app.partner_id, meta_app=app, key=key, subject=subject) for key, subject in kinds]
    Check.objects.bulk_create(rows, ignore_conflicts=True)
    Check.objects.filter(meta_app=app).update(asked_at=now())


def due() -> list[tuple[int, int]]:
    """The apps (partner, app) that somebody asks about, or whose last check is a day old."""
    with platform():
        asked = Exists(Check.objects.filter(meta_app=OuterRef("pk"), asked_at__isnull=False))
        apps = MetaApp.objects.annotate(last_at=Max("checks__checked_at"), is_asked_for=asked)
        rows = apps.filter(Q(is_asked_for=True) | Q(last_at=None) | Q(last_at__lt=now() - EVERY))
        return list(rows.order_by("pk").values_list("partner_id", "pk"))


def _made(ground: Ground, kind: CheckKind, subject: str) -> Result | str:
    """What the check found, or why it could not be made now."""
    try:
        return kind.run(ground, subject)
    except Paused:
        return PAUSED
    except GraphError as error:
        ground.heed(error)
        return str(error)[:500]
    except (UnknownKey, UnreadableBody) as error:
        return str(error)[:500]


def _keep(app: MetaApp, kind: CheckKind, subject: str, found: Result | str) -> None:
    with tenant(app.partner_id):
        about = {"partner_id": app.partner_id, "meta_app": app, "key": kind.key, "subject": subject}
        Check.objects.bulk_create([Check(**about)], ignore_conflicts=True)
        row = Check.objects.select_for_update().get(**about)
        row.asked_at = None
        if isinstance(found, str):
            row.problem = found
        else:
            _change(row, found)
        row.save()


def _change(row: Check, found: Result) -> None:
    moment = now()
    if found.state != row.state:
        CheckChange.objects.create(
            partner_id=row.partner_id,
            check_row=row,
            changed_at=moment,
            before=row.state,
            after=found.state,
            step=found.step,
            evidence=found.evidence,
        )
        row.since = moment
    row.state, row.step, row.evidence = found.state, found.step, found.evidence
    row.problem, row.checked_at = "", moment
